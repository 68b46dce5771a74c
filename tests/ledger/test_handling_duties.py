"""At the door: whoever has no duty for an act at its place in the log is refused. The verifier finds the same
(tests/verifier/test_attacks_duties.py)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger import accept as accepting
from ledger.accept import SubmissionsRefusedError
from ledger.appoint import DutyChange
from ledger.keys import SigningKey
from ledger.submission import Submission
from ledger.unit_store import put_tree
from tests.ledger.handling_office import READER, Office
from tests.ledger.ledger_world import AUDIT, TOWN, USUAL_DUTY, make_world, new_uuid
from tests.ledger.test_units import read
from verifier.people import RELEASE
from verifier.report import Reason

pytestmark = pytest.mark.usefixtures("database")
DUTY = "village_supervisor"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(make_world(tmp_path))


class Reviewed:
    """Records on a list that 王五 fixed, and a reviewer with no duty that the step asks for."""

    def __init__(self, office: Office, count: int = 1) -> None:
        self.office, self.world = office, office.world
        self.records, self.list_id = [new_uuid() for _ in range(count)], new_uuid()
        office.take(self.world.receive_list(office.key("王五"), self.records))
        self.frozen = office.frozen("王五", self.records, self.list_id)
        self.reviewer: SigningKey = self.world.person()
        office.keys["刘十四"] = self.reviewer

    def review(self) -> Submission:
        return self.office.review("village", "刘十四", self.records, self.list_id, self.frozen)

    def duty(self, duty: str = DUTY, **said: Any) -> Submission:
        return self.world.about_duty(DutyChange(self.reviewer.agent, duty, **said))

    def refused(self, *submissions: Submission) -> list[Reason]:
        with pytest.raises(SubmissionsRefusedError) as caught:
            self.world.accept(submissions)
        return [reason for one in caught.value.refusals for reason in one.reasons]


def test_nobody_acts_before_the_appointment(office: Office) -> None:
    case = Reviewed(office)
    (reason,) = case.refused(case.review())
    assert (reason.code, reason.expected, reason.found) == (
        "CUSTODY_DUTY",
        f"village_archivist {DUTY}",
        USUAL_DUTY,
    )
    # In one call too, what comes later does not help.
    (reason,) = case.refused(case.review(), case.duty())
    assert reason.code == "CUSTODY_DUTY"
    case.world.accept([case.duty(), case.review()])


def test_another_duty_is_named_and_does_not_help(office: Office) -> None:
    case = Reviewed(office)
    case.world.accept([case.duty("head"), case.duty("department_reviewer")])
    (reason,) = case.refused(case.review())
    assert (reason.code, reason.found) == ("CUSTODY_DUTY", "department_reviewer head reader")


def test_a_duty_for_another_village_than_that_of_the_list(office: Office) -> None:
    """Who fixed the list did so in an earlier call, and for one village: it counts what was held then."""
    other = {"code": "town.tingquan", "kind": "village", "parent": "town", "organisation": TOWN}
    tree = read(lambda units: units.append({**other, "zh": "听泉村", "en": "Tingquan"}))
    put_tree(office.world.ledger, tree)
    here, there = (unit.id for unit in tree.units if unit.kind == "village")
    clerk = office.keys["王五"] = office.world.person()
    for_unit = DutyChange(clerk.agent, "village_archivist", unit=here)
    office.world.accept([office.world.about_duty(for_unit)])
    case = Reviewed(office)
    office.world.accept([office.world.about_duty(replace(for_unit, event=RELEASE))])
    case.world.accept([case.duty(unit=there)])
    (reason,) = case.refused(case.review())
    told = (reason.code, reason.expected, reason.found)
    assert told == ("CUSTODY_UNIT", "town.wanghe", "town.tingquan")
    case.world.accept([case.duty(unit=here), case.review()])


def test_nobody_acts_after_release(office: Office) -> None:
    case = Reviewed(office)
    case.world.accept([case.duty()])
    (reason,) = case.refused(case.duty(event=RELEASE), case.review())
    assert reason.code == "CUSTODY_DUTY"
    case.world.accept([case.duty(event=RELEASE)])
    (reason,) = case.refused(case.review())
    assert reason.code == "CUSTODY_DUTY"


def test_the_last_day_of_an_appointment_is_a_whole_day(office: Office) -> None:
    """2026-01-12 in Beijing ends at 16:00 UTC; the world begins at 09:30."""
    case = Reviewed(office)
    case.world.accept([case.duty(until="2026-01-12")])
    review = case.review()
    case.world.clock.step(7 * 3600)
    (reason,) = case.refused(review)
    assert reason.code == "CUSTODY_DUTY"
    case.world.clock.step(-3600)
    case.world.accept([review])


def test_a_duty_of_another_organisation_gives_nothing_here(office: Office) -> None:
    case = Reviewed(office)
    case.world.accept([case.world.about_duty(DutyChange(case.reviewer.agent, "head"), AUDIT)])
    head = {"basis": "giver_head", "answers": (case.frozen,)}
    signed = office.listed("handover.sign", "刘十四", case.records, case.list_id, **head)
    (reason,) = case.refused(signed)
    assert (reason.code, reason.expected, reason.found) == ("CUSTODY_DUTY", "head", USUAL_DUTY)


def test_who_was_released_between_the_look_and_the_lock_is_refused(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a long list, which is judged before the write lock is taken."""
    case = Reviewed(office, 3)
    case.world.accept([case.duty()])
    monkeypatch.setattr("ledger.handling.MANY", 3)
    original = accepting._foresee

    def then_released(*arguments: Any) -> Any:
        found = original(*arguments)
        if found is not None:
            assert not any(found.found)
            case.world.accept([case.duty(event=RELEASE)])
        return found

    review = case.review()
    monkeypatch.setattr(accepting, "_foresee", then_released)
    reasons = case.refused(review)
    assert {one.code for one in reasons} == {"CUSTODY_DUTY"}
    assert len(reasons) == len(case.records)


def test_a_mark_of_an_older_register_gives_no_say_in_what_is_here(office: Office) -> None:
    """A village's archivist who calls it copied approves no application and ends no files."""
    case = Reviewed(office)
    case.world.appoint(case.reviewer, "village_archivist")
    record, copied = new_uuid(), {"late": "old_register"}
    office.take(case.world.receive(office.key("王五"), record))
    asked = {"basis": "mediation", "fields": {**READER, "agent_name": "王五"}}
    application = office.take(office.signed("access.apply", "王五", record, **asked))
    said: dict[str, Any] = {"answers": (application,), "outcome": "granted", **copied}
    given = office.signed("access.approve", "刘十四", record, **said)
    said = {"answers": (application,), "outcome": "approved", "fields": {"document_number": "1"}, **copied}
    ended = office.signed("destroy.approve", "刘十四", record, **said)
    assert [reason.code for one in (given, ended) for reason in case.refused(one)] == [
        "CUSTODY_DUTY",
        "CUSTODY_REGISTER_FILES",
    ]
