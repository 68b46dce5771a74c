"""Questions about the lists that the ledger holds: each list, its acts, the records on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from ledger.evidence_rows import records_on
from ledger.handle import Ledger
from ledger.steps import StepView, steps
from ledger.store.engine import reading
from ledger.store.rows import AnyRow
from ledger.store.tables import NO_ITEM, disclosure, item, statement
from ledger.store.text_range import beginning_with
from verifier.errors import CallerError

LIST_TITLE, LIST_NUMBER = "list_title", "list_number"
_LEAST_PREFIX = 4
_NAMED = 20  # at most so many are named where several fit


@dataclass(frozen=True)
class ListRow:
    """`items`: how many the newest statement on the list has. `statements`: acts on the list."""

    list_id: str
    number: str
    title: str
    items: int
    statements: int
    last_event: str
    last_at: str


def lists(ledger: Ledger, limit: int = 100, offset: int = 0) -> tuple[ListRow, ...]:
    """Lists by their newest act, newest first."""
    with reading(ledger.engine) as connection:
        query = (
            select(statement.c.list_id)
            .where(statement.c.list_id.is_not(None))
            .group_by(statement.c.list_id)
            .order_by(func.max(statement.c.id).desc())
            .limit(limit)
            .offset(offset)
        )
        found = connection.execute(query).scalars().all()
        return tuple(_list_row(connection, list_id) for list_id in found)


def find_list(ledger: Ledger, text: str) -> ListRow:
    """The list with this number or title, or whose uuid begins so.

    Raises CallerError LIST_UNKNOWN, LIST_SEVERAL.
    """
    with reading(ledger.engine) as connection:
        named = (_list_row(connection, list_id) for list_id in _ever_named(connection, text))
        found = [row for row in named if text in (row.number, row.title)]
        if not found and len(text) >= _LEAST_PREFIX:
            query = select(statement.c.list_id).distinct().where(beginning_with(statement.c.list_id, text))
            ids = connection.execute(query.limit(_NAMED)).scalars().all()
            found = [_list_row(connection, list_id) for list_id in ids]
    if len(found) != 1:
        code = "LIST_SEVERAL" if found else "LIST_UNKNOWN"
        raise CallerError(
            code,
            text,
            "1",
            "\n".join(f"{row.list_id} {row.number} {row.title}".strip() for row in found) or "0",
        )
    return found[0]


def list_row(ledger: Ledger, list_id: str) -> ListRow:
    """Of a list that there is."""
    with reading(ledger.engine) as connection:
        return _list_row(connection, list_id)


def list_steps(ledger: Ledger, list_id: str) -> tuple[StepView, ...]:
    """Every act on the list itself. Raises CallerError LIST_UNKNOWN."""
    with reading(ledger.engine) as connection:
        query = select(statement.c.id).where(statement.c.list_id == list_id).order_by(statement.c.id)
        found_steps = steps(connection, [(key, NO_ITEM) for key in connection.execute(query).scalars()])
    if not found_steps:
        raise CallerError("LIST_UNKNOWN", list_id)
    return found_steps


def list_records(ledger: Ledger, list_id: str) -> tuple[str, ...]:
    """The records on the newest statement of the list, in its order. Raises CallerError LIST_UNKNOWN."""
    with reading(ledger.engine) as connection:
        newest = select(func.max(statement.c.id)).where(statement.c.list_id == list_id).scalar_subquery()
        query = select(item.c.record).where(item.c.statement_id == newest).order_by(item.c.number)
        found = tuple(connection.execute(query).scalars())
    if not found:
        raise CallerError("LIST_UNKNOWN", list_id)
    return found


def records_of_lists(ledger: Ledger, lists: Sequence[str]) -> list[str]:
    """The records that stand on these lists, in any of their statements."""
    with reading(ledger.engine) as connection:
        return records_on(connection, lists)


def _ever_named(connection: Connection, text: str) -> Sequence[str]:
    """Lists of which some act disclosed this number or title."""
    query = (
        select(statement.c.list_id)
        .distinct()
        .join(disclosure, disclosure.c.statement_id == statement.c.id)
        .where(
            disclosure.c.name.in_((LIST_NUMBER, LIST_TITLE)),
            disclosure.c.value == text,
            disclosure.c.item_number == NO_ITEM,
            statement.c.list_id.is_not(None),
        )
    )
    return connection.execute(query).scalars().all()


def _list_row(connection: Connection, list_id: str) -> ListRow:
    acts: Sequence[AnyRow] = connection.execute(
        select(statement.c.event, statement.c.accepted_at, statement.c.item_count)
        .where(statement.c.list_id == list_id)
        .order_by(statement.c.id)
    ).all()
    said = connection.execute(
        select(disclosure.c.name, disclosure.c.value)
        .join(statement, statement.c.id == disclosure.c.statement_id)
        .where(
            statement.c.list_id == list_id,
            disclosure.c.item_number == NO_ITEM,
            disclosure.c.name.in_((LIST_NUMBER, LIST_TITLE)),
        )
        .order_by(disclosure.c.statement_id)
    )
    values = {one.name: one.value or "" for one in said}
    return ListRow(
        list_id=list_id,
        number=values.get(LIST_NUMBER, ""),
        title=values.get(LIST_TITLE, ""),
        items=acts[-1].item_count,
        statements=len(acts),
        last_event=acts[-1].event,
        last_at=acts[-1].accepted_at,
    )
