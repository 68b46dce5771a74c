"""A village archivist whom the county archive certifies and appoints: what they may do, where, and what not.

The ledger is the township's. The archivist signs in the county's name (`iss`), for one village of its tree.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ledger.accept import SubmissionsRefusedError
from ledger.appoint import DutyChange
from ledger.keys import SigningKey
from ledger.list_pages import Who, waits_for
from ledger.list_view import list_view
from ledger.people_now import duties_now, units_now
from ledger.refusals import refusals
from ledger.submission import Submission
from ledger.unit_store import put_tree
from tests.ledger.handling_office import Office
from tests.ledger.ledger_world import AUDIT, SETTINGS, TOWN, World, make_world, new_authority, new_uuid
from tests.ledger.test_units import read
from verifier.report import Reason

pytestmark = pytest.mark.usefixtures("database")
COUNTY = "CountyMSP"
ARCHIVIST = "village_archivist"
KINDS = {TOWN: "township", AUDIT: "audit", COUNTY: "archive"}


class County(Office):
    """With two villages; `here` is the one of the list. People of the county are hired by name."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        world.cas[COUNTY] = new_authority(COUNTY)
        other = {"code": "town.tingquan", "kind": "village", "parent": "town", "organisation": TOWN}
        tree = read(lambda units: units.append({**other, "zh": "听泉村", "en": "Tingquan"}))
        put_tree(world.ledger, tree)
        self.here, self.there = (unit.id for unit in tree.units if unit.kind == "village")
        self.units = {unit.code: unit.id for unit in tree.units}
        self.records, self.list_id = [new_uuid(), new_uuid()], new_uuid()

    def hire(self, name: str, duty: str, unit: str | None, msp: str = COUNTY) -> SigningKey:
        made = self.keys[name] = self.world.person(msp)
        self.world.accept([self.appointment(made, duty, unit, msp)])
        return made

    def appointment(self, whose: SigningKey, duty: str, unit: str | None, msp: str) -> Submission:
        return self.world.about_duty(DutyChange(whose.agent, duty, unit=unit), msp)

    def fixed(self, who: str) -> bytes:
        self.take(self.world.receive_list(self.key(who), self.records))
        return self.frozen(who, self.records, self.list_id)

    def refused(self, *submissions: Submission) -> list[Reason]:
        with pytest.raises(SubmissionsRefusedError) as caught:
            self.world.accept(submissions)
        return [reason for one in caught.value.refusals for reason in one.reasons]

    def work(self, name: str) -> list[str]:
        """What the list waits for from them."""
        key = self.keys[name]
        ledger = self.world.ledger
        duties, units = (now(ledger, key.agent, key.iss) for now in (duties_now, units_now))
        who = Who(key.agent, key.iss, duties, units)
        return [turn.event for turn in waits_for(list_view(ledger, self.list_id).summary, who)]


@pytest.fixture
def county(tmp_path: Path) -> County:
    return County(make_world(tmp_path, settings=replace(SETTINGS, kinds=KINDS)))


# Duty, unit by its code, who appoints: the code of the refusal.
APPOINTMENTS = {
    "to no village": (ARCHIVIST, None, COUNTY, "UNIT_MISSING"),
    "to a department of the township": (ARCHIVIST, "town.land", COUNTY, "UNIT_OTHER_ORGANISATION"),
    "to the township itself": (ARCHIVIST, "town", COUNTY, "UNIT_OTHER_ORGANISATION"),
    "to another organisation": (ARCHIVIST, "audit", COUNTY, "UNIT_OTHER_ORGANISATION"),
    "a head of the village": ("head", "town.wanghe", COUNTY, "UNIT_OTHER_ORGANISATION"),
    "a clerk there": ("counter_clerk", "town.wanghe", COUNTY, "UNIT_OTHER_ORGANISATION"),
    "a supervisor there": ("village_supervisor", "town.wanghe", COUNTY, "UNIT_OTHER_ORGANISATION"),
    "by an office that is no archive": (ARCHIVIST, "town.wanghe", AUDIT, "UNIT_OTHER_ORGANISATION"),
}


