"""What an audit's filter lists: whatever bears the person or the record, by whatever road it came in."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger.accept import SubmissionsRefusedError
from ledger.audit_filter import VERSION, AuditFilter, read_filter
from ledger.audit_groups import groups
from ledger.audit_rows import AsOf
from ledger.people_trails import AFTER_ALL
from ledger.store.engine import reading
from tests.ledger.handling_office import READER, Office
from tests.ledger.ledger_world import make_world, new_uuid
from verifier.errors import CallerError

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(make_world(tmp_path))


def listed(office: Office, asked: AuditFilter) -> list[list[str]]:
    """By groups, the events that fit."""
    until = AsOf(AFTER_ALL, "9999")
    with reading(office.world.ledger.engine) as connection:
        found = [group for _, _, group in groups(connection, asked, until) if group is not None]
    return [[row.event for row in (*([g.lead] if g.lead_fits else []), *g.rows)] for g in found]


def test_what_was_applied_for_and_lent_at_the_counter_is_the_readers_too(office: Office) -> None:
    """His number stands in `subject` of what the clerk signed; nothing that follows on it is lost."""
    reader, record = office.key("周九").agent, new_uuid()
    asked: dict[str, Any] = {"basis": "mediation", "subject": reader}
    fields = {**READER, "agent_name": "孙八"}
    applied = office.take(office.signed("access.apply", "孙八", record, fields=fields, **asked))
    said: dict[str, Any] = {"answers": (applied,), "outcome": "granted"}
    approved = office.take(office.signed("access.approve", "赵六", record, **said))
    said = {"answers": (approved,), "basis": "mediation", "fields": {"purpose": "勘验"}}
    office.take(office.signed("access.view", "周九", record, **said))
    said = {"answers": (approved,), "due": "2026-01-30", "state": "on_loan", "fields": fields, **asked}
    office.take(office.signed("borrow.out", "孙八", record, **said))
    assert listed(office, AuditFilter(person=reader)) == [["access.apply", "access.view", "borrow.out"]]
    kinds = ("appoint",)
    assert listed(office, AuditFilter(person=reader, kinds=kinds)) == [["appoint"]] * 7


def test_a_name_is_found_with_a_blank_in_it_too(office: Office) -> None:
    record = new_uuid()
    for name in ("周九", "周 九 ", "周久"):
        said: dict[str, Any] = {"basis": "mediation", "fields": {"reader_name": name, "purpose": "勘验"}}
        office.take(office.signed("access.apply", "孙八", record, **said))
    assert listed(office, AuditFilter(name="周九")) == [["access.apply"]] * 2


def test_an_attempt_on_a_list_is_found_by_the_record_that_it_was_refused_for(office: Office) -> None:
    records = [new_uuid() for _ in range(3)]
    office.take(office.world.receive_list(office.key("王五"), records))
    with pytest.raises(SubmissionsRefusedError):
        office.take(office.review("village", "刘十四", records, new_uuid(), b"\1" * 32))
    asked = AuditFilter(record=records[1], kinds=("review.village",), outcome="refused")
    assert listed(office, asked) == [["review.village"]]
    assert listed(office, replace(asked, record=new_uuid())) == []


@pytest.mark.parametrize(("member", "day"), [("from", "0001-01-01"), ("to", "9999-12-31")])
def test_a_day_without_an_instant_in_utc_is_told_before_the_inquiry_is_kept(member: str, day: str) -> None:
    with pytest.raises(CallerError) as caught:
        read_filter(json.dumps({member: day, "version": VERSION}, separators=(",", ":")))
    assert (caught.value.code, caught.value.at) == ("AUDIT_FILTER", f"criteria.{member}")
