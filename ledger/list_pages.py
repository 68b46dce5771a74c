"""Lists page by page, newest act first; and for whom a list waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from ledger.handle import Ledger
from ledger.list_turns import ACCEPT, SIGN, Turn
from ledger.list_view import ListSummary, summary_in
from ledger.store.engine import reading
from ledger.store.tables import statement
from verifier.custody_people import VILLAGE
from verifier.custody_tables import tables

# So many are looked at for one page: a filter that few lists fit must not read them all.
MOST_LOOKED_AT = 500
_AT_ONCE = 100


@dataclass(frozen=True)
class Who:
    """Somebody who asks. `units`: for which they have duties; none where they are not known."""

    agent: str
    iss: str
    duties: frozenset[str]
    units: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ListPage:
    """`next`: id below which the page after it begins; None if there is nothing more."""

    rows: tuple[ListSummary, ...]
    next: int | None


def list_page(ledger: Ledger, limit: int, below: int | None, fits: Callable[[ListSummary], bool]) -> ListPage:
    found: list[ListSummary] = []
    looked, last = 0, below
    with reading(ledger.engine) as connection:
        for list_id, newest in _newest_first(connection, below):
            if len(found) == limit or looked == MOST_LOOKED_AT:
                return ListPage(tuple(found), last)
            summary = summary_in(connection, list_id)
            looked, last = looked + 1, newest
            if summary is not None and fits(summary):
                found.append(summary)
    return ListPage(tuple(found), None)


def _newest_first(connection: Connection, below: int | None) -> Iterator[tuple[str, int]]:
    newest = func.max(statement.c.id)
    while True:
        query = (
            select(statement.c.list_id, newest.label("newest"))
            .where(statement.c.list_id.is_not(None))
            .group_by(statement.c.list_id)
            .order_by(newest.desc())
            .limit(_AT_ONCE)
        )
        rows = connection.execute(query if below is None else query.having(newest < below)).all()
        for row in rows:
            yield row.list_id, row.newest
        if len(rows) < _AT_ONCE:
            return
        below = rows[-1].newest


def waits_for(summary: ListSummary, who: Who) -> tuple[Turn, ...]:
    """The steps that the list waits for and that are this person's to do."""
    return tuple(turn for turn in summary.next if turn.due and _theirs(summary, turn, who))


def _theirs(summary: ListSummary, turn: Turn, who: Who) -> bool:
    if not who.duties.intersection(turn.duties):
        return False
    did = {event for event, agent in summary.done if agent == who.agent}
    if did & tables().apart.get(turn.event, frozenset()) or (turn.event == SIGN and SIGN in did):
        return False
    own = who.iss == summary.frozen.owner
    there = not who.units.isdisjoint(summary.frozen.units)
    if turn.event == ACCEPT or (turn.event == SIGN and (turn.basis or "").startswith("receiver")):
        return not own
    if turn.event == SIGN:
        return who.iss == summary.frozen.iss or there
    if turn.event == VILLAGE and summary.frozen.units and who.units:
        return there
    return own
