"""Checking the kept anchors: against their batches, against one another, and against the network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from sqlalchemy import Connection, func, select

from ledger.alarms import CHAIN_OTHER_ANCHOR
from ledger.finding import Finding, Progress, Subject
from ledger.handle import Ledger
from ledger.store.rows import AnyRow
from ledger.store.tables import ANCHORED, ATTESTED, SEALED, SUBMITTED, anchor, batch
from verifier.anchor import parse_anchor
from verifier.digests import sha256
from verifier.errors import ArchiveError, EvidenceError
from verifier.marker import parse_marker
from verifier.report import Outcome

# A batch's number → the anchor's bytes as the network holds them, b"" where it holds none; None if the
# network cannot be asked.
ChainAnchor: TypeAlias = Callable[[int], bytes | None]
# Judges a batch's kept block, endorsements and attestations; raises ArchiveError.
AnchorCheck: TypeAlias = Callable[[int], None]

_AT_ONCE = 100


def check_anchors(
    connection: Connection, ledger: Ledger, anchor_check: AnchorCheck | None, progress: Progress
) -> Iterator[Finding]:
    """Each kept anchor says what its batch says, and names the anchor before it."""
    total = _total(connection)
    before: bytes | None = None
    for done, row in enumerate(_anchored_batches(connection), 1):
        name = str(row.number)
        if row.data is None:
            if row.state in (ANCHORED, ATTESTED):
                yield _failed("ANCHOR_MISSING", name)
            before = None
            continue
        try:
            _check(ledger, row, before)
            if anchor_check is not None:
                anchor_check(row.number)
        except ArchiveError as error:
            subject = Subject.ATTESTATION if error.at.startswith("attestation") else Subject.ANCHOR
            yield _failed(error.code, name, error.expected, error.found, subject)
        before = sha256(row.data)
        progress("anchors", done, total)
    if anchor_check is None and total:
        yield Finding(Outcome.NOT_RUN, "ANCHOR_BLOCKS_NOT_CHECKED", Subject.ANCHOR, f"0…{total - 1}")


def compare_with_chain(
    connection: Connection, chain_anchor: ChainAnchor | None, progress: Progress
) -> Iterator[Finding]:
    """The network holds the same anchors. Once it cannot be asked, the rest is not checked."""
    query = select(anchor.c.batch).order_by(anchor.c.batch)
    numbers = list(connection.execute(query).scalars())
    for done, number in enumerate(numbers):
        held = chain_anchor(number) if chain_anchor is not None else None
        if held is None:
            span = f"{number}…{numbers[-1]}"
            yield Finding(Outcome.NOT_RUN, "CHAIN_NOT_CHECKED", Subject.ANCHOR, span)
            return
        kept = connection.execute(select(anchor.c.data).where(anchor.c.batch == number)).scalar_one()
        if held != kept:
            there = sha256(held).hex() if held else "-"
            yield _failed(CHAIN_OTHER_ANCHOR, str(number), there, sha256(kept).hex())
        progress("chain", done + 1, len(numbers))
    yield from _in_flight(connection, chain_anchor)


def _in_flight(connection: Connection, chain_anchor: ChainAnchor | None) -> Iterator[Finding]:
    """What is sealed and has no anchor here may have one there; it must be this batch's."""
    query = select(batch).where(batch.c.state.in_((SEALED, SUBMITTED))).order_by(batch.c.number)
    for row in connection.execute(query).all():
        held = chain_anchor(row.number) if chain_anchor is not None else None
        if not held:
            continue
        try:
            there, before = parse_anchor(held, "chain"), parse_marker(row.marker).previous
        except EvidenceError as error:
            yield _failed(error.code, str(row.number), error.expected, error.found)
            continue
        ours = (row.size, row.sha256, row.sm3, before.digest if before else None)
        if ours != (there.size, there.roots.sha256, there.roots.sm3, there.previous):
            expected, found = f"{there.size} {there.roots.sha256.hex()}", f"{row.size} {row.sha256.hex()}"
            yield _failed(CHAIN_OTHER_ANCHOR, str(row.number), expected, found)


def _check(ledger: Ledger, row: AnyRow, before: bytes | None) -> None:
    """Raises EvidenceError ANCHOR_BATCH, ANCHOR_CHAINED, ANCHOR_COLUMN, and those of `parse_anchor`."""
    said = parse_anchor(row.data)
    of_batch = (ledger.id, row.number, row.size, row.root_sha256, row.root_sm3, row.last_recorded_at)
    of_anchor = (said.ledger, said.batch, said.size, said.roots.sha256, said.roots.sm3, said.last_recorded_at)
    if of_batch != of_anchor:
        expected, found = (f"{one[2]} {one[3].hex()}" for one in (of_batch, of_anchor))
        raise EvidenceError("ANCHOR_BATCH", "", expected, found)
    if before is not None and said.previous != before:
        raise EvidenceError("ANCHOR_CHAINED", "", before.hex(), said.previous.hex() if said.previous else "-")
    if (row.sha256, row.txid, row.time) != (sha256(row.data), said.txid, said.time):
        raise EvidenceError(
            "ANCHOR_COLUMN", "", f"{said.time} {said.txid.hex()}", f"{row.time} {row.txid.hex()}"
        )


def _total(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(batch)).scalar_one()


def _anchored_batches(connection: Connection) -> Iterator[AnyRow]:
    """Every batch, with its anchor's columns, which are None where there is none."""
    last = -1
    while True:
        query = (
            select(
                batch.c.number,
                batch.c.size,
                batch.c.sha256.label("root_sha256"),
                batch.c.sm3.label("root_sm3"),
                batch.c.last_recorded_at,
                batch.c.state,
                anchor.c.data,
                anchor.c.sha256,
                anchor.c.txid,
                anchor.c.time,
            )
            .join(anchor, anchor.c.batch == batch.c.number, isouter=True)
            .where(batch.c.number > last)
            .order_by(batch.c.number)
            .limit(_AT_ONCE)
        )
        rows = connection.execute(query).all()
        if not rows:
            return
        yield from rows
        last = rows[-1].number


def _failed(
    code: str, name: str, expected: str = "", found: str = "", subject: Subject = Subject.ANCHOR
) -> Finding:
    return Finding(Outcome.FAILED, code, subject, name, (), expected, found)
