"""Taking back a sealed batch that can never be anchored: the chain holds another one of its number.

Nothing of it has left the house: its anchor was refused, or never sent. Its statements are pending again.
"""

from __future__ import annotations

from sqlalchemy import Connection, delete, func, select, update

from ledger.merkle import HASH, HEIGHT, WIDTH
from ledger.store.tables import SEALED, SUBMITTED, anchor_attempt, batch, entry, link, recovery, tile
from ledger.tiles import ALGORITHMS
from verifier.errors import LedgerError


def unseal(connection: Connection, number: int) -> int:
    """How many statements are pending again. Raises LedgerError BATCH_ANCHORED unless it is in flight."""
    row = connection.execute(select(batch).where(batch.c.number == number)).one()
    if row.state not in (SEALED, SUBMITTED):
        raise LedgerError("BATCH_ANCHORED", f"batch {number}", SEALED, row.state)
    within = entry.c.idx > row.marker_index
    count = connection.execute(select(func.count(entry.c.statement_id.distinct())).where(within)).scalar_one()
    connection.execute(delete(link).where(link.c.idx > row.marker_index))
    connection.execute(delete(entry).where(within))
    connection.execute(delete(anchor_attempt).where(anchor_attempt.c.batch == number))
    connection.execute(delete(recovery).where(recovery.c.batch == number))
    connection.execute(delete(batch).where(batch.c.number == number))
    for alg in ALGORITHMS:
        _narrow(connection, alg, row.marker_index)
    return int(count)


def _narrow(connection: Connection, alg: str, size: int) -> None:
    """The stored tree as it was with `size` leaves."""
    levels = connection.execute(select(func.max(tile.c.level)).where(tile.c.alg == alg)).scalar() or 0
    for level in range(levels + 1):
        last, width = divmod(size >> (HEIGHT * level), WIDTH)
        of_level = (tile.c.alg == alg) & (tile.c.level == level)
        beyond = tile.c.n > last if width else tile.c.n >= last
        connection.execute(delete(tile).where(of_level, beyond))
        edge = of_level & (tile.c.n == last)
        hashes = connection.execute(select(tile.c.hashes).where(edge)).scalar()
        if hashes is not None:
            connection.execute(update(tile).where(edge).values(hashes=hashes[: width * HASH]))
