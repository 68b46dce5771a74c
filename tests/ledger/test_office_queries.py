"""What the office sees of lists, loans, repairs, volumes and originals, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ledger.accept import SubmissionsRefusedError
from ledger.act_pages import MOST_LOOKED_AT, Page
from ledger.fill_list import fill_freeze, fill_on_list
from ledger.fill_record import fill_on_record
from ledger.handle import Ledger
from ledger.list_pages import Who, list_page, waits_for
from ledger.list_view import list_view
from ledger.loan_query import loan_page, overdue_unstated
from ledger.original_query import original_page
from ledger.repair_query import repair_page
from ledger.sign import Draft, ItemDraft, sign_list, sign_statement
from ledger.submission import Submission
from ledger.volume_query import find_volume, records_of_volumes, volumes
from ledger.work_query import work_of
from tests.ledger.handling_office import Office, loans_of
from tests.ledger.ledger_world import ORIGIN, TOWN, make_world, new_uuid
from verifier.errors import CallerError

pytestmark = pytest.mark.usefixtures("database")
READER = {"reader_name": "周九", "purpose": "勘验"}
NAMED = {"agent_name": "孙八"}
SAID = {"occurred_at": "2026-01-15", "fields": {}}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(make_world(tmp_path))


def received(office: Office, count: int) -> list[str]:
    records = [new_uuid() for _ in range(count)]
    for record in records:
        office.take(office.world.receive(office.key("王五"), record, state="in_place"))
    return records


def paged(page: Callable[[Any], Any]) -> list[Any]:
    """Everything, page after page."""
    found: list[Any] = []
    made = page(None)
    while True:
        found += made.rows
        if made.next is None:
            return found
        made = page(made.next)


def _lists(ledger: Ledger, limit: int, below: Any) -> Any:
    return list_page(ledger, limit, below, lambda _: True)


def _located(ledger: Ledger, limit: int, after: Any) -> Any:
    return original_page(ledger, limit, after, lambda one: bool(one.location))


def test_lists_by_pages_each_once_and_who_may_go_on(office: Office) -> None:
    ledger, lists = office.world.ledger, [new_uuid() for _ in range(3)]
    for list_id in lists:
        office.frozen("王五", received(office, 2), list_id)
    for limit in (1, 2, 5):
        rows = paged(partial(_lists, ledger, limit))
        assert [one.list_id for one in rows] == lists[::-1]
    who = Who(office.key("刘").agent, TOWN, frozenset(["village_supervisor"]))
    (first, *_) = rows
    assert [turn.event for turn in waits_for(first, who)] == ["review.village"]
    clerk = Who(office.key("王五").agent, TOWN, who.duties)
    assert waits_for(first, clerk) == ()
    assert len(work_of(ledger, who).lists) == 3
    assert work_of(ledger, clerk).lists == ()
    with pytest.raises(CallerError, match="LIST_UNKNOWN"):
        list_view(ledger, new_uuid())


def test_what_stands_on_another_list_answers_it_when_it_is_fixed_anew(office: Office) -> None:
    ledger, (a, b) = office.world.ledger, received(office, 2)
    first = new_uuid()
    fixed = office.frozen("王五", [a], first)
    act = fill_freeze(ledger, [a, b], SAID)
    assert act["list"]["items"] == [{"record": a, "answers": [fixed.hex()]}, {"record": b}]
    office.take(office.review("village", "刘", [a], first, fixed))
    (last,) = {one for item in fill_freeze(ledger, [a], SAID)["list"]["items"] for one in item["answers"]}
    assert fill_on_list(ledger, first, {**SAID, "event": "list.count"})["answers"] == [last]
    view = list_view(ledger, first)
    assert view.barred["review.final"] == {office.key("王五").agent, office.key("刘").agent}


def test_a_filter_that_few_fit_reads_no_more_than_so_many(office: Office) -> None:
    ledger = office.world.ledger
    (lent, *others) = received(office, 3)
    asked = office.take(office.signed("access.apply", "周九", lent, basis="mediation", fields=READER))
    office.take(office.signed("access.approve", "赵六", lent, answers=(asked,), outcome="granted"))
    lend = {"due": "2026-01-20", "state": "on_loan", "basis": "mediation", "fields": READER}
    office.take(office.signed("borrow.out", "孙八", lent, answers=(asked,), **lend))
    for record in others:
        office.take(office.signed("access.apply", "周九", record, basis="mediation", fields=READER))

    def page(after: Any) -> Page[Any]:
        return loan_page(ledger, 1, after, lambda one: one.state == "approved")

    assert [one.record for one in paged(page)] == [lent]
    assert MOST_LOOKED_AT > 3
    assert [one.state for one in loans_of(ledger, lent)] == ["out", "approved"]
    assert overdue_unstated(ledger) == ()
    # The last day is a whole day of Beijing's.
    office.world.clock.step(7 * 86400)
    assert overdue_unstated(ledger) == ()
    office.world.clock.step(2 * 86400)
    ((record, _, due),) = overdue_unstated(ledger)
    assert (record, due) == (lent, "2026-01-20")
    filled = fill_on_record(ledger, lent, {**SAID, "event": "borrow.overdue"})
    assert filled["due"] == "2026-01-20"
    answers = _octets(filled["answers"])
    draft = Draft("borrow.overdue", "2026-01-21", record=lent, due=due, answers=answers, fields=NAMED)
    office.take(sign_statement(office.key("孙八"), ORIGIN, draft))
    assert overdue_unstated(ledger) == ()


def _octets(digests: Sequence[str]) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(one) for one in digests)


def test_a_record_lent_again_is_another_loan(office: Office) -> None:
    ledger, (record,) = office.world.ledger, received(office, 1)
    asked = office.take(office.signed("access.apply", "周九", record, basis="mediation", fields=READER))
    office.take(office.signed("access.approve", "赵六", record, answers=(asked,), outcome="granted"))
    for due in ("2026-03-01", "2026-04-01"):
        lend = fill_on_record(ledger, record, {**SAID, "event": "borrow.out", "due": due})
        assert (lend["state"], lend["basis"]) == ("on_loan", "mediation")
        said = {"due": due, "state": "on_loan", "basis": "mediation", "fields": READER}
        office.take(office.signed("borrow.out", "孙八", record, answers=_octets(lend["answers"]), **said))
        back = fill_on_record(ledger, record, {**SAID, "event": "borrow.return"})
        done = {"answers": _octets(back["answers"]), "outcome": "intact", "state": back["state"]}
        if due == "2026-03-01":
            office.take(office.signed("borrow.return", "孙八", record, **done))
    states = [(one.state, one.due) for one in loans_of(ledger, record) if one.event == "borrow.out"]
    assert states == [("out", "2026-04-01"), ("returned", "2026-03-01")]


def test_an_approval_that_is_used_up_or_over_is_not_offered(office: Office) -> None:
    ledger, (record,) = office.world.ledger, received(office, 1)
    view = {"event": "access.view", "occurred_at": "2026-01-15", "fields": {}}

    def approved(**said: Any) -> bytes:
        asked = office.take(office.signed("access.apply", "周九", record, basis="mediation", fields=READER))
        return office.take(
            office.signed("access.approve", "赵六", record, answers=(asked,), outcome="granted", **said)
        )

    def offered(occurred: str = "2026-01-15") -> list[str]:
        found = fill_on_record(ledger, record, {**view, "occurred_at": occurred})
        assert found["basis"] == "mediation"
        return list(found["answers"])

    until = approved(due="2026-01-20")
    once = approved(uses=1)
    assert offered() == [once.hex()]
    used = {"basis": "mediation", "answers": (once,), "fields": READER}
    office.take(office.signed("access.view", "周九", record, **used))
    assert offered() == [until.hex()]
    # A partial date may still mean a day before the end.
    assert offered("2026-01") == [until.hex()]
    with pytest.raises(CallerError, match="FILL_APPROVAL_OVER") as over:
        offered("2026-01-21")
    assert (f"{once.hex()[:16]} 1/1" in over.value.found, "≤ 2026-01-20" in over.value.found) == (True, True)
    assert fill_on_record(ledger, record, {**view, "basis": "own_record"}).get("answers") is None


def test_volumes_of_lists_and_of_single_acts_and_originals(office: Office) -> None:
    ledger, records = office.world.ledger, received(office, 4)
    office.take(office.listed("volume.create", "赵六", records[:2], new_uuid(), fields={"volume": "甲"}))
    office.take(office.signed("volume.add", "赵六", records[2], fields={"volume": "甲"}))
    office.take(office.signed("volume.create", "赵六", records[3], fields={"volume": "乙"}))
    assert [(one.name, one.state, len(one.records)) for one in volumes(ledger)] == [
        ("乙", "open", 1),
        ("甲", "open", 3),
    ]
    office.take(
        office.signed("volume.remove", "赵六", records[0], reason="misfiled", fields={"volume": "甲"})
    )
    assert find_volume(ledger, "甲")[0].records == tuple(records[1:3])
    assert records_of_volumes(ledger, ["甲", "乙"]) == sorted(records[1:])
    with pytest.raises(CallerError, match="VOLUME_UNKNOWN"):
        find_volume(ledger, "丙")
    place = {"location": "02库-03架"}
    office.take(_shelved(office, records, place))
    for limit in (1, 3, 10):
        rows = paged(partial(_located, ledger, limit))
        assert {one.record for one in rows} == set(records)
        assert {(one.state, one.location) for one in rows} == {("in_place", "02库-03架")}


def _shelved(office: Office, records: list[str], place: dict[str, str]) -> Submission:
    draft = Draft("shelve", "2026-01-08", fields={"agent_name": "赵六", **place})
    items = [ItemDraft(record, state="in_place") for record in records]
    return sign_list(office.key("赵六"), ORIGIN, draft, new_uuid(), items)


def test_repairs_by_pages(office: Office) -> None:
    ledger, records = office.world.ledger, received(office, 3)
    for record in records:
        office.take(office.signed("repair.physical", "冯", record, fields={"method": "托裱"}))
    rows = paged(lambda after: repair_page(ledger, 1, after, lambda one: one.state == "unchecked"))
    assert [one.record for one in rows] == records[::-1]
    check = fill_on_record(ledger, records[0], {**SAID, "event": "repair.check"})
    assert check["answers"] == [rows[-1].statement]
    office.take(
        office.signed("repair.check", "赵六", records[0], answers=_octets(check["answers"]), outcome="failed")
    )
    (row,) = repair_page(ledger, 9, None, lambda _: True, records[0]).rows
    assert (row.state, row.checks[0].agent) == ("failed", office.key("赵六").agent)


def test_a_volume_is_closed_as_a_whole_and_stays_closed(office: Office) -> None:
    records = received(office, 4)
    cover = {"fields": {"volume": "丙"}}
    kept = {
        "made": office.listed("volume.create", "赵六", records[:2], new_uuid(), **cover),
        "added": office.signed("volume.add", "赵六", records[2], **cover),
    }
    for one in kept.values():
        office.take(one)

    def refused(submission: Submission) -> list[tuple[str, str, str]]:
        with pytest.raises(SubmissionsRefusedError) as error:
            office.take(submission)
        reasons = error.value.refusals[0].reasons
        assert "丙" not in "".join(f"{r.at}{r.expected}{r.found}" for r in reasons), "kept without the name"
        return [(r.code, r.expected, r.found) for r in reasons]

    part = office.listed("volume.close", "赵六", records[:2], new_uuid(), **cover)
    assert refused(part) == [("VOLUME_NOT_WHOLE", "3", records[2])]
    office.take(office.signed("volume.remove", "赵六", records[0], reason="misfiled", **cover))
    office.take(office.listed("volume.close", "赵六", records[1:3], new_uuid(), **cover))
    for event in ("volume.add", "volume.create"):
        late = office.signed(event, "赵六", records[3], **cover)
        assert refused(late) == [("VOLUME_CLOSED", "open", "closed")]
    assert find_volume(office.world.ledger, "丙")[0].state == "closed"
    # Another volume is none of this one's affair.
    office.take(office.signed("volume.create", "赵六", records[3], fields={"volume": "丁"}))
