"""Records page by page, newest act first. A page begins where the last one ended, whatever came meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Connection, func, select

from ledger.handle import Ledger
from ledger.query import RecordRow, record_row
from ledger.store.engine import reading
from ledger.store.tables import item, statement

_AT_ONCE = 200


@dataclass(frozen=True, order=True)
class Place:
    """Of a record in the order of pages: the id of its newest act, and its uuid among those of one list."""

    act: int
    record: str


@dataclass(frozen=True)
class RecordPage:
    """`next`: where the page after it begins; None if this is the last."""

    rows: tuple[RecordRow, ...]
    next: Place | None


def record_page(
    ledger: Ledger, limit: int, after: Place | None = None, event: str | None = None
) -> RecordPage:
    """With `event`, those whose newest act it is. What was acted on since stands before the first page."""
    with reading(ledger.engine) as connection:
        found = list(islice(places_from(connection, after, event), limit + 1))
        rows = tuple(record_row(connection, place.record) for place in found[:limit])
    return RecordPage(rows, found[limit - 1] if len(found) > limit else None)


def places_from(connection: Connection, after: Place | None, event: str | None) -> Iterator[Place]:
    below = after.act + 1 if after is not None else None
    while True:
        query = select(statement.c.id, statement.c.record, statement.c.item_count, statement.c.event)
        query = query.order_by(statement.c.id.desc()).limit(_AT_ONCE)
        rows = connection.execute(query if below is None else query.where(statement.c.id < below)).all()
        for row in rows:
            if event not in (None, row.event):
                continue
            for record in _records(connection, row.id, row.record, row.item_count):
                place = Place(row.id, record)
                passed = after is not None and place.act == after.act and place.record <= after.record
                if not passed and _newest_act(connection, record) == row.id:
                    yield place
        if len(rows) < _AT_ONCE:
            return
        below = rows[-1].id


def _records(connection: Connection, key: int, own: str | None, items: int) -> list[str]:
    named = [own] if own is not None else []
    if items:
        named += connection.execute(select(item.c.record).where(item.c.statement_id == key)).scalars()
    return sorted(named)


def _newest_act(connection: Connection, record: str) -> int:
    single = connection.execute(select(func.max(statement.c.id)).where(statement.c.record == record)).scalar()
    listed = connection.execute(select(func.max(item.c.statement_id)).where(item.c.record == record)).scalar()
    return max(single or 0, listed or 0)
