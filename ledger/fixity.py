"""Fixity: every stored file is hashed again and compared with what was recorded when it came in."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from sqlalchemy import Connection, func, insert, select

from ledger.files import LIVE, resolve
from ledger.handle import Ledger
from ledger.store.engine import reading, writing
from ledger.store.rows import AnyRow
from ledger.store.tables import file, fixity
from verifier.digests import CHUNK, Digests, both_of_chunks
from verifier.shape import instant_of

# (files done, files in all, path of the one just done)
Progress: TypeAlias = Callable[[int, int, str], None]
_AT_ONCE = 200


class FixityResult(StrEnum):
    SAME = "same"
    CHANGED = "changed"
    MISSING = "missing"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class CheckedFile:
    """`sha256`: as recorded. `found`: for a changed file "size sha256 sm3", for an unreadable one why."""

    sha256: bytes
    path: Path
    result: FixityResult
    found: str


@dataclass(frozen=True)
class FixityReport:
    checked: int
    problems: tuple[CheckedFile, ...]


def check_fixity(ledger: Ledger, progress: Progress = lambda done, total, path: None) -> FixityReport:
    """Hash every file once, record each result, report those that are not the same."""
    with reading(ledger.engine) as connection:
        total = connection.execute(select(func.count()).where(file.c.mode.in_(LIVE))).scalar() or 0
    done, problems, waiting = 0, [], []
    for one, path in hash_files(ledger):
        done += 1
        waiting.append((one, path))
        if one.result is not FixityResult.SAME:
            problems.append(one)
        if len(waiting) >= _AT_ONCE:
            record_checks(ledger, waiting)
            waiting = []
        progress(done, total, str(one.path))
    record_checks(ledger, waiting)
    return FixityReport(done, tuple(problems))


def hash_files(ledger: Ledger) -> Iterator[tuple[CheckedFile, str]]:
    """Each stored file with what became of it, and its path as the store has it; nothing is recorded."""
    after: tuple[bytes, str] = (b"", "")
    while True:
        # Between portions no transaction is open: hashing terabytes must not hold the store.
        with reading(ledger.engine) as connection:
            rows = _portion(connection, after)
        if not rows:
            return
        for row in rows:
            expected = (row.size, Digests(row.sha256, row.sm3))
            path = resolve(ledger.paths, row.mode, row.path)
            yield CheckedFile(row.sha256, path, *compare(path, *expected)), row.path
        after = (rows[-1].sha256, rows[-1].path)


def compare(path: Path, size: int, digests: Digests) -> tuple[FixityResult, str]:
    """What the file at `path` is now, measured against size and digests."""
    try:
        with path.open("rb") as reader:
            found, octets = both_of_chunks(iter(lambda: reader.read(CHUNK), b""))
    except FileNotFoundError:
        return FixityResult.MISSING, ""
    except OSError as error:
        return FixityResult.UNREADABLE, os.strerror(error.errno or 0)
    if (octets, found) == (size, digests):
        return FixityResult.SAME, ""
    return FixityResult.CHANGED, f"{octets} {found.sha256.hex()} {found.sm3.hex()}"


def _portion(connection: Connection, after: tuple[bytes, str]) -> list[AnyRow]:
    beyond = (file.c.sha256 > after[0]) | ((file.c.sha256 == after[0]) & (file.c.path > after[1]))
    query = (
        select(file).where(beyond, file.c.mode.in_(LIVE)).order_by(file.c.sha256, file.c.path).limit(_AT_ONCE)
    )
    return list(connection.execute(query).all())


def record_checks(ledger: Ledger, checked: list[tuple[CheckedFile, str]]) -> None:
    if not checked:
        return
    now = instant_of(ledger.now())
    rows = [
        {"sha256": c.sha256, "path": path, "checked_at": now, "result": c.result.value, "found": c.found}
        for c, path in checked
    ]
    with writing(ledger.engine) as connection:
        connection.execute(insert(fixity), rows)
