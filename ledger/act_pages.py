"""Acts of some kinds page by page, newest first: each with the record that it is about."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Connection, select

from ledger.store.tables import NO_ITEM, item, set_aside, statement

# So many are looked at for one page: a filter that few fit must not read them all.
MOST_LOOKED_AT = 500
_AT_ONCE = 200
Row = TypeVar("Row")


@dataclass(frozen=True)
class ActKey:
    """`number`: of the item, or NO_ITEM. `sha256`: of the statement, hex."""

    id: int
    number: int
    record: str
    event: str
    sha256: str
    accepted_at: str


@dataclass(frozen=True)
class Page(Generic[Row]):
    """`next`: (id, item number) of the last act looked at; None if there is nothing more."""

    rows: tuple[Row, ...]
    next: tuple[int, int] | None


def page_of(
    connection: Connection,
    events: Collection[str],
    limit: int,
    after: tuple[int, int] | None,
    row: Callable[[ActKey], Row | None],
) -> Page[Row]:
    """`row`: what is shown of an act, None where it does not fit."""
    found: list[Row] = []
    looked, last = 0, after
    for key in acts(connection, events, after):
        if len(found) == limit or looked == MOST_LOOKED_AT:
            return Page(tuple(found), last)
        looked, last = looked + 1, (key.id, key.number)
        made = row(key)
        if made is not None:
            found.append(made)
    return Page(tuple(found), None)


def acts(
    connection: Connection, events: Collection[str], after: tuple[int, int] | None = None
) -> Iterator[ActKey]:
    """Without what was set aside. Within a list by the items' order."""
    below = after[0] + 1 if after is not None else None
    aside = select(set_aside.c.statement_id)
    while True:
        query = (
            select(
                *(statement.c.id, statement.c.record, statement.c.event, statement.c.sha256),
                *(statement.c.accepted_at, statement.c.item_count),
            )
            .where(statement.c.event.in_(sorted(events)), statement.c.id.not_in(aside))
            .order_by(statement.c.id.desc())
            .limit(_AT_ONCE)
        )
        rows = connection.execute(query if below is None else query.where(statement.c.id < below)).all()
        for row in rows:
            said = (row.event, row.sha256.hex(), row.accepted_at)
            if row.record is not None and (after is None or row.id != after[0]):
                yield ActKey(row.id, NO_ITEM, row.record, *said)
            if row.item_count:
                query_items = select(item.c.number, item.c.record).where(item.c.statement_id == row.id)
                for one in connection.execute(query_items.order_by(item.c.number)):
                    if after is None or row.id != after[0] or one.number > after[1]:
                        yield ActKey(row.id, one.number, one.record, *said)
        if len(rows) < _AT_ONCE:
            return
        below = rows[-1].id
