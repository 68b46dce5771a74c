"""An organisation's replica: its own copy of every batch that it vouched for (docs/formats.md section 8).

A copy is a file `<ledger id>/<batch number>/<SHA-256 root>-<SHA-256 of the batch>.json`. It is read as
strictly as anything from outside: whoever hands it to us may have changed it.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ledger.batch import MAX_BATCH, VERSION
from verifier.canonical import base64_bytes, parse
from verifier.digests import sha256
from verifier.errors import EvidenceError, LedgerError
from verifier.report import Reason
from verifier.shape import Members, members

_NAME = re.compile(r"([0-9a-f]{64})-([0-9a-f]{64})\.json\Z")
_MEMBERS = ("certificates", "frontier", "ledger", "links", "marker", "number", "statements", "version")


@dataclass(frozen=True)
class Copy:
    """A file of a replica, not yet read. `root`: the SHA-256 root that its name says it leads to."""

    path: Path
    root: bytes
    digest: bytes


@dataclass(frozen=True)
class CopiedStatement:
    recorded_at: str
    statement: bytes
    items: tuple[bytes, ...]


@dataclass(frozen=True)
class CopiedBatch:
    """`data`: the batch's exact bytes, `members` the same, read. `certificates`: DER by their SHA-256."""

    data: bytes
    members: Members
    certificates: dict[bytes, bytes]
    statements: tuple[CopiedStatement, ...]


class ReplicaNoneError(LedgerError):
    """No copy of the batch counts; `refused` says why those that there are do not."""

    def __init__(self, number: int, refused: Sequence[tuple[Path, Reason]]) -> None:
        found = "; ".join(f"{path}: {reason.code}" for path, reason in refused) or "none"
        super().__init__("REPLICA_NONE", f"batch {number}", "a sound copy", found)
        self.number, self.refused = number, tuple(refused)


def copies(replicas: Iterable[Path], ledger_id: bytes, number: int) -> Iterator[Copy]:
    """The copies of one batch in these replicas, in their order.

    What is no copy by its name (one that is being written) is passed over. Raises LedgerError
    REPLICA_UNREADABLE.
    """
    for replica in replicas:
        folder = replica / ledger_id.hex() / str(number)
        try:
            paths = sorted(folder.iterdir()) if folder.is_dir() else []
        except OSError as error:
            raise LedgerError("REPLICA_UNREADABLE", str(folder), found=error.strerror or "") from error
        for path in paths:
            name = _NAME.match(path.name)
            if name:
                yield Copy(path, bytes.fromhex(name[1]), bytes.fromhex(name[2]))


def read_copy(copy: Copy, ledger_id: bytes, number: int) -> CopiedBatch:
    """The form, and that it is the batch asked for; what it says is judged by whoever restores it.

    Raises EvidenceError REPLICA_UNREADABLE, REPLICA_SIZE, REPLICA_DIGEST, REPLICA_LEDGER, REPLICA_NUMBER, or
    a code of the strict text forms and shapes.
    """
    at = copy.path.name
    data = _read(copy.path)
    if sha256(data) != copy.digest:
        raise EvidenceError("REPLICA_DIGEST", at, copy.digest.hex(), sha256(data).hex())
    m = members(parse(data, at), at, _MEMBERS)
    m.constant("version", VERSION)
    if m.text("ledger") != ledger_id.hex():
        raise EvidenceError("REPLICA_LEDGER", at, ledger_id.hex(), m.text("ledger"))
    if m.integer("number") != number:
        raise EvidenceError("REPLICA_NUMBER", at, str(number), str(m.integer("number")))
    certificates = _octets(m, "certificates")
    statements = tuple(
        _statement(members(value, place, ("recorded_at", "statement"), ("items",)))
        for place, value in m.objects("statements", MAX_BATCH)
    )
    return CopiedBatch(data, m, {sha256(der): der for der in certificates}, statements)


def _read(path: Path) -> bytes:
    """Of a plain file, no more than a batch may have; a pipe or a device could go on for ever."""
    at = path.name
    try:
        # Not blocking, so that a named pipe is refused and not waited for.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise EvidenceError("REPLICA_UNREADABLE", at, "a plain file")
            with os.fdopen(descriptor, "rb", closefd=False) as reader:
                data = reader.read(MAX_BATCH + 1)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise EvidenceError("REPLICA_UNREADABLE", at, found=error.strerror or "") from error
    if len(data) > MAX_BATCH:
        raise EvidenceError("REPLICA_SIZE", at, f"≤ {MAX_BATCH}", f"> {MAX_BATCH}")
    return data


def _octets(m: Members, name: str) -> Iterator[bytes]:
    for n, text in enumerate(m.texts(name, None, MAX_BATCH, ordered=False)):
        yield base64_bytes(text, f"{m.at}.{name}[{n}]")


def _statement(m: Members) -> CopiedStatement:
    items = m.texts("items", None, MAX_BATCH, ordered=False) if m.has("items") else ()
    return CopiedStatement(
        m.instant("recorded_at"), m.text("statement").encode(), tuple(item.encode() for item in items)
    )
