"""Writing what leaves the house: never over another file unasked, never half."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from api.errors import CommandError, Exit
from api.intake.names import name_faults

if TYPE_CHECKING:
    from ledger.handle import Ledger
    from verifier.verify_files import KnownFile


def write_new(path: Path, data: bytes, *, force: bool) -> None:
    """Whole or not at all. Raises CommandError OUT_EXISTS, OSError."""
    if path.exists() and not force:
        raise CommandError(
            "OUT_EXISTS",
            f"{path} 已存在,没有覆盖。请换个文件名,或加 --force。",
            f"{path} exists and is not overwritten. Choose another name, or add --force.",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        new.write_bytes(data)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


@dataclass(frozen=True)
class Leaving:
    """A file that is to be written at `target`; `source`: where the store has it."""

    record: str
    known: KnownFile
    source: Path
    target: Path


@dataclass(frozen=True)
class LeftOut:
    """A file of the record that is not written. `why`: DESTROYED, by `statement`, ERASED or WITHHELD."""

    record: str
    name: str
    why: str
    statement: str | None


DESTROYED, ERASED, WITHHELD = "destroyed", "erased", "withheld"


def files_leaving(
    ledger: Ledger, records: Sequence[str], evidence: bytes, folder: Path
) -> tuple[tuple[Leaving, ...], tuple[LeftOut, ...]]:
    """The records' current files as the evidence tells them, by name; of several records in a folder each.
    Beside them those that cannot be given.

    Nothing is written yet. Raises CommandError FILE_NOT_HELD, OUT_EXISTS.
    """
    from api.lookup import record_files
    from api.shown_name import shown_name

    found: list[Leaving] = []
    left_out: list[LeftOut] = []
    for record in records:
        place = folder if len(records) == 1 else folder / record
        shown = record_files(record, evidence)
        gone = _gone(ledger, record)
        left_out += [LeftOut(record, one.name, *_why(one)) for one in gone]
        contents = {one.content for one in gone}
        for number, file in enumerate(shown.current):
            if file.content is None:
                left_out.append(LeftOut(record, file.name, WITHHELD, None))
            if file.content is None or file.content in contents:
                continue
            name = shown_name(file) if file.name and not _unsafe(file.name) else f"{number + 1:03d}"
            target = place / name
            if target.exists():
                raise CommandError(
                    "OUT_EXISTS",
                    f"{target} 已存在,没有覆盖。请换一个空目录。",
                    f"{target} exists and is not overwritten. Choose an empty folder.",
                )
            found.append(Leaving(record, file, _held(ledger, file.content.digests.sha256, name), target))
    return tuple(found), tuple(left_out)


def _gone(ledger: Ledger, record: str) -> tuple[KnownFile, ...]:
    """What was destroyed or erased, though it be not anchored yet, so that the evidence does not show it.
    What was brought again since is there."""
    from api.lookup import files_now
    from ledger.query import record_steps
    from verifier.custody_keeping import WITNESS
    from verifier.verify_files import ERASE_FILES

    if not any(step.event in (WITNESS, ERASE_FILES) for step in record_steps(ledger, record)):
        return ()
    now = files_now(ledger, record)
    there = {one.content for one in now.current} - {None}
    return tuple(one for one in now.erased if one.content not in there)


def _why(gone: KnownFile) -> tuple[str, str | None]:
    return (DESTROYED if gone.destroyed_by else ERASED), gone.destroyed_by


def write_files(leaving: Sequence[Leaving]) -> tuple[Path, ...]:
    for one in leaving:
        one.target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(one.source, one.target)
    return tuple(one.target for one in leaving)


def _unsafe(name: str) -> bool:
    """Whether a recorded name could lead out of the folder, or cannot be a name there."""
    parts = name.split("/")
    return any(part in ("", ".", "..") for part in parts) or name.startswith("/") or bool(name_faults(name))


def _held(ledger: Ledger, sha256: bytes, name: str) -> Path:
    from ledger.files import stored_files

    for stored in stored_files(ledger, sha256):
        if stored.path.is_file():
            return stored.path
    raise CommandError(
        "FILE_NOT_HELD",
        f"本机没有文件“{name}”的内容({sha256.hex()[:16]}…)。请从保管处取得该文件。",
        f"The content of '{name}' ({sha256.hex()[:16]}…) is not kept here. Get it from where it is held.",
        Exit.DATA,
    )
