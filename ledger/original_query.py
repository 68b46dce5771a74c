"""Paper originals: where each is, in which state, and when it was last found there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from ledger.act_pages import MOST_LOOKED_AT
from ledger.handle import Ledger
from ledger.handling import acts_before
from ledger.query import acts_on, record_row
from ledger.record_pages import Place, places_from
from ledger.store.engine import reading
from ledger.store.tables import NO_ITEM, disclosure
from verifier.custody import past_of
from verifier.custody_tables import table

STATES = tuple(table("original").states)


@dataclass(frozen=True)
class Stocktaking:
    outcome: str
    agent: str
    occurred_at: str


@dataclass(frozen=True)
class OriginalRow:
    """`location`, `custodian`: as last disclosed, empty if not. `state`: one of STATES."""

    record: str
    number: str
    title: str
    state: str
    location: str
    custodian: str
    due: str | None
    stocktaking: Stocktaking | None


@dataclass(frozen=True)
class OriginalPage:
    rows: tuple[OriginalRow, ...]
    next: Place | None


def original_page(
    ledger: Ledger, limit: int, after: Place | None, fits: Callable[[OriginalRow], bool]
) -> OriginalPage:
    """Records that have something on paper, by their newest act, newest first."""
    found: list[OriginalRow] = []
    looked, last = 0, after
    with reading(ledger.engine) as connection:
        for place in places_from(connection, after, None):
            if len(found) == limit or looked == MOST_LOOKED_AT:
                return OriginalPage(tuple(found), last)
            looked, last = looked + 1, place
            row = _row(connection, place.record)
            if row is not None and fits(row):
                found.append(row)
    return OriginalPage(tuple(found), None)


def _row(connection: Connection, record: str) -> OriginalRow | None:
    acts = acts_before(connection, [record]).get(record, [])
    past = past_of(acts)
    if not past.on_paper:
        return None
    counted = [act for act in acts if act.statement.event == "stocktake"]
    named, said = record_row(connection, record), _last(connection, record)
    taken = None
    if counted:
        last = counted[-1]
        when = last.claims.occurred_at or last.statement.occurred_at
        taken = Stocktaking(last.claims.outcome or "", last.statement.agent, when)
    return OriginalRow(
        record=record,
        number=named.number,
        title=named.title,
        state=past.states["original"],
        location=said.get("location", ""),
        custodian=said.get("custodian", ""),
        due=past.due,
        stocktaking=taken,
    )


def _last(connection: Connection, record: str) -> dict[str, str]:
    """Location and custodian by the newest act that discloses each, for its item or for the whole list."""
    said: dict[str, str] = {}
    for key, number in acts_on(connection, record):
        query = (
            select(disclosure.c.name, disclosure.c.value)
            .where(
                disclosure.c.statement_id == key,
                disclosure.c.item_number.in_((NO_ITEM, number)),
                disclosure.c.name.in_(("location", "custodian")),
                disclosure.c.value.is_not(None),
            )
            .order_by(disclosure.c.item_number)
        )
        said |= {row.name: row.value for row in connection.execute(query)}
    return said
