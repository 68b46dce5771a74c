"""The acts that an audit looks at, one after the other, and whether the filter holds of each.

First everything in the log's order, then the attempts that were refused and so are in no log. A page says
after which of them the next begins, and nothing else: what is looked for stands in the signed statement.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, or_, select

from ledger.audit_filter import GIVEN, OCCURRED, RECORDED, REFUSED, AuditFilter
from ledger.refusals import RefusedAct, refused_act
from ledger.steps import StepView, steps
from ledger.store.tables import NO_ITEM, item, refusal, statement
from verifier.acts import act_of
from verifier.catalogue import catalogue
from verifier.claims import Claims
from verifier.clock import BEIJING, day_of
from verifier.item import parse_item
from verifier.printable import likeness
from verifier.shape import instant_of
from verifier.statement import Statement, parse_statement

ACTS, REFUSALS = 0, 1
_AT_ONCE = 200
# Who an act is about, or by whom it was signed, as disclosed.
_NAMES = ("reader_name", "proxy_name", "agent_name")
# Beside what the catalogue calls a rejection.
_REFUSING = frozenset(["access.refuse", "session.denied"])
_REFUSED_OUTCOMES = frozenset(["not_approved", "declined", "not_verified"])
# In whose session something was done, for whom, or about whom, stands in `subject`, which no index knows.
_OF_SUBJECT = frozenset(one.name for one in catalogue().events.values() if "subject" in one.claims)


@dataclass(frozen=True, order=True)
class Place:
    """Of an act in the order of an audit: its part, its id in the store, its number in a list."""

    part: int
    id: int
    item: int


@dataclass(frozen=True)
class AsOf:
    """The newest statement that the inquiry may see: its own. `at`: when that was accepted."""

    id: int
    at: str


class Fit(Enum):
    """UNKNOWN: what the filter asks about is withheld or erased."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class AuditRow:
    """An act in the log, or (`refused`) an attempt that never came into it; either has `place`.

    `subject`: in whose session a service did it, or whom a person's act is for or about.
    """

    place: Place
    step: StepView | None
    claims: Claims | None
    statement: Statement | None
    refused: tuple[RefusedAct, ...] = ()

    @property
    def subject(self) -> str | None:
        return self.statement.subject if self.statement else None

    @property
    def event(self) -> str:
        return self.step.event if self.step else self.refused[0].event

    @property
    def digest(self) -> str:
        return self.step.statement if self.step else self.refused[0].statement

    @property
    def record(self) -> str | None:
        return self.step.record if self.step else self.refused[0].record

    @property
    def is_refusal(self) -> bool:
        if self.step is None:
            return True
        spec = catalogue().events.get(self.step.event)
        rejects = spec is not None and spec.rejects
        return rejects or self.step.event in _REFUSING or self.step.outcome in _REFUSED_OUTCOMES


def scan(
    connection: Connection, asked: AuditFilter, until: AsOf, after: Place | None = None
) -> Iterator[tuple[AuditRow, Fit]]:
    """Everything that may fit, in order, with whether it does."""
    begin = after or Place(ACTS, -1, NO_ITEM - 1)
    if begin.part == ACTS:
        for key, number in _acts(connection, asked, until, begin):
            row = row_at(connection, Place(ACTS, key, number))
            yield row, fit(asked, row)
        begin = Place(REFUSALS, -1, NO_ITEM)
    for row in _refused(connection, asked, until, begin.id):
        yield row, fit(asked, row)


def row_at(connection: Connection, place: Place) -> AuditRow:
    """Of an act in the log."""
    (step,) = steps(connection, [(place.id, place.item)])
    data = connection.execute(select(statement.c.data).where(statement.c.id == place.id)).scalar_one()
    own = parse_statement(data)
    part = None
    if place.item != NO_ITEM:
        of = select(item.c.data).where(item.c.statement_id == place.id, item.c.number == place.item)
        part = parse_item(connection.execute(of).scalar_one(), place.item)
    return AuditRow(place, step, act_of(own, part).claims, own)


def _acts(connection: Connection, asked: AuditFilter, until: AsOf, begin: Place) -> Iterator[tuple[int, int]]:
    """(statement id, item number or NO_ITEM): of a list each of its items, not the list itself."""
    if begin.id > until.id:
        return
    if begin.item >= 0:
        # The page before ended within a list. Wherever the next is said to begin, the filter is asked again.
        yield from _items(connection, asked, begin.id, begin.item)
    last = begin.id if begin.item >= NO_ITEM else begin.id - 1
    while True:
        query = _query(asked).where(statement.c.id > last, statement.c.id <= until.id)
        rows = connection.execute(query.order_by(statement.c.id).limit(_AT_ONCE)).all()
        for row in rows:
            if row.item_count:
                yield from _items(connection, asked, row.id, -1)
            else:
                yield row.id, NO_ITEM
        if len(rows) < _AT_ONCE:
            return
        last = rows[-1].id


def _items(connection: Connection, asked: AuditFilter, key: int, after: int) -> Iterator[tuple[int, int]]:
    while True:
        query = select(item.c.number).where(item.c.statement_id == key, item.c.number > after)
        if asked.record is not None:
            query = query.where(item.c.record == asked.record)
        numbers = connection.execute(query.order_by(item.c.number).limit(_AT_ONCE)).scalars().all()
        yield from ((key, number) for number in numbers)
        if len(numbers) < _AT_ONCE:
            return
        after = numbers[-1]


