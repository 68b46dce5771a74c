"""Questions about what the ledger holds: records, their steps, lists, statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    Subquery,
    func,
    literal,
    select,
    union_all,
)

from ledger.evidence_rows import records_on
from ledger.handle import Ledger
from ledger.steps import StepView, steps
from ledger.store.engine import reading
from ledger.store.rows import AnyRow
from ledger.store.tables import NO_ITEM, disclosure, item, statement
from verifier.errors import CallerError

NUMBER, TITLE, LIST_TITLE, LIST_NUMBER = "number", "title", "list_title", "list_number"
_LEAST_PREFIX = 4


@dataclass(frozen=True)
class RecordRow:
    """`number` (档号) and `title` as last disclosed, empty if not. `last_event` was accepted at `last_at`."""

    record: str
    number: str
    title: str
    steps: int
    last_event: str
    last_at: str


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


def records(ledger: Ledger, limit: int = 100, offset: int = 0) -> tuple[RecordRow, ...]:
    """Records by their newest act, newest first."""
    with reading(ledger.engine) as connection:
        acts = _acts()
        query = select(acts.c.record).group_by(acts.c.record)
        query = query.order_by(func.max(acts.c.statement_id).desc(), acts.c.record)
        found = connection.execute(query.limit(limit).offset(offset)).scalars().all()
        return tuple(_record_row(connection, record) for record in found)


def count_records(ledger: Ledger) -> int:
    with reading(ledger.engine) as connection:
        acts = _acts()
        return connection.execute(select(func.count(acts.c.record.distinct()))).scalar() or 0


def find_record(ledger: Ledger, text: str) -> RecordRow:
    """The record with this 档号, or whose uuid begins so.

    Raises CallerError RECORD_UNKNOWN, RECORD_SEVERAL.
    """
    with reading(ledger.engine) as connection:
        found = _records_where(connection, disclosure.c.value == text, (NUMBER,))
        if not found and len(text) >= _LEAST_PREFIX:
            acts = _acts()
            beyond = text[:-1] + chr(ord(text[-1]) + 1)
            query = select(acts.c.record).distinct().where(acts.c.record >= text, acts.c.record < beyond)
            found = list(connection.execute(query.limit(20)).scalars())
        rows = [_record_row(connection, record) for record in found]
    if len(rows) != 1:
        code = "RECORD_SEVERAL" if rows else "RECORD_UNKNOWN"
        named = "; ".join(f"{row.number} {row.title} {row.record}".strip() for row in rows)
        raise CallerError(code, text, "1", named or "0")
    return rows[0]


def search_records(ledger: Ledger, text: str, limit: int = 50) -> tuple[RecordRow, ...]:
    """Records whose disclosed 档号 or title contains `text`."""
    with reading(ledger.engine) as connection:
        contains = disclosure.c.value.contains(text, autoescape=True)
        found = _records_where(connection, contains, (NUMBER, TITLE))[:limit]
        return tuple(_record_row(connection, record) for record in found)


def record_steps(ledger: Ledger, record: str) -> tuple[StepView, ...]:
    """Every act on the record, in the order of acceptance. Raises CallerError RECORD_UNKNOWN."""
    with reading(ledger.engine) as connection:
        acts = _acts()
        found = connection.execute(
            select(acts.c.statement_id, acts.c.item_number)
            .where(acts.c.record == record)
            .order_by(acts.c.statement_id, acts.c.item_number)
        ).all()
        found_steps = steps(connection, [(row.statement_id, row.item_number) for row in found])
    if not found_steps:
        raise CallerError("RECORD_UNKNOWN", record)
    return found_steps


def lists(ledger: Ledger) -> tuple[ListRow, ...]:
    """Lists by their newest act, newest first."""
    with reading(ledger.engine) as connection:
        found = connection.execute(
            select(statement.c.list_id, func.max(statement.c.id).label("last"), func.count().label("acts"))
            .where(statement.c.list_id.is_not(None))
            .group_by(statement.c.list_id)
            .order_by(func.max(statement.c.id).desc())
        ).all()
        return tuple(_list_row(connection, row) for row in found)


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


def find_list(ledger: Ledger, text: str) -> ListRow:
    """The list with this number or title, or whose uuid begins so.

    Raises CallerError LIST_UNKNOWN, LIST_SEVERAL.
    """
    rows = lists(ledger)
    found = [row for row in rows if text in (row.number, row.title)]
    if not found and len(text) >= _LEAST_PREFIX:
        found = [row for row in rows if row.list_id.startswith(text)]
    if len(found) != 1:
        code = "LIST_SEVERAL" if found else "LIST_UNKNOWN"
        raise CallerError(code, text, "1", "; ".join(row.list_id for row in found) or "0")
    return found[0]


@dataclass(frozen=True)
class StatementView:
    """A statement's exact bytes, its receipt, and its own act."""

    data: bytes
    receipt: str
    due: str
    step: StepView


