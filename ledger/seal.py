"""Sealing: pending statements become entries of the log, in one transaction. docs/formats.md section 6.

At most one batch is in flight: the next is sealed once the last one is anchored, and its marker names that
anchor.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from ledger.handle import Ledger
from ledger.leaves import Leaves, make_leaves
from ledger.locking import locked
from ledger.merkle import TileMissingError, append, root
from ledger.pending import PendingStatement, keep_aside, pick
from ledger.store.engine import writing
from ledger.store.many_rows import insert_rows
from ledger.store.tables import SEALED, SUBMITTED, batch, entry, link
from ledger.store.tables import anchor as anchor_table
from ledger.tiles import ALGORITHMS, stored_tree, write_tiles
from ledger.trail_heads import trail_heads
from verifier.digests import Digests, sha256, sm3
from verifier.errors import LedgerError
from verifier.marker import Marker, PreviousAnchor, encode_marker
from verifier.merkle import leaf_hash
from verifier.shape import instant_of

SEAL_LOCK_SECONDS = 30.0


@dataclass(frozen=True)
class Sealed:
    """`size`: leaves in the log with this batch. `aside`: statements that can no longer be logged."""

    number: int
    size: int
    statements: int
    entries: int
    aside: int


@dataclass(frozen=True)
class LastBatch:
    """The log before the batch: the newest batch's row, or nothing."""

    number: int
    size: int
    roots: Digests
    recorded_at: str | None
    state: str


def seal(ledger: Ledger, *, empty: bool = False) -> Sealed | None:
    """Seal pending statements, up to the cap; with `empty` also none at all.

    None if a batch is in flight, or there is nothing to seal.

    Raises LedgerError: LOG_EDGE (alarm: what is stored does not reproduce the last roots), ANCHOR_MISSING,
    the alarms of `pick`, LOCK_HELD, STORE_BUSY.
    """
    with locked(ledger.paths.seal_lock, SEAL_LOCK_SECONDS), writing(ledger.engine) as connection:
        last = last_batch(connection)
        if last is not None and last.state in (SEALED, SUBMITTED):
            return None
        previous = previous_anchor(connection, last)
        now = instant_of(ledger.now())
        # Batch 0 is empty: it carries the ledger's first root to the chain before anything is promised.
        picked = pick(connection, _not_before(last, previous), now) if last else None
        if picked is not None:
            keep_aside(connection, picked.aside, now)
        statements = picked.statements if picked else ()
        aside = len(picked.aside) if picked else 0
        if not statements and not empty:
            return None
        return write_batch(connection, ledger.id, last, previous, statements, aside, now)


def write_batch(
    connection: Connection,
    ledger_id: bytes,
    last: LastBatch | None,
    previous: PreviousAnchor | None,
    statements: tuple[PendingStatement, ...],
    aside: int,
    now: str,
) -> Sealed:
    """The statements as the batch after `last`, with its marker: entries, links, tiles and the batch itself.

    Raises LedgerError LOG_EDGE.
    """
    number, before = (last.number + 1, last.size) if last else (0, 0)
    marker = encode_marker(Marker(before, ledger_id, number, previous))
    heads = trail_heads(connection, sorted(_keys(statements)))
    leaves = make_leaves(statements, before + 1, heads)
    hashes = {
        "sha256": [leaf_hash(sha256, marker.encode()), *(leaf for *_, leaf in leaves.entries)],
        "sm3": [leaf_hash(sm3, marker.encode()), *leaves.sm3],
    }
    roots = {alg: _grow(connection, alg, last, hashes[alg]) for alg in ALGORITHMS}
    recorded_at = statements[-1].recorded_at if statements else (last.recorded_at if last else None)
    size = before + 1 + len(leaves.entries)
    _insert_leaves(connection, leaves)
    connection.execute(
        insert(batch).values(
            number=number,
            marker_index=before,
            marker=marker,
            size=size,
            sha256=roots["sha256"],
            sm3=roots["sm3"],
            last_recorded_at=recorded_at,
            sealed_at=now,
            state=SEALED,
        )
    )
    return Sealed(number, size, len(statements), len(leaves.entries), aside)


def last_batch(connection: Connection) -> LastBatch | None:
    row = connection.execute(select(batch).order_by(batch.c.number.desc()).limit(1)).one_or_none()
    if row is None:
        return None
    return LastBatch(row.number, row.size, Digests(row.sha256, row.sm3), row.last_recorded_at, row.state)


def previous_anchor(connection: Connection, last: LastBatch | None) -> PreviousAnchor | None:
    if last is None:
        return None
    row = connection.execute(select(anchor_table).where(anchor_table.c.batch == last.number)).one_or_none()
    if row is None:
        raise LedgerError("ANCHOR_MISSING", f"batch {last.number}", "its anchor", last.state)
    return PreviousAnchor(row.sha256, row.time, row.txid)


def _not_before(last: LastBatch, previous: PreviousAnchor | None) -> str | None:
    """recorded_at never decreases, and is never before the anchor that the marker names."""
    return max(filter(None, (last.recorded_at, previous.time if previous else None)), default=None)


def _keys(statements: Iterable[PendingStatement]) -> set[str]:
    lines = {line for s in statements for line in s.trails}
    lines |= {line for s in statements for item in s.items for line in item.trails}
    return {line.partition(" ")[2] for line in lines}


def _grow(connection: Connection, alg: str, last: LastBatch | None, hashes: list[bytes]) -> bytes:
    """Add the leaf hashes to the stored tree; the new root. Its right edge must first give the last root."""
    size = last.size if last else 0
    tree = stored_tree(connection, alg, size)
    try:
        if last is not None and root(tree) != getattr(last.roots, alg):
            raise LedgerError("LOG_EDGE", f"batch {last.number} {alg}", getattr(last.roots, alg).hex())
        grown, changed = append(tree, hashes)
    except TileMissingError as error:
        raise LedgerError("LOG_EDGE", f"{alg} {error}", "a wider tile") from error
    write_tiles(connection, alg, size, changed)
    return root(grown)


def _insert_leaves(connection: Connection, leaves: Leaves) -> None:
    e, k = entry.c, link.c
    of_entry = (e.idx, e.statement_id, e.item_number, e.recorded_at, e.text, e.leaf)
    insert_rows(connection, of_entry, leaves.entries)
    # The table is clustered by trail, and keys are all over it: in their order each page is met once.
    insert_rows(connection, (k.trail_key, k.seq, k.idx, k.leaf), sorted(leaves.links))
