"""Questions about what the ledger holds: records, their steps, statements.

A record's acts are statements of its own and items of lists. Each question is asked of both tables apart, by
an index of each: a union of the two has none, and would be walked from end to end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import ColumnElement, Connection, and_, func, select

from ledger.blocked import blocked
from ledger.handle import Ledger
from ledger.proof_state import StateOf, states
from ledger.steps import StepView, steps
from ledger.store.engine import reading
from ledger.store.portions import portions
from ledger.store.tables import NO_ITEM, disclosure, item, statement
from ledger.store.text_range import beginning_with
from verifier.errors import CallerError

NUMBER, TITLE = "number", "title"
_LEAST_PREFIX = 4
_NAMED = 20  # at most so many are named where several fit
_AT_ONCE = 500


@dataclass(frozen=True)
class RecordRow:
    """`number` (档号) and `title` as last disclosed, empty if not. `last_event` was accepted at `last_at`."""

    record: str
    number: str
    title: str
    steps: int
    last_event: str
    last_at: str


def records(
    ledger: Ledger, limit: int = 100, offset: int = 0, *, event: str | None = None, state: str | None = None
) -> tuple[RecordRow, ...]:
    """Records by their newest act, newest first; with `event` or `state`, those whose newest act has it."""
    with reading(ledger.engine) as connection:
        state_of = states(connection) if state is not None else None
        fitting = (name for name in _newest_first(connection, event, state, state_of))
        found = list(islice(fitting, offset, offset + limit))
        return tuple(record_row(connection, record) for record in found)


def count_records(ledger: Ledger) -> int:
    listed = select(item.c.record).distinct().subquery()
    single = select(statement.c.record).distinct().where(statement.c.record.is_not(None)).subquery()
    on_a_list = select(item.c.record).where(item.c.record == single.c.record).exists()
    with reading(ledger.engine) as connection:
        number = connection.execute(select(func.count()).select_from(listed)).scalar_one()
        query = select(func.count()).select_from(single).where(~on_a_list)
        return number + connection.execute(query).scalar_one()


def find_record(ledger: Ledger, text: str) -> RecordRow:
    """The one record that `find_records` finds. Raises CallerError RECORD_UNKNOWN, RECORD_SEVERAL."""
    rows = find_records(ledger, text)
    if len(rows) > 1:
        raise CallerError("RECORD_SEVERAL", text, found="\n".join(map(named, rows)))
    return rows[0]


def named(row: RecordRow) -> str:
    """Number, title and uuid: what tells a record from every other."""
    return " ".join(f"{row.number} {row.title} {row.record}".split())


def find_records(ledger: Ledger, text: str) -> tuple[RecordRow, ...]:
    """The records whose 档号 this is; if none, those whose 档号 it was; if none, whose uuid begins so.

    Raises CallerError RECORD_UNKNOWN.
    """
    with reading(ledger.engine) as connection:
        found = _disclosing(connection, and_(disclosure.c.name == NUMBER, disclosure.c.value == text), _NAMED)
        if not found and len(text) >= _LEAST_PREFIX:
            found = _beginning(connection, text)
        rows = tuple(record_row(connection, record) for record in sorted(found))
    if not rows:
        raise CallerError("RECORD_UNKNOWN", text)
    return tuple(row for row in rows if row.number == text) or rows


def records_numbered(ledger: Ledger, numbers: Iterable[str]) -> dict[str, tuple[RecordRow, ...]]:
    """Each of `numbers` that is or was the 档号 of a record, with those records."""
    with reading(ledger.engine) as connection:
        return records_numbered_in(connection, numbers)


def records_numbered_in(connection: Connection, numbers: Iterable[str]) -> dict[str, tuple[RecordRow, ...]]:
    """The same, within a transaction."""
    found: dict[str, set[str]] = {}
    of_item = and_(
        item.c.statement_id == disclosure.c.statement_id, item.c.number == disclosure.c.item_number
    )
    for some in portions(sorted(set(numbers))):
        query = (
            select(disclosure.c.value, disclosure.c.item_number, statement.c.record, item.c.record)
            .join(statement, statement.c.id == disclosure.c.statement_id)
            .outerjoin(item, of_item)
            .where(disclosure.c.name == NUMBER, disclosure.c.value.in_(some))
        )
        for value, place, own, listed in connection.execute(query):
            record = own if place == NO_ITEM else listed
            if record is not None:
                found.setdefault(value, set()).add(record)
    rows = {record: record_row(connection, record) for of in found.values() for record in of}
    return {number: tuple(rows[record] for record in sorted(of)) for number, of in found.items()}


def search_records(ledger: Ledger, text: str, limit: int = 50) -> tuple[RecordRow, ...]:
    """Records whose disclosed 档号 or title contains `text`. Every number and title is looked at."""
    contains = disclosure.c.value.icontains(text, autoescape=True)
    with reading(ledger.engine) as connection:
        found = _disclosing(connection, and_(disclosure.c.name.in_((NUMBER, TITLE)), contains), limit)
        return tuple(record_row(connection, record) for record in found if not blocked(connection, record))


def record_steps(ledger: Ledger, record: str) -> tuple[StepView, ...]:
    """Every act on the record, in the order of acceptance. Raises CallerError RECORD_UNKNOWN."""
    with reading(ledger.engine) as connection:
        found_steps = steps(connection, acts_on(connection, record))
    if not found_steps:
        raise CallerError("RECORD_UNKNOWN", record)
    return found_steps


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


def _newest_first(
    connection: Connection, event: str | None, state: str | None, state_of: StateOf | None
) -> Iterator[str]:
    """Each record once, by its newest act; within a list by uuid. Walks only as far as it is asked to."""
    seen: set[str] = set()
    below: int | None = None
    while True:
        query = select(statement.c.id, statement.c.record, statement.c.item_count, statement.c.event)
        query = query.order_by(statement.c.id.desc()).limit(_AT_ONCE)
        rows = connection.execute(query if below is None else query.where(statement.c.id < below)).all()
        for row in rows:
            fits = event in (None, row.event) and (state_of is None or state_of(row.id) == state)
            for record in _named_in(connection, row.id, row.record, row.item_count):
                if record not in seen:
                    seen.add(record)
                    if fits:
                        yield record
        if len(rows) < _AT_ONCE:
            return
        below = rows[-1].id


def _named_in(connection: Connection, key: int, own: str | None, items: int) -> list[str]:
    named = [own] if own is not None else []
    if items:
        named += connection.execute(select(item.c.record).where(item.c.statement_id == key)).scalars()
    return sorted(named)


def acts_on(connection: Connection, record: str) -> list[tuple[int, int]]:
    """(statement id, item number or NO_ITEM), in the order of acceptance."""
    single = select(statement.c.id).where(statement.c.record == record)
    acts = [(key, NO_ITEM) for key in connection.execute(single).scalars()]
    listed = select(item.c.statement_id, item.c.number).where(item.c.record == record)
    acts += [(row.statement_id, row.number) for row in connection.execute(listed)]
    return sorted(acts)


def record_row(connection: Connection, record: str) -> RecordRow:
    """Of a record that there is."""
    acts = acts_on(connection, record)
    newest = connection.execute(
        select(statement.c.event, statement.c.accepted_at).where(statement.c.id == acts[-1][0])
    ).one()
    said = {} if blocked(connection, record) else _last_values(connection, acts)
    return RecordRow(
        record=record,
        number=said.get(NUMBER, ""),
        title=said.get(TITLE, ""),
        steps=len(acts),
        last_event=newest.event,
        last_at=newest.accepted_at,
    )


def _last_values(connection: Connection, acts: list[tuple[int, int]]) -> dict[str, str]:
    """Number and title by the newest act that discloses each."""
    said: dict[str, str] = {}
    for key, number in reversed(acts):
        rows = connection.execute(
            select(disclosure.c.name, disclosure.c.value).where(
                disclosure.c.statement_id == key,
                disclosure.c.item_number == number,
                disclosure.c.name.in_((NUMBER, TITLE)),
            )
        )
        said = {row.name: row.value or "" for row in rows} | said
        if len(said) == len((NUMBER, TITLE)):
            break
    return said


def _disclosing(connection: Connection, matches: ColumnElement[bool], limit: int) -> list[str]:
    """Records of which some act has a disclosure that matches; the disclosures are walked once."""
    found: dict[str, None] = {}
    for row in connection.execute(select(disclosure.c.statement_id, disclosure.c.item_number).where(matches)):
        record = _record_of(connection, row.statement_id, row.item_number)
        if record is not None:
            found[record] = None
        if len(found) == limit:
            break
    return list(found)


def _record_of(connection: Connection, key: int, number: int) -> str | None:
    """The record that the act is about; None for a statement about none, and for a list's own."""
    if number == NO_ITEM:
        return connection.execute(select(statement.c.record).where(statement.c.id == key)).scalar()
    query = select(item.c.record).where(item.c.statement_id == key, item.c.number == number)
    return connection.execute(query).scalar()


def _beginning(connection: Connection, text: str) -> list[str]:
    """Records whose uuid begins so."""
    found: list[str | None] = []
    for table in (statement, item):
        query = select(table.c.record).distinct().where(beginning_with(table.c.record, text)).limit(_NAMED)
        found += connection.execute(query).scalars()
    return [record for record in dict.fromkeys(found) if record is not None]
