"""The ledger refuses by the workflow rules, keeps what it refused, and reads no more than it must."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select

from ledger import accept as accepting
from ledger.accept import SubmissionsRefusedError
from ledger.handling import handling_reasons
from ledger.refusals import refusals
from ledger.store.engine import reading
from ledger.store.tables import statement
from ledger.submission import Submission
from tests.ledger.handling_office import READER, Office
from tests.ledger.ledger_world import make_world, new_uuid
from verifier.digests import sha256
from verifier.tally import MOST_REASONS

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(make_world(tmp_path))


def _codes(error: SubmissionsRefusedError) -> list[tuple[int, str]]:
    return [(one.number, reason.code) for one in error.refusals for reason in one.reasons]


def _kept(office: Office) -> int:
    with reading(office.world.ledger.engine) as connection:
        return connection.execute(select(func.count()).select_from(statement)).scalar_one()


def test_a_list_through_every_step(office: Office) -> None:
    records, list_id = [new_uuid() for _ in range(3)], new_uuid()
    office.take(office.world.receive_list(office.key("王五"), records))
    frozen = office.frozen("王五", records, list_id)
    for step, who in (("village", "刘十四"), ("department", "钱七"), ("final", "赵六")):
        office.take(office.review(step, who, records, list_id, frozen))


def test_a_skipped_step_is_refused_of_every_item(office: Office) -> None:
    records, list_id = [new_uuid() for _ in range(3)], new_uuid()
    frozen = office.frozen("王五", records, list_id)
    with pytest.raises(SubmissionsRefusedError) as caught:
        office.take(office.review("final", "赵六", records, list_id, frozen))
    assert _codes(caught.value) == [(0, "CUSTODY_TRANSFER_ORDER")] * 3
    assert [reason.at for reason in caught.value.refusals[0].reasons] == [
        f"items[{number}] {record}" for number, record in enumerate(records)
    ]


def test_a_lists_name_is_given_to_no_other_records(office: Office) -> None:
    """What is fixed under the id of a list would go its way unseen, beside the items that are shown of it."""
    records, list_id = [new_uuid() for _ in range(2)], new_uuid()
    office.take(office.world.receive_list(office.key("王五"), records))

    def fixed(*of: str) -> Submission:
        return office.listed("list.freeze", "王五", list(of), list_id, fields={"list_title": "清单"})

    refused = []
    with pytest.raises(SubmissionsRefusedError) as caught:
        office.take(fixed(records[0]), fixed(records[1]))
    refused += _codes(caught.value)
    office.take(fixed(records[0]))
    for of in records[::-1]:
        with pytest.raises(SubmissionsRefusedError) as caught:
            office.take(fixed(of))
        refused += _codes(caught.value)
    # Of the record that stands on it, its own trail says more.
    frozen = "CUSTODY_LIST_FROZEN"
    assert refused == [(1, frozen), (0, frozen), (0, frozen), (0, "CUSTODY_LIST_ANSWER")]


def test_of_many_items_the_number_of_those_left_out_is_told(office: Office) -> None:
    records, list_id = [new_uuid() for _ in range(MOST_REASONS + 7)], new_uuid()
    frozen = office.frozen("王五", records, list_id)
    with pytest.raises(SubmissionsRefusedError) as caught:
        office.take(office.review("final", "赵六", records, list_id, frozen))
    told = caught.value.refusals[0].reasons
    assert [one.code for one in told] == ["CUSTODY_TRANSFER_ORDER"] * MOST_REASONS + ["MORE_REASONS"]
    assert told[-1].found == "7"


def test_one_wrong_item_keeps_its_list_out(office: Office) -> None:
    records, list_id = [new_uuid() for _ in range(2)], new_uuid()
    frozen = office.frozen("王五", records, list_id)
    stranger = new_uuid()
    with pytest.raises(SubmissionsRefusedError) as caught:
        office.take(office.review("village", "刘十四", [records[0], stranger], list_id, frozen))
    assert _codes(caught.value) == [(0, "CUSTODY_TRANSFER_ORDER")]
    assert stranger in caught.value.refusals[0].reasons[0].at


def test_acts_of_one_call_are_judged_one_after_the_other(office: Office) -> None:
    record = new_uuid()
    applied = office.signed("access.apply", "周九", record, basis="mediation", fields=READER)
    said: dict[str, Any] = {"answers": (sha256(applied.statement),), "outcome": "granted"}
    granted = office.signed("access.approve", "赵六", record, **said)
    lend: dict[str, Any] = {
        "answers": said["answers"],
        "due": "2026-03-30",
        "state": "on_loan",
        "basis": "audit",
    }
    lent = office.signed("borrow.out", "孙八", record, fields=READER, **lend)
    with pytest.raises(SubmissionsRefusedError) as caught:
        office.take(lent, applied, granted)
    assert _codes(caught.value)[0] == (0, "CUSTODY_UNAPPROVED")
    office.take(applied, granted, lent)
    with pytest.raises(SubmissionsRefusedError) as caught:
        office.take(office.signed("borrow.out", "孙八", record, fields=READER, **lend))
    assert _codes(caught.value) == [(0, "CUSTODY_ORIGINAL_ORDER"), (0, "CUSTODY_LOAN_ORDER")]


def test_what_was_accepted_before_is_not_judged_again(office: Office) -> None:
    shelved = office.signed("shelve", "陈十三", new_uuid(), state="in_place", fields={"location": "1"})
    assert office.take(shelved) == office.take(shelved)


def test_a_refusal_is_kept_and_nothing_else(office: Office) -> None:
    record = new_uuid()
    wrong = office.signed("volume.close", "王五", record, fields={"volume": "秘密卷名"})
    before = _kept(office)
    with pytest.raises(SubmissionsRefusedError):
        office.take(office.world.receive(office.key("王五"), new_uuid()), wrong)
    (kept,) = refusals(office.world.ledger)
    assert (kept.event, kept.agent, kept.record) == ("volume.close", office.key("王五").agent, record)
    assert (kept.code, kept.expected, kept.found) == ("CUSTODY_VOLUME_ORDER", "open", "none")
    assert kept.statement == sha256(wrong.statement).hex()
    assert "秘密卷名" not in repr(kept)
    assert _kept(office) == before


def test_a_statement_that_is_not_well_signed_leaves_no_trace_of_an_agent(office: Office) -> None:
    """Or anybody could have others listed as having tried."""
    good = office.signed("volume.close", "王五", new_uuid(), fields={"volume": "卷"})
    stranger = office.world.person()
    forged = Submission(good.statement, stranger.certificate_der, good.disclosures, good.items)
    with pytest.raises(SubmissionsRefusedError):
        office.take(forged)
    assert refusals(office.world.ledger) == ()


def test_new_records_are_asked_for_once_and_not_read(office: Office) -> None:
    """Two queries for any number of records up to 500, and none of the bytes of what was done with them."""
    asked: list[str] = []
    engine = office.world.ledger.engine
    submissions = [office.world.receive(office.key("王五"), new_uuid()) for _ in range(20)]
    event.listen(engine, "before_cursor_execute", lambda *said: asked.append(str(said[2])))
    office.take(*submissions)
    about = [text for text in asked if "record IN" in text]
    assert len(about) == 2
    assert not [text for text in asked if text.startswith("SELECT statement.id, statement.data \nFROM")]


@pytest.mark.parametrize("touched", [True, False])
def test_a_long_list_is_judged_before_the_lock_and_again_if_one_of_it_was_acted_on(
    office: Office, monkeypatch: pytest.MonkeyPatch, touched: bool
) -> None:
    records, list_id, other = [new_uuid() for _ in range(3)], new_uuid(), new_uuid()
    office.take(office.world.receive_list(office.key("王五"), [*records, other]))
    frozen = office.frozen("王五", records, list_id)
    apart = office.frozen("王五", [other], new_uuid())
    sent_back, answered = (records[1], frozen) if touched else (other, apart)
    between = office.signed("item.return", "钱七", sent_back, answers=(answered,), reason="page_count")
    monkeypatch.setattr("ledger.handling.MANY", len(records))
    original, asked = accepting._foresee, list[int]()

    def then_somebody_acts(*arguments: Any) -> Any:
        found = original(*arguments)
        if arguments[1][0].examined.items:
            office.take(between)
            monkeypatch.setattr(
                "ledger.accept.handling_reasons",
                lambda *told: asked.append(1) or handling_reasons(*told),  # type: ignore[func-returns-value]
            )
        return found

    monkeypatch.setattr(accepting, "_foresee", then_somebody_acts)
    review = office.review("village", "刘十四", records, list_id, frozen)
    if touched:
        with pytest.raises(SubmissionsRefusedError) as refused:
            office.take(review)
        assert (0, "CUSTODY_TRANSFER_ORDER") in _codes(refused.value)
        assert asked == [1]
    else:
        office.take(review)
        assert asked == []
