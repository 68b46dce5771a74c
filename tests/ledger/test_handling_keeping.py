"""At the door: a destruction is seen by another, what leaves a deposit is what came in, two are apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ledger.accept import SubmissionsRefusedError
from ledger.fill_record import fill_on_record
from ledger.sign import Draft, ItemDraft, sign_list
from ledger.submission import Submission
from tests.ledger.handling_office import PAPER, Office
from tests.ledger.ledger_world import ORIGIN, RECORD, make_world, new_uuid
from verifier.claims import FileClaim
from verifier.custody_tables import tables
from verifier.digests import both

AGREED = {"owner": "望禾村", "document_number": "青档寄〔2026〕001号"}
KEPT = {**AGREED, "custodian": "镇综合档案室"}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(make_world(tmp_path))


def codes(office: Office, *submissions: Submission) -> list[str]:
    """Empty if they are taken."""
    try:
        office.take(*submissions)
    except SubmissionsRefusedError as error:
        return [reason.code for one in error.refusals for reason in one.reasons]
    return []


def test_who_may_see_a_destruction(office: Office) -> None:
    answers = (office.carried_out(RECORD, PAPER),)
    ledger = office.world.ledger
    act = fill_on_record(ledger, RECORD, {"event": "destroy.witness", "occurred_at": "2026-01-12"})
    # Which one is looked up; what was seen, whoever saw it says.
    assert (act["answers"], "outcome" in act) == ([answers[0].hex()], False)

    def seen(who: str, outcome: str = PAPER) -> list[str]:
        return codes(office, office.signed("destroy.witness", who, RECORD, answers=answers, outcome=outcome))

    for who in ("陈十三", "赵六", "孙八"):
        assert seen(who) == ["CUSTODY_SAME_PERSON"]
    assert seen("郑十一", "electronic_destroyed") == ["CUSTODY_WITNESS_OTHER"]
    # Not yet witnessed: what is there may still be moved; afterwards nothing may.
    moved = {"state": "in_place", "fields": {"location": "1"}}
    assert codes(office, office.signed("shelve", "陈十三", RECORD, **moved)) == []
    assert seen("郑十一") == []
    refused = codes(office, office.signed("shelve", "陈十三", RECORD, **moved))
    assert refused == ["CUSTODY_ORIGINAL_ORDER", "CUSTODY_DESTROYED"]


def deposited(office: Office, event: str, records: list[str], list_id: str, **said: Any) -> Submission:
    """On one list, each of 40 pages and under the same agreement."""
    pages, papers = said.pop("pages", 40), said.pop("papers", (agreement(b"agreement"),))
    draft = Draft(event, "2026-01-08", fields={"agent_name": "陈十三", **said.pop("fields")}, **said)
    items = [ItemDraft(one, files=papers, pages=pages, state="in_place") for one in records]
    return sign_list(office.key("陈十三"), ORIGIN, draft, list_id, items)


def agreement(content: bytes) -> FileClaim:
    return FileClaim("agreement", "application/pdf", "paper", "scan", both(content), len(content))


OTHER = ["CUSTODY_DEPOSIT_OTHER"]
RETURNS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "fewer pages": ({"pages": 39}, OTHER * 2),
    "under another agreement's paper": ({"papers": (agreement(b"another"),)}, OTHER * 2),
    "under another agreement's number": ({"fields": {**AGREED, "document_number": "2"}}, OTHER * 2),
    "to another owner": ({"fields": {**AGREED, "owner": "听泉村"}}, OTHER * 2),
    "as it was": ({}, []),
}


def test_what_is_given_back_is_what_was_taken_in(office: Office) -> None:
    records, list_id, stranger = [new_uuid(), new_uuid()], new_uuid(), new_uuid()
    taken = office.take(deposited(office, "deposit.in", records, list_id, basis="agreement", fields=KEPT))

    def back(what: list[str], on: str, **changed: Any) -> list[str]:
        said: dict[str, Any] = {"fields": AGREED, "answers": (taken,), **changed}
        return codes(office, deposited(office, "deposit.out", what, on, **said))

    assert back([*records, stranger], list_id) == [
        *OTHER * 2,
        *("CUSTODY_DEPOSIT_ORDER", "CUSTODY_DEPOSIT_NOT_TAKEN"),
    ]
    # As many, with another among them: wrong for that other.
    assert back([records[0], stranger], list_id) == ["CUSTODY_DEPOSIT_ORDER", "CUSTODY_DEPOSIT_NOT_TAKEN"]
    # A part goes on a list of its own, or alone.
    assert back(records[:1], list_id) == OTHER
    for name, (changed, expected) in RETURNS.items():
        assert back(records, list_id, **changed) == expected, name
    assert back(records[:1], new_uuid()) == ["CUSTODY_DEPOSIT_ORDER", "CUSTODY_DEPOSIT_NOT_TAKEN"]


NAMES: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "approver of one's own correction": (
        "metadata.correct",
        {"reason": "entry_error", "fields": {"approver": "王五"}},
        ["CUSTODY_NOT_APART"],
    ),
    "approved by another": (
        "metadata.correct",
        {"reason": "entry_error", "fields": {"approver": "赵六"}},
        [],
    ),
    "an owner who is the custodian": (
        "deposit.in",
        {"basis": "agreement", "fields": {**KEPT, "custodian": "望禾村"}},
        ["CUSTODY_NOT_APART"],
    ),
}


@pytest.mark.parametrize("name", NAMES)
def test_two_that_are_apart(office: Office, name: str) -> None:
    event, said, expected = NAMES[name]
    assert codes(office, office.signed(event, "王五", new_uuid(), **said)) == expected


def test_a_correction_is_approved_by_another_key(office: Office) -> None:
    """Whatever name the corrector wrote: the approval is signed, and not with his key."""
    said: dict[str, Any] = {"reason": "entry_error", "fields": {"approver": "赵六"}}
    wrong = office.take(office.signed("metadata.correct", "王五", RECORD, **said))
    agreed: dict[str, Any] = {"answers": (wrong,), "outcome": "approved"}
    assert codes(office, office.signed("metadata.check", "王五", RECORD, **agreed)) == ["CUSTODY_OWN_WORK"]
    assert codes(office, office.signed("metadata.check", "赵六", RECORD, **agreed)) == []


UNMARKED = ["CUSTODY_LATE_UNMARKED"]
# Handed in on 2026-01-12, at noon in Beijing.
LATE: dict[str, tuple[str, str | None, list[str]]] = {
    "the fifteenth day before": ("2025-12-28", None, []),
    "the sixteenth": ("2025-12-27", None, UNMARKED),
    "the sixteenth, marked": ("2025-12-27", "offline", []),
    "by Beijing's day": ("2025-12-27T16:30:00Z", None, []),
    "a month of which the last days are not long ago": ("2025-12", None, []),
    "a month that is": ("2025-11", None, UNMARKED),
    "a year": ("2025", None, []),
    "a year long ago": ("1998", None, UNMARKED),
    "a span that ended lately": ("1998/2025-12-28", None, []),
    "a span that did not": ("1998/2025-12-27", None, UNMARKED),
}


@pytest.mark.parametrize("name", LATE)
def test_what_is_entered_late_says_so(office: Office, name: str) -> None:
    when, late, expected = LATE[name]
    key, record = office.key("王五"), new_uuid()
    assert codes(office, office.world.receive(key, record, occurred_at=when, late=late)) == expected


def test_each_item_of_a_list_says_so(office: Office) -> None:
    """By its own date and mark, or the list statement's."""
    dates = (("2026-01-08", None), ("2025-01-08", None), ("2025-01-08", "old_paper"), (None, None))
    items = [
        ItemDraft(new_uuid(), fields={"title": f"第{n}件", "number": f"L{n}"}, occurred_at=date, late=late)
        for n, (date, late) in enumerate(dates)
    ]
    fields = {"agent_name": "王五"}
    for when, marked, wrong in (
        ("2026-01-08", None, ["items[1].late"]),
        ("2025-01-08", None, ["items[1].late", "items[3].late"]),
        ("2025-01-08", "offline", []),
    ):
        draft = Draft("receive", when, fields=fields, late=marked)
        signed = sign_list(office.key("王五"), ORIGIN, draft, new_uuid(), items)
        try:
            office.take(signed)
            found = []
        except SubmissionsRefusedError as error:
            found = [one.at for one in error.refusals[0].reasons if one.code == UNMARKED[0]]
        assert found == wrong


def test_a_line_cut_for_two_weeks_is_no_trouble() -> None:
    """At the signer's, and then another two between acceptance and record: nobody had to mark anything."""
    days = tables().late_days
    assert days.accepted > 14
    assert days.recorded > days.accepted + 14
