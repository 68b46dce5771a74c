"""Unusual uses: what counts as one, who handles it, and who cannot make it go away."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from ledger.keys import SigningKey
from ledger.sign import Draft, sign_statement
from ledger.store.engine import reading, writing
from ledger.store.tables import disclosure, statement
from ledger.unusual import Found, find_unusual, raise_alerts
from ledger.unusual_alerts import Alert, alerts
from ledger.unusual_rules import UnusualRules, packaged_rules, read_rules, rules_in_force, rules_text
from tests.ledger.ledger_world import ORIGIN, World, make_world, new_uuid
from verifier.clock import BEIJING
from verifier.errors import CallerError

# Monday, nine in the morning in Beijing.
MONDAY = datetime.datetime(2026, 1, 12, 9, 30, tzinfo=BEIJING)
TEST_RULES = replace(packaged_rules(), records=3, minutes=10)


@dataclass
class Office:
    """`reader` has a duty; of `stranger`, who has none, the service says that he used records."""

    world: World
    people: dict[str, SigningKey] = field(default_factory=dict)

    def appoint(self, name: str, duty: str) -> SigningKey:
        key = self.people[name] = self.world.person()
        registrar = self.world.person(role="registrar")
        draft = Draft("appoint", "2026-01-08", subject=key.agent, duty=duty, fields={"agent_name": "登记员"})
        self.world.accept([sign_statement(registrar, ORIGIN, draft)])
        return key

    def use(self, who: str, when: datetime.datetime, records: Sequence[str], **changes: str) -> None:
        """Each record once, at the same moment. On an open basis: that needs no application."""
        self.world.clock.when = max(when, self.world.clock.when)
        for record in records:
            said = {"agent_name": who, "purpose": "核对"}
            draft = Draft("access.view", "2026-01-09", record=record, basis="open", fields=said)
            draft = replace(draft, **changes)  # type: ignore[arg-type]  # of Draft
            key = self.people[who]
            if who == "stranger":
                key, draft = self.service(), replace(draft, subject=key.agent)
            self.world.accept([sign_statement(key, ORIGIN, draft)])

    def deny(self, who: str | None, when: datetime.datetime, reason: str) -> None:
        """What the service states of whoever asks for what he may not have; nobody may be known."""
        self.world.clock.when = max(when, self.world.clock.when)
        subject = None if who is None else self.people[who].agent
        draft = Draft("session.denied", "2026-01-12", subject=subject, reason=reason)
        self.world.accept([sign_statement(self.service(), ORIGIN, draft)])

    def service(self) -> SigningKey:
        return self.people.setdefault("service", self.world.person(role="service"))

    def found(self, rules: UnusualRules = TEST_RULES) -> list[Found]:
        with reading(self.world.ledger.engine) as connection:
            return list(find_unusual(connection, rules, None))

    def raised(self, since: str | None = None) -> tuple[Alert, ...]:
        def state(draft: Draft) -> None:
            self.world.accept([sign_statement(self.service(), ORIGIN, draft)])

        raise_alerts(self.world.ledger, since, state)
        return alerts(self.world.ledger)

    def handle(self, who: str, alert: Alert) -> Alert:
        draft = Draft(
            "alert.handle",
            "2026-01-13",
            outcome="false_alarm",
            answers=(bytes.fromhex(alert.statement),),
            fields={"detail": "已核实", "agent_name": who},
        )
        self.world.accept([sign_statement(self.people[who], ORIGIN, draft)])
        return next(one for one in alerts(self.world.ledger) if one.statement == alert.statement)

    def set_rules(self, who: str, rules: UnusualRules) -> None:
        said = {"criteria": rules_text(rules), "agent_name": who}
        draft = Draft("alert.rule", "2026-01-12", fields=said)
        self.world.accept([sign_statement(self.people[who], ORIGIN, draft)])

    def rules(self) -> UnusualRules:
        with reading(self.world.ledger.engine) as connection:
            return rules_in_force(connection)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    office = Office(make_world(tmp_path))
    office.world.clock.when = datetime.datetime(2026, 1, 12, 0, 0, tzinfo=datetime.UTC)
    office.appoint("reader", "township_archivist")
    office.appoint("security", "security_admin")
    office.appoint("system", "system_admin")
    office.people["stranger"] = office.world.certified()
    return office


def some(count: int) -> list[str]:
    return [new_uuid() for _ in range(count)]


ONE = some(1)
# name → who, minutes after Monday 9:30, records at each, what else is said, and the rules that it breaks.
CASES: dict[str, tuple[str, list[tuple[int, list[str]]], dict[str, str], list[str]]] = {
    "few records": ("reader", [(0, some(2))], {}, []),
    "many at once": ("reader", [(0, some(3))], {}, ["many"]),
    "many within ten minutes": ("reader", [(0, some(2)), (10, some(1))], {}, ["many"]),
    "as many over a longer time": ("reader", [(0, some(2)), (11, some(1))], {}, []),
    "one record again and again": ("reader", [(n, ONE) for n in range(4)], {}, []),
    "in the evening": ("reader", [(60 * 9 + 29, some(1)), (60 * 9 + 30, some(1))], {}, ["after_hours"]),
    "before the office opens": ("reader", [(60 * 22 - 1, some(1))], {}, ["after_hours"]),
    "as it opens": ("reader", [(60 * 22, some(1))], {}, []),
    "on a Saturday": ("reader", [(60 * 24 * 5, some(1))], {}, ["after_hours"]),
    "in the evening, of an earlier day": ("reader", [(60 * 10, some(1))], {"late": "offline"}, []),
    "without a duty": ("stranger", [(0, some(1))], {}, ["off_duty"]),
    "everything at once": ("stranger", [(60 * 10, some(3))], {}, ["after_hours", "many", "off_duty"]),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_unusual(office: Office, name: str) -> None:
    who, uses, changes, rules = CASES[name]
    for minutes, records in uses:
        office.use(who, MONDAY + datetime.timedelta(minutes=minutes), records, **changes)
    found = office.found()
    assert [one.rule for one in found] == rules
    assert {one.agent for one in found} <= {office.people[who].agent}


DENIED: dict[str, tuple[str | None, str, list[str]]] = {
    "what the duties do not allow": ("reader", "not_authorised", ["off_duty"]),
    "what nobody without a duty may": ("stranger", "not_authorised", ["off_duty"]),
    "a session that ran out": ("reader", "not_signed_in", []),
    "a key that is not enrolled": ("stranger", "not_enrolled", []),
    "by somebody unknown": (None, "not_authorised", []),
}


@pytest.mark.parametrize("name", DENIED)
def test_what_was_not_allowed_is_unusual_at_any_hour(office: Office, name: str) -> None:
    """It is no use: it counts neither as after hours nor among many."""
    who, reason, rules = DENIED[name]
    for minutes in (0, 60 * 12):
        office.deny(who, MONDAY + datetime.timedelta(minutes=minutes), reason)
    found = office.found()
    assert [(one.rule, one.records, len(one.uses)) for one in found] == [(rule, 0, 2) for rule in rules]
    assert office.found(replace(TEST_RULES, off_duty=False)) == []


def test_an_alert_is_raised_once_and_what_comes_later_anew(office: Office) -> None:
    office.use("stranger", MONDAY, some(2))
    (first,) = office.raised()
    assert (first.rule, first.uses, first.records, first.is_open) == ("off_duty", 2, 2, True)
    assert first.agent == office.people["stranger"].agent
    assert office.raised() == (first,)
    assert office.raised("2026-01-01T00:00:00.000Z") == (first,)
    office.handle("security", first)
    office.use("stranger", MONDAY + datetime.timedelta(minutes=30), some(1))
    second, handled = office.raised("2026-01-12T01:55:00.000Z")
    # Handled is not let through: the next use is an alert of its own.
    assert (second.is_open, second.uses, handled.is_open) == (True, 1, False)


def test_more_acts_than_an_alert_can_name_are_told_by_number(office: Office) -> None:
    office.use("stranger", MONDAY, ONE * 70)
    (alert,) = office.raised()
    assert (alert.uses, len(alert.named)) == (70, 64)


@pytest.mark.parametrize(("who", "counts"), [("security", True), ("system", False), ("reader", False)])
def test_only_a_security_administrator_handles_an_alert(office: Office, who: str, counts: bool) -> None:
    office.use("stranger", MONDAY, some(1))
    (alert,) = office.raised()
    after = office.handle(who, alert)
    assert after.is_open is not counts
    # It is told who tried.
    assert [(one.agent, one.counts) for one in after.handled] == [(office.people[who].agent, counts)]


def test_nobody_handles_an_alert_about_themselves(office: Office) -> None:
    office.use("security", MONDAY + datetime.timedelta(hours=12), some(1))
    (alert,) = office.raised()
    assert office.handle("security", alert).is_open
    office.appoint("another", "security_admin")
    assert not office.handle("another", alert).is_open


def test_an_alert_whose_words_are_deleted_is_still_one_and_comes_again(office: Office) -> None:
    """As the system administrator can who has the database."""
    office.use("stranger", MONDAY, some(1))
    (alert,) = office.raised()
    with writing(office.world.ledger.engine) as connection:
        key = select(statement.c.id).where(statement.c.event == "alert.raise").scalar_subquery()
        connection.execute(delete(disclosure).where(disclosure.c.statement_id == key))
    (bare,) = alerts(office.world.ledger)
    assert (bare.statement, bare.rule, bare.is_open) == (alert.statement, "unknown", True)
    assert bare.agent == office.people["stranger"].agent
    assert [one.rule for one in office.raised()] == ["off_duty", "unknown"]


def test_rules_are_changed_by_a_security_administrators_signature_alone(office: Office) -> None:
    loose = replace(packaged_rules(), records=10_000)
    for who in ("system", "reader"):
        office.set_rules(who, loose)
        assert office.rules() == packaged_rules()
    strict = replace(packaged_rules(), records=2)
    office.set_rules("security", strict)
    assert replace(office.rules(), set_by="") == strict
    assert office.rules().set_by
    office.set_rules("system", loose)
    assert office.rules().records == 2
    office.use("reader", MONDAY, some(2))
    assert [one.rule for one in office.raised()] == ["many"]


BAD_RULES = {
    "no rules": "{}",
    "no records at all": rules_text(replace(TEST_RULES, records=1)),
    "an hour that is none": rules_text(replace(TEST_RULES, closes="24:00")),
    "closed before it opens": rules_text(replace(TEST_RULES, closes="07:00")),
    "an eighth day": rules_text(replace(TEST_RULES, weekdays="8")),
    "a week of minutes and more": rules_text(replace(TEST_RULES, minutes=10_081)),
    "not canonical": rules_text(TEST_RULES).replace(",", ", "),
}


@pytest.mark.parametrize("name", BAD_RULES)
def test_rules_that_are_none(name: str) -> None:
    with pytest.raises(CallerError) as error:
        read_rules(BAD_RULES[name])
    assert error.value.code == "ALERT_RULES"


def test_the_packaged_rules_are_sensible() -> None:
    rules = packaged_rules()
    assert read_rules(rules_text(rules)) == rules
    assert rules.is_open(MONDAY)
    assert not rules.is_open(MONDAY.replace(hour=3))