def _query(asked: AuditFilter) -> Select[Any]:
    """What the store's own columns can tell; the rest is asked of each act."""
    query = select(statement.c.id, statement.c.item_count)
    if asked.record is None:
        query = query.where(statement.c.event.in_(asked.events))
    else:
        # By the record's own index: its trail is short, and the log is not.
        listed = select(item.c.statement_id).where(item.c.record == asked.record)
        query = query.where(or_(statement.c.record == asked.record, statement.c.id.in_(listed)))
    if asked.person is not None:
        query = query.where(or_(statement.c.agent == asked.person, statement.c.event.in_(_OF_SUBJECT)))
    return query.where(*_between(asked, statement.c.accepted_at)) if asked.clock == RECORDED else query


def _between(asked: AuditFilter, column: ColumnElement[str]) -> list[ColumnElement[bool]]:
    low, high = instants(asked)
    return ([column >= low] if low else []) + ([column < high] if high else [])


def instants(asked: AuditFilter) -> tuple[str | None, str | None]:
    """The first moment of the first Beijing day and the first after the last one, UTC."""
    low = _midnight(asked.first, 0) if asked.first else None
    return low, _midnight(asked.last, 1) if asked.last else None


def _midnight(day: str, later: int) -> str:
    date = datetime.date.fromisoformat(day)
    first = datetime.datetime.combine(date, datetime.time(), BEIJING) + datetime.timedelta(days=later)
    return instant_of(first.astimezone(datetime.UTC))


def _refused(connection: Connection, asked: AuditFilter, until: AsOf, after: int) -> Iterator[AuditRow]:
    """Each attempt once, with every rule that it broke. Its place is that of its last reason."""
    if asked.outcome == GIVEN:
        return
    query = select(refusal).where(refusal.c.event.in_(asked.events), refusal.c.at <= until.at)
    if asked.person is not None:
        query = query.where(refusal.c.agent == asked.person)
    if asked.record is not None:
        # Of a list the reason's place names the record.
        query = query.where(
            or_(refusal.c.record == asked.record, refusal.c.place.endswith(f" {asked.record}"))
        )
    if asked.organisation is not None:
        query = query.where(refusal.c.iss == asked.organisation)
    query = query.where(*_between(asked, refusal.c.at))
    waiting: list[tuple[int, RefusedAct]] = []
    while True:
        rows = connection.execute(
            query.where(refusal.c.id > after).order_by(refusal.c.id).limit(_AT_ONCE)
        ).all()
        for row in rows:
            one = refused_act(row)
            if waiting and (waiting[-1][1].statement, waiting[-1][1].at) != (one.statement, one.at):
                yield _attempt(waiting)
                waiting = []
            waiting.append((row.id, one))
        if len(rows) < _AT_ONCE:
            break
        after = rows[-1].id
    if waiting:
        yield _attempt(waiting)


def _attempt(reasons: list[tuple[int, RefusedAct]]) -> AuditRow:
    place = Place(REFUSALS, reasons[-1][0], NO_ITEM)
    return AuditRow(place, None, None, None, tuple(one for _, one in reasons))


def fit(asked: AuditFilter, row: AuditRow) -> Fit:
    """Whether every member of the filter holds of the act."""
    if row.event not in asked.events:
        return Fit.NO
    if asked.record is not None and not _is_about(row, asked.record):
        return Fit.NO
    if asked.outcome != "all" and row.is_refusal != (asked.outcome == REFUSED):
        return Fit.NO
    step = row.step
    if step is None or row.statement is None:
        # Nothing of what a refused act disclosed was kept.
        return Fit.YES if asked.name is None and asked.purpose is None else Fit.UNKNOWN
    if asked.person is not None and asked.person not in (row.statement.agent, row.statement.subject):
        return Fit.NO
    low, high = instants(asked)
    if asked.clock == OCCURRED:
        if not _within(asked, step.occurred_at):
            return Fit.NO
    elif step.accepted_at < (low or "") or (high is not None and step.accepted_at >= high):
        return Fit.NO
    asks = [_named(asked, step), _purposed(asked, step), _of_organisation(asked, step)]
    if Fit.NO in asks:
        return Fit.NO
    return Fit.UNKNOWN if Fit.UNKNOWN in asks else Fit.YES


def _is_about(row: AuditRow, record: str) -> bool:
    return row.record == record or any(one.place.endswith(f" {record}") for one in row.refused)


def _within(asked: AuditFilter, date: str) -> bool:
    """Whether any day that the date may mean lies within the period."""
    first, _, last = date.partition("/")
    earliest, latest = day_of(first), day_of(last or first)
    earliest += "-01-01"[len(earliest) - 4 :] if len(earliest) < 10 else ""
    latest += "-12-31"[len(latest) - 4 :] if len(latest) < 10 else ""
    return latest >= (asked.first or "") and earliest <= (asked.last or "9999")


def _named(asked: AuditFilter, step: StepView) -> Fit:
    if asked.name is None:
        return Fit.YES
    shown, wanted = dict(step.shown), likeness(asked.name)
    if any(likeness(shown[name]) == wanted for name in _NAMES if name in shown):
        return Fit.YES
    return Fit.UNKNOWN if set(_NAMES) & set(step.hidden) else Fit.NO


def _purposed(asked: AuditFilter, step: StepView) -> Fit:
    if asked.purpose is None or asked.purpose in dict(step.shown).get("purpose", ""):
        return Fit.YES
    return Fit.UNKNOWN if "purpose" in step.hidden else Fit.NO


def _of_organisation(asked: AuditFilter, step: StepView) -> Fit:
    if asked.organisation is None or asked.organisation == step.iss:
        return Fit.YES
    if dict(step.shown).get("reader_organisation") == asked.organisation:
        return Fit.YES
    return Fit.UNKNOWN if "reader_organisation" in step.hidden else Fit.NO
