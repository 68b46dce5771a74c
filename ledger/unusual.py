"""Unusual uses: found in the log, and raised as statements of the service.

Outside duty is a use by somebody who held no duty then, which a ledger that keeps its rules lets nobody sign
but a service can still state of whoever was in its session; and what somebody signed in was not let do.

Each look goes on where the alerts that there are end: nothing but the log says what was raised already.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from ledger.audit_right import DutyBook
from ledger.handle import Ledger
from ledger.sign import Draft
from ledger.store.engine import reading
from ledger.store.tables import item, statement
from ledger.unusual_alerts import RAISE, VERSION, all_alerts
from ledger.unusual_rules import AFTER_HOURS, MANY, OFF_DUTY, WORDS, UnusualRules, rules_in_force
from verifier.canonical import Json, encode
from verifier.shape import UUID, datetime_of, instant_of
from verifier.statement import parse_statement

USES = ("access.view", "access.print", "access.copy", "access.download")
# Of whoever was signed in: what his duties do not allow (`api.http.refused`).
DENIED, NOT_ALLOWED = "session.denied", "not_authorised"
# So many of the acts are named; how many there are is told.
_ANSWERS = 64
# Acceptance side by side may give a later id an earlier time, by seconds.
_SLACK = datetime.timedelta(minutes=10)


@dataclass(frozen=True)
class Use:
    """One act of use, or one that was not allowed. `agent`: in whose session, else who signed."""

    id: int
    statement: bytes
    agent: str
    at: str
    is_late: bool
    is_denied: bool
    records: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """Uses by one person that are unusual by one rule, none of which an earlier alert of it covers."""

    rule: str
    agent: str
    uses: tuple[Use, ...]

    @property
    def records(self) -> int:
        return len({record for use in self.uses for record in use.records})


def raise_alerts(
    ledger: Ledger, since: str | None, state: Callable[[Draft], object]
) -> tuple[int, UnusualRules]:
    """Looks at the uses accepted from `since` on, all where it is None. `state` signs a draft as the service
    and hands it in. How many alerts were raised, and by which rules. May be repeated: what an alert covers
    is raised no more."""
    with reading(ledger.engine) as connection:
        rules = rules_in_force(connection)
        found = list(find_unusual(connection, rules, since))
    for one in found:
        state(_draft(ledger, one))
    return len(found), rules


def find_unusual(connection: Connection, rules: UnusualRules, since: str | None) -> Iterator[Found]:
    covered: dict[tuple[str, str], int] = {}
    for alert in all_alerts(connection):
        covered[alert.rule, alert.agent] = max(covered.get((alert.rule, alert.agent), -1), alert.last)
    found: dict[tuple[str, str], list[Use]] = {}
    duties = DutyBook(connection)
    for use in _uses(connection, since):
        for rule in _rules_of(duties, rules, use):
            if use.id > covered.get((rule, use.agent), -1):
                found.setdefault((rule, use.agent), []).append(use)
    for (rule, agent), uses in sorted(found.items()):
        if rule != MANY or _many(rules, uses):
            yield Found(rule, agent, tuple(uses))


def _rules_of(duties: DutyBook, rules: UnusualRules, use: Use) -> Iterator[str]:
    if use.is_denied:
        if rules.off_duty:
            yield OFF_DUTY
        return
    yield MANY
    # What was done on paper is entered when the office finds the time.
    if not use.is_late and not rules.is_open(datetime_of(use.at)):
        yield AFTER_HOURS
    if rules.off_duty and not duties.held(use.agent, use.id, use.at):
        yield OFF_DUTY


def _many(rules: UnusualRules, uses: Sequence[Use]) -> bool:
    """Whether within any stretch of so many minutes there were so many different records."""
    span = datetime.timedelta(minutes=rules.minutes)
    held: dict[str, int] = {}
    start = 0
    for use in uses:
        for record in use.records:
            held[record] = held.get(record, 0) + 1
        while datetime_of(use.at) - datetime_of(uses[start].at) > span:
            for record in uses[start].records:
                held[record] -= 1
                if not held[record]:
                    del held[record]
            start += 1
        if len(held) >= rules.records:
            return True
    return False


def _uses(connection: Connection, since: str | None) -> Iterator[Use]:
    last = _id_before(connection, since) if since is not None else -1
    while True:
        query = (
            select(statement.c.id, statement.c.data, statement.c.accepted_at, statement.c.item_count)
            .where(statement.c.event.in_((*USES, DENIED)), statement.c.id > last)
            .order_by(statement.c.id)
            .limit(500)
        )
        rows = connection.execute(query).all()
        for row in rows:
            said = parse_statement(row.data)
            is_denied = said.event == DENIED
            if is_denied and (said.subject is None or said.claims.reason != NOT_ALLOWED):
                continue
            records = (said.record,) if said.record is not None else ()
            if row.item_count:
                of = select(item.c.record).where(item.c.statement_id == row.id)
                records = tuple(connection.execute(of).scalars())
            agent, is_late = said.subject or said.agent, said.claims.late is not None
            yield Use(row.id, said.digests.sha256, agent, row.accepted_at, is_late, is_denied, records)
        if len(rows) < 500:
            return
        last = rows[-1].id


def _id_before(connection: Connection, since: str) -> int:
    """The highest id of which all at or below it were accepted before: by halving, as ids follow time."""
    least = instant_of(datetime_of(since) - _SLACK)
    low, high = (
        0,
        connection.execute(select(statement.c.id).order_by(statement.c.id.desc()).limit(1)).scalar(),
    )
    if high is None:
        return -1
    while low < high:
        middle = (low + high + 1) // 2
        query = select(statement.c.accepted_at).where(statement.c.id >= middle).order_by(statement.c.id)
        at = connection.execute(query.limit(1)).scalar()
        low, high = (middle, high) if at is not None and at < least else (low, middle - 1)
    return low


def _draft(ledger: Ledger, found: Found) -> Draft:
    uses = found.uses
    criteria: dict[str, Json] = {
        "agent": found.agent,
        "begins": uses[0].at,
        "ends": uses[-1].at,
        "first": uses[0].statement.hex(),
        "last": uses[-1].statement.hex(),
        "records": found.records,
        "rule": found.rule,
        "uses": len(uses),
        "version": VERSION,
    }
    return Draft(
        RAISE,
        f"{instant_of(ledger.now())[:19]}Z",
        subject=found.agent if UUID.match(found.agent) else None,
        answers=tuple(sorted(use.statement for use in uses[:_ANSWERS])),
        fields={
            "criteria": encode(criteria).decode(),
            "detail": f"{WORDS[found.rule][0]}:{len(uses)} 次,{found.records} 件档案",
        },
    )
