"""The last link of many trails at once."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, LargeBinary, column, select, values

from ledger.store.portions import portions
from ledger.store.tables import link


def trail_heads(connection: Connection, keys: Iterable[str]) -> dict[str, tuple[int, bytes]]:
    """(seq, leaf hash) of the last entry on each trail; a trail not yet begun is left out. Keys in hex."""
    heads: dict[str, tuple[int, bytes]] = {}
    for some in portions(keys):
        wanted = values(column("key", LargeBinary), name="wanted").data([(bytes.fromhex(k),) for k in some])
        asked = wanted.cte("asked")
        inner = link.alias("inner_link")
        # The clustered key makes this one step to the trail's last row.
        last = (
            select(inner.c.seq)
            .where(inner.c.trail_key == asked.c.key)
            .order_by(inner.c.seq.desc())
            .limit(1)
            .scalar_subquery()
        )
        rows = connection.execute(
            select(link.c.trail_key, link.c.seq, link.c.leaf).join(
                asked, (link.c.trail_key == asked.c.key) & (link.c.seq == last)
            )
        )
        heads |= {row.trail_key.hex(): (row.seq, row.leaf) for row in rows}
    return heads
