"""What its operator decided of a ledger's own promises: one line each, in the order in which it was decided.

The line is on the disk before the decision takes effect; one that did not (the process was killed between) is
made again, and stands twice.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass

from ledger.durable import sync_folder
from ledger.paths import LedgerPaths
from verifier.errors import LedgerError, found_text

SET_ASIDE, TAKEN_UP = "set aside", "taken up"


@dataclass(frozen=True)
class Decision:
    """`kind`: SET_ASIDE or TAKEN_UP. `batch`, `root`: of the batch that was taken back, None where none was;
    `statement`: SHA-256 in hex. `code`, `organisations`: how and by whom it was refused."""

    at: str
    kind: str
    statement: str
    batch: int | None
    root: str | None
    code: str
    organisations: tuple[str, ...]
    reason: str


def decisions(paths: LedgerPaths) -> tuple[Decision, ...]:
    """Raises LedgerError DECISIONS_UNREADABLE."""
    if not paths.decisions.exists():
        return ()
    found = []
    for line in paths.decisions.read_bytes().splitlines():
        try:
            value = json.loads(line)
            found.append(Decision(**{**value, "organisations": tuple(value["organisations"])}))
        except (ValueError, TypeError, KeyError) as error:
            raise LedgerError(
                "DECISIONS_UNREADABLE", str(paths.decisions), found=found_text(str(line))
            ) from error
    return tuple(found)


def stand_aside(paths: LedgerPaths) -> frozenset[str]:
    """Digests, in hex, of the statements whose last decision set them aside."""
    last = {one.statement: one.kind for one in decisions(paths)}
    return frozenset(digest for digest, kind in last.items() if kind == SET_ASIDE)


def note(paths: LedgerPaths, decision: Decision) -> None:
    line = json.dumps(asdict(decision), ensure_ascii=False, sort_keys=True).encode() + b"\n"
    descriptor = os.open(paths.decisions, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        with os.fdopen(descriptor, "wb", closefd=False) as out:
            out.write(line)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    sync_folder(paths.decisions.parent)
