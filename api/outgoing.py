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


def files_leaving(
    ledger: Ledger, records: Sequence[str], evidence: bytes, folder: Path
) -> tuple[Leaving, ...]:
    """The records' current files as the evidence tells them, by name; of several records in a folder each.

    Nothing is written yet. Raises CommandError FILE_NOT_HELD, OUT_EXISTS.
    """
    from api.lookup import record_files
    from api.shown_name import shown_name

    found: list[Leaving] = []
    for record in records:
        place = folder if len(records) == 1 else folder / record
        for number, file in enumerate(record_files(record, evidence).current):
            if file.content is None:
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
    return tuple(found)


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