def test_the_county_appoints_village_archivists_to_villages_and_nobody_else(county: County) -> None:
    person = county.world.certified(COUNTY)
    for name, (duty, unit, msp, code) in APPOINTMENTS.items():
        attempt = county.appointment(person, duty, county.units[unit] if unit else None, msp)
        assert [one.code for one in county.refused(attempt)] == [code], name
    assert len(refusals(county.world.ledger)) == len(APPOINTMENTS)
    assert duties_now(county.world.ledger, person.agent, COUNTY) == frozenset()
    county.world.accept([county.appointment(person, ARCHIVIST, county.here, COUNTY)])
    assert units_now(county.world.ledger, person.agent, COUNTY) == {county.here}


def test_first_review_for_one_village_and_for_no_other(county: County) -> None:
    county.hire("王五", ARCHIVIST, county.here, TOWN)
    frozen = county.fixed("王五")
    for name, unit in (("何十五", county.there), ("刘十四", county.here)):
        county.hire(name, ARCHIVIST, unit)
    county.hire("馆员", "authority_reviewer", None)
    review = {
        name: county.review("village", name, county.records, county.list_id, frozen)
        for name in ("何十五", "刘十四", "馆员")
    }
    assert (county.work("何十五"), county.work("刘十四")) == ([], ["review.village"])
    elsewhere = county.refused(review["何十五"])
    # By the codes that people know.
    assert {(one.code, one.expected, one.found) for one in elsewhere} == {
        ("CUSTODY_UNIT", "town.wanghe", "town.tingquan")
    }
    assert {reason.code for reason in county.refused(review["馆员"])} == {"CUSTODY_DUTY"}
    for_now = {"answers": (frozen,), "outcome": "approved", "basis": "temporary_authorisation"}
    alone = county.listed(
        "review.village", "馆员", county.records, county.list_id, due="2026-03-31", **for_now
    )
    assert {reason.code for reason in county.refused(alone)} == {"CUSTODY_DUTY"}
    back = county.listed(
        "list.return", "何十五", county.records, county.list_id, answers=(frozen,), reason="missing_item"
    )
    assert {reason.code for reason in county.refused(back)} == {"CUSTODY_UNIT"}
    assert {one.code for one in refusals(county.world.ledger)} == {"CUSTODY_UNIT", "CUSTODY_DUTY"}
    county.world.accept([review["刘十四"]])


def test_what_they_prepared_goes_its_way_in_the_township(county: County) -> None:
    """Taken in, fixed as a list, signed for by the village's head; reviewed and filed by the township."""
    county.hire("王五", ARCHIVIST, county.here)
    county.hire("村主任", "head", county.here, TOWN)
    county.hire("别村主任", "head", county.there, TOWN)
    county.hire("刘十四", "village_supervisor", county.here, TOWN)
    county.hire("钱七", "department_reviewer", county.units["town.land"], TOWN)
    county.hire("赵六", "township_archivist", None, TOWN)
    county.hire("馆员", "authority_reviewer", None)
    frozen = county.fixed("王五")
    on = (county.records, county.list_id)
    answers = (frozen,)
    county.take(county.listed("handover.sign", "王五", *on, basis="giver_clerk", answers=answers))
    head = {
        name: county.listed("handover.sign", name, *on, basis="giver_head", answers=answers)
        for name in ("村主任", "别村主任")
    }
    assert {reason.code for reason in county.refused(head["别村主任"])} == {"CUSTODY_DEED_PARTY"}
    county.take(head["村主任"])
    for step, who in (("village", "刘十四"), ("department", "钱七"), ("final", "赵六")):
        # It waits for the township's, not for the county's own people.
        assert f"review.{step}" in county.work(who)
        assert county.work("馆员") == []
        county.take(county.review(step, who, *on, frozen))
    assert list_view(county.world.ledger, county.list_id).summary.status == "filed"