def statement_by_digest(ledger: Ledger, sha256: bytes) -> StatementView:
    """Raises CallerError STATEMENT_UNKNOWN."""
    with reading(ledger.engine) as connection:
        row = connection.execute(select(statement).where(statement.c.sha256 == sha256)).one_or_none()
        if row is None:
            raise CallerError("STATEMENT_UNKNOWN", sha256.hex())
        return StatementView(row.data, row.receipt, row.due, steps(connection, [(row.id, NO_ITEM)])[0])


def _acts() -> Subquery:
    """Every act on a record: record, statement_id, item_number."""
    single = select(
        statement.c.record.label("record"),
        statement.c.id.label("statement_id"),
        literal(NO_ITEM).label("item_number"),
    ).where(statement.c.record.is_not(None))
    listed = select(item.c.record, item.c.statement_id, item.c.number)
    return union_all(single, listed).subquery("acts")


def _record_row(connection: Connection, record: str) -> RecordRow:
    acts = _acts()
    last, count = connection.execute(
        select(func.max(acts.c.statement_id), func.count()).where(acts.c.record == record)
    ).one()
    newest = connection.execute(
        select(statement.c.event, statement.c.accepted_at).where(statement.c.id == last)
    ).one()
    return RecordRow(
        record=record,
        number=_last_value(connection, record, NUMBER),
        title=_last_value(connection, record, TITLE),
        steps=count,
        last_event=newest.event,
        last_at=newest.accepted_at,
    )


def _last_value(connection: Connection, record: str, name: str) -> str:
    """What the newest act on the record that discloses `name` says."""
    acts = _acts()
    found = connection.execute(
        select(disclosure.c.value)
        .join(
            acts,
            (acts.c.statement_id == disclosure.c.statement_id)
            & (acts.c.item_number == disclosure.c.item_number),
        )
        .where(acts.c.record == record, disclosure.c.name == name)
        .order_by(disclosure.c.statement_id.desc())
        .limit(1)
    ).scalar()
    return found or ""


def _records_where(connection: Connection, matches: ColumnElement[bool], names: tuple[str, ...]) -> list[str]:
    """Records of which some act discloses one of `names` with a value that matches."""
    acts = _acts()
    query = (
        select(acts.c.record)
        .distinct()
        .join(
            disclosure,
            (acts.c.statement_id == disclosure.c.statement_id)
            & (acts.c.item_number == disclosure.c.item_number),
        )
        .where(disclosure.c.name.in_(names), matches)
    )
    return list(connection.execute(query).scalars())


def _list_row(connection: Connection, row: AnyRow) -> ListRow:
    newest = connection.execute(
        select(statement.c.event, statement.c.accepted_at, statement.c.item_count).where(
            statement.c.id == row.last
        )
    ).one()
    said = connection.execute(
        select(disclosure.c.name, disclosure.c.value)
        .join(statement, statement.c.id == disclosure.c.statement_id)
        .where(
            statement.c.list_id == row.list_id,
            disclosure.c.item_number == NO_ITEM,
            disclosure.c.name.in_((LIST_NUMBER, LIST_TITLE)),
        )
        .order_by(disclosure.c.statement_id)
    )
    values = {one.name: one.value or "" for one in said}
    return ListRow(
        list_id=row.list_id,
        number=values.get(LIST_NUMBER, ""),
        title=values.get(LIST_TITLE, ""),
        items=newest.item_count,
        statements=row.acts,
        last_event=newest.event,
        last_at=newest.accepted_at,
    )
