"""Reading a sealed batch back, before it is anchored: only what the disk really holds may go to the chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from ledger.batch import BatchStatement, EncodedBatch, Frontier, encode_batch
from ledger.handle import Ledger
from ledger.merkle import TileMissingError, frontier, grow, root
from ledger.store.engine import reading
from ledger.store.rows import AnyRow
from ledger.store.tables import NO_ITEM, batch, certificate, entry, item, statement
from ledger.tiles import ALGORITHMS, stored_tree
from verifier.digests import Digests
from verifier.errors import LedgerError
from verifier.marker import parse_marker
from verifier.merkle import fold_frontier, leaf_hash

_LINES_BEFORE_TRAILS = 5


@dataclass(frozen=True)
class _Before:
    """Size and roots of the log before the batch; nothing before batch 0."""

    size: int
    roots: Digests | None


def reread(ledger: Ledger, number: int) -> EncodedBatch:
    """Batch `number` from its stored bytes, checked against the log before it.

    Raises LedgerError BATCH_UNKNOWN, and the alarms LOG_EDGE (the stored right edge does not give the last
    roots), BATCH_ROOT (entries and marker do not give this batch's), BATCH_TILES (the tiles do not).
    """
    with reading(ledger.engine) as connection:
        return reread_in(connection, ledger.id, number)


def reread_in(connection: Connection, ledger_id: bytes, number: int) -> EncodedBatch:
    """The same, within a transaction."""
    row = _batch(connection, number)
    before = _before(connection, number)
    entries = connection.execute(
        select(entry.c.statement_id, entry.c.item_number, entry.c.recorded_at, entry.c.text)
        .where(entry.c.idx > row.marker_index, entry.c.idx < row.size)
        .order_by(entry.c.idx)
    ).all()
    leaves = [row.marker.encode(), *(e.text.encode() for e in entries)]
    edges = {alg: _check_roots(connection, alg, row, before, leaves) for alg in ALGORITHMS}
    previous = parse_marker(row.marker, f"batch {number}").previous
    statements = _statements(connection, row, entries)
    data = encode_batch(
        ledger_id,
        number,
        row.marker,
        Frontier(before.size, edges["sha256"], edges["sm3"]),
        statements,
        [link for e in entries for link in _links(e.text)],
        _certificates(connection, row),
    )
    return EncodedBatch(
        number=number,
        data=data,
        size=row.size,
        roots=Digests(row.sha256, row.sm3),
        last_recorded_at=row.last_recorded_at,
        previous_digest=previous.digest if previous else None,
        previous_time=previous.time if previous else None,
    )


def _batch(connection: Connection, number: int) -> AnyRow:
    row = connection.execute(select(batch).where(batch.c.number == number)).one_or_none()
    if row is None:
        raise LedgerError("BATCH_UNKNOWN", f"batch {number}")
    return row


def _before(connection: Connection, number: int) -> _Before:
    if number == 0:
        return _Before(0, None)
    row = _batch(connection, number - 1)
    return _Before(row.size, Digests(row.sha256, row.sm3))


def _check_roots(
    connection: Connection, alg: str, row: AnyRow, before: _Before, leaves: Sequence[bytes]
) -> tuple[bytes, ...]:
    """The frontier before the batch, once it and the leaves are seen to give the stored roots."""
    h, place, expected = ALGORITHMS[alg], f"batch {row.number} {alg}", getattr(row, alg)
    try:
        edge = frontier(stored_tree(connection, alg, before.size))
        found = fold_frontier(h, edge)
        if before.roots is not None and found != getattr(before.roots, alg):
            raise LedgerError("LOG_EDGE", place, getattr(before.roots, alg).hex(), found.hex())
        found = fold_frontier(h, grow(h, before.size, edge, [leaf_hash(h, leaf) for leaf in leaves]))
        if before.size + len(leaves) != row.size or found != expected:
            raise LedgerError("BATCH_ROOT", place, f"{row.size} {expected.hex()}", found.hex())
        kept = root(stored_tree(connection, alg, row.size))
    except TileMissingError as error:
        raise LedgerError("LOG_EDGE", f"{place} {error}", "a wider tile") from error
    if kept != expected:
        raise LedgerError("BATCH_TILES", place, expected.hex(), kept.hex())
    return edge


def _statements(connection: Connection, row: AnyRow, entries: Sequence[AnyRow]) -> list[BatchStatement]:
    """In log order; entries of one statement stand together, its own first."""
    within = (entry.c.idx > row.marker_index, entry.c.idx < row.size)
    own = connection.execute(
        select(statement.c.id, statement.c.data)
        .join(entry, (entry.c.statement_id == statement.c.id) & (entry.c.item_number == NO_ITEM))
        .where(*within)
    )
    data: dict[int, bytes] = {row.id: row.data for row in own}
    items: dict[int, list[bytes]] = {}
    rows = connection.execute(
        select(item.c.statement_id, item.c.data)
        .join(entry, (entry.c.statement_id == item.c.statement_id) & (entry.c.item_number == item.c.number))
        .where(*within)
        .order_by(entry.c.idx)
    )
    for statement_id, text in rows:
        items.setdefault(statement_id, []).append(text)
    return [
        BatchStatement(e.recorded_at, data[e.statement_id], tuple(items.get(e.statement_id, ())))
        for e in entries
        if e.item_number == NO_ITEM
    ]


def _links(text: str) -> list[str]:
    """ "<seq> <leaf hash or ->" of each trail line."""
    return [line.split(" ", 2)[2] for line in text.split("\n")[_LINES_BEFORE_TRAILS:-1]]


def _certificates(connection: Connection, row: AnyRow) -> list[bytes]:
    found = connection.execute(
        select(certificate.c.der)
        .where(
            certificate.c.sha256.in_(
                select(statement.c.certificate)
                .join(entry, entry.c.statement_id == statement.c.id)
                .where(entry.c.idx > row.marker_index, entry.c.idx < row.size)
            )
        )
        .order_by(certificate.c.sha256)
    )
    return list(found.scalars())
