"""The last link of many trails at once."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, select

from ledger.store.portions import portions
from ledger.store.tables import link

_first, _last, _any = link.alias("first"), link.alias("last"), link.alias("any_link")
# The table is clustered by trail, so each trail's last row is one step away, however long the trail is;
# `max(seq) … GROUP BY trail_key` would walk it.
_HEADS = (
    select(_last.c.trail_key, _last.c.seq, _last.c.leaf)
    .join(_first, _first.c.trail_key == _last.c.trail_key)
    .where(
        _first.c.trail_key.in_(bindparam("keys", expanding=True)),
        _first.c.seq == 0,
        _last.c.seq
        == select(_any.c.seq)
        .where(_any.c.trail_key == _first.c.trail_key)
        .order_by(_any.c.seq.desc())
        .limit(1)
        .scalar_subquery(),
    )
)


def trail_heads(connection: Connection, keys: Iterable[str]) -> dict[str, tuple[int, bytes]]:
    """(seq, leaf hash) of the last entry on each trail; a trail not yet begun is left out. Keys in hex."""
    heads: dict[str, tuple[int, bytes]] = {}
    for some in portions(keys):
        rows = connection.execute(_HEADS, {"keys": [bytes.fromhex(key) for key in some]})
        heads |= {row.trail_key.hex(): (row.seq, row.leaf) for row in rows}
    return heads
