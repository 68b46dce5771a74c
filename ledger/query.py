"""Questions about what the ledger holds: records, their steps, lists, statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, literal, or_, select, union_all

from ledger.handle import Ledger
from ledger.proof_state import ProofState, proof_states
from ledger.store.engine import reading
from ledger.store.tables import NO_ITEM, batch, disclosure, entry, item, statement
from verifier.claims import Claims
from verifier.disclosure import FileDigests, parse_disclosure
from verifier.errors import CallerError
from verifier.item import parse_item
from verifier.shape import UUID
from verifier.statement import parse_statement

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


@dataclass(frozen=True)
class StepView:
    """One act. `index`, `batch`, `recorded_at`: None until it is sealed. `item`: its number, in a list.

    `shown`: disclosed fields by name; a file's digests as "size sha256 sm3". `hidden`: fields that the store
    has not, withheld or erased. `statement`: SHA-256 hex. `answers`: hex.
    """

    state: ProofState
    batch: int | None
    index: int | None
    recorded_at: str | None
    accepted_at: str
    occurred_at: str
    event: str
    iss: str
    agent: str
    statement: str
    list_id: str | None
    item: int | None
    outcome: str | None
    reason: str | None
    basis: str | None
    late: str | None
    physical_state: str | None
    pages: int | None
    version: int | None
    files: int
    answers: tuple[str, ...]
    shown: tuple[tuple[str, str], ...]
    hidden: tuple[str, ...]


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
    """The record with this 档号, or whose uuid begins so. Raises CallerError RECORD_UNKNOWN, RECORD_SEVERAL."""
    with reading(ledger.engine) as connection:
        found = _records_where(connection, disclosure.c.value == text, (NUMBER,))
        if not found and len(text) >= _LEAST_PREFIX:
            acts = _acts()
            beyond = text[:-1] + chr(ord(text[-1]) + 1)
            query = select(acts.c.record.distinct()).where(acts.c.record >= text, acts.c.record < beyond)
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
        steps = _steps(connection, [(row.statement_id, row.item_number) for row in found])
    if not steps:
        raise CallerError("RECORD_UNKNOWN", record)
    return steps


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
        steps = _steps(connection, [(key, NO_ITEM) for key in connection.execute(query).scalars()])
    if not steps:
        raise CallerError("LIST_UNKNOWN", list_id)
    return steps


def list_records(ledger: Ledger, list_id: str) -> tuple[str, ...]:
    """The records on the newest statement of the list, in its order. Raises CallerError LIST_UNKNOWN."""
    with reading(ledger.engine) as connection:
        newest = select(func.max(statement.c.id)).where(statement.c.list_id == list_id).scalar_subquery()
        query = select(item.c.record).where(item.c.statement_id == newest).order_by(item.c.number)
        found = tuple(connection.execute(query).scalars())
    if not found:
        raise CallerError("LIST_UNKNOWN", list_id)
    return found


def find_list(ledger: Ledger, text: str) -> ListRow:
    """The list with this number or title, or whose uuid begins so. Raises CallerError LIST_UNKNOWN, LIST_SEVERAL."""
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
        return StatementView(row.data, row.receipt, row.due, _steps(connection, [(row.id, NO_ITEM)])[0])
