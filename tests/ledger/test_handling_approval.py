"""At the door: an approval is used as often as it says, and for whom it was given to. The verifier finds the
same (tests/verifier/test_custody_approval.py), but for a reader's name, which only the ledger can compare."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger.accept import SubmissionsRefusedError
from ledger.refusals import refusals
from ledger.submission import Submission
from tests.ledger.handling_office import READER, Office, loans_of
from tests.ledger.ledger_world import make_world, new_uuid
from verifier.digests import sha256
from verifier.disclosure import parse_disclosure

pytestmark = pytest.mark.usefixtures("database")
USE: dict[str, Any] = {"basis": "mediation", "fields": {"purpose": "勘验"}}


class Desk:
    """A record, and an application of 周九 for it that 赵六 approved for `uses` uses."""

    def __init__(self, office: Office, uses: int | None, **applied: Any) -> None:
        self.office, self.record = office, new_uuid()
        said = {"basis": "mediation", "fields": READER, **applied}
        self.application = office.take(office.signed("access.apply", "周九", self.record, **said))
        granted: dict[str, Any] = {"answers": (self.application,), "outcome": "granted", "uses": uses}
        self.approval = office.take(office.signed("access.approve", "赵六", self.record, **granted))

    def use(self, who: str, event: str = "access.view", *, name: str = "", **said: Any) -> Submission:
        fields = {**USE["fields"], **({"reader_name": name} if name else {})}
        given: dict[str, Any] = {"answers": (self.approval,), **USE, "fields": fields, **said}
        return self.office.signed(event, who, self.record, **given)

    def refused(self, *submissions: Submission) -> list[tuple[str, str, str]]:
        with pytest.raises(SubmissionsRefusedError) as caught:
            self.office.take(*submissions)
        return [(r.code, r.expected, r.found) for one in caught.value.refusals for r in one.reasons]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(make_world(tmp_path))


def test_as_often_as_approved_and_no_more(office: Office) -> None:
    desk = Desk(office, uses=3)
    office.take(desk.use("周九"))
    # Two of one call are judged one after the other; whichever of the two is answered.
    more = desk.use("周九", "access.print", answers=(desk.application,))
    office.take(desk.use("周九"), more)
    late = desk.use("周九", "access.download")
    assert desk.refused(late) == [("CUSTODY_APPROVAL_USED_UP", "≤ 3", "4")]
    (kept,) = [one for one in refusals(office.world.ledger) if one.statement == sha256(late.statement).hex()]
    assert kept.code == "CUSTODY_APPROVAL_USED_UP"
    (shown,) = loans_of(office.world.ledger, desk.record)
    assert (shown.state, shown.uses, shown.used) == ("approved", 3, 3)
    # Approved anew it counts anew, and all that went before is another approval's.
    again: dict[str, Any] = {"answers": (desk.application,), "outcome": "granted", "uses": 1}
    office.take(office.signed("access.approve", "赵六", desk.record, **again))
    office.take(late)
    assert [(one.uses, one.used) for one in loans_of(office.world.ledger, desk.record)] == [(1, 1)]


def test_uses_before_a_number_was_set_do_not_count(office: Office) -> None:
    desk = Desk(office, uses=None)
    for _ in range(3):
        office.take(desk.use("周九"))
    assert [(one.uses, one.used) for one in loans_of(office.world.ledger, desk.record)] == [(None, None)]


def test_two_that_use_the_last_one_at_once(office: Office) -> None:
    desk = Desk(office, uses=1)
    both = desk.use("周九"), desk.use("周九", "access.copy")
    assert desk.refused(*both) == [("CUSTODY_APPROVAL_USED_UP", "≤ 1", "2")]
    office.take(both[0])
    assert desk.refused(both[1]) == [("CUSTODY_APPROVAL_USED_UP", "≤ 1", "2")]


def test_another_reader_is_told_apart(office: Office) -> None:
    desk = Desk(office, uses=None)
    reader, other = office.key("周九"), office.world.person()
    office.keys["李四"] = other
    code = "CUSTODY_OTHER_READER"
    assert desk.refused(desk.use("李四")) == [(code, reader.agent, other.agent)]
    assert desk.refused(desk.use("李四", name="周九")) == [(code, reader.agent, other.agent)]
    named = f"{reader.agent} → {other.agent}"
    assert desk.refused(desk.use("周九", subject=other.agent)) == [(code, reader.agent, named)]
    # At the counter somebody with the duty hands out, who names the reader.
    assert desk.refused(desk.use("孙八")) == [(code, reader.agent, office.key("孙八").agent)]
    office.take(desk.use("孙八", name="周九"))


def test_who_hands_out_names_the_reader_of_the_application(office: Office) -> None:
    desk = Desk(office, uses=None)
    assert desk.refused(desk.use("孙八", name="李四")) == [
        ("READER_OTHER", "the reader of the application", "")
    ]
    lend: dict[str, Any] = {"due": "2026-03-30", "state": "on_loan", "answers": (desk.application,)}
    (found,) = desk.refused(desk.use("孙八", "borrow.out", name="李四", **lend))
    assert found[0] == "READER_OTHER"
    # Where a name is withheld from the ledger there is nothing to compare.
    withheld = desk.use("孙八", name="李四")
    told = [text for text in withheld.disclosures if parse_disclosure(text).name == "purpose"]
    office.take(replace(withheld, disclosures=tuple(told)))
    office.take(desk.use("孙八", "borrow.out", name="周九", **lend))


def test_what_a_use_is_for_is_told_to_the_ledger(office: Office) -> None:
    """Neither a blank nor a disclosure that is kept back answers an auditor."""
    desk = Desk(office, uses=None)
    blank = desk.use("周九", fields={"purpose": "\u3000 "})
    kept_back = replace(desk.use("周九"), disclosures=())
    fields = {**READER, "purpose": " "}
    applied = desk.office.signed("access.apply", "周九", desk.record, basis="audit", fields=fields)
    for one in (blank, kept_back, applied):
        assert [code for code, *_ in desk.refused(one)] == ["USE_PURPOSE"]
    office.take(desk.use("周九"))
