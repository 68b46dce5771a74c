"""Check 11 through the whole verifier: signed, logged and anchored acts that break a rule of handling.

The operator of a ledger may log what breaks the rules, so the verifier judges it again. Evidence holds and
the files are the record's: the verdict is "incomplete", and the page says first which step is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.verifier.evidence_attacks import line
from tests.verifier.forge_evidence import (
    CURRENT,
    LAST_BATCH,
    LI,
    LIST,
    STRANGE,
    ZHANG,
    Act,
    Script,
    forge,
    given,
    good,
    recorded,
)
from tests.verifier.forge_people import Payload, Person, person, state
from tests.verifier.judging import codes, judge, outcome
from verifier import acts
from verifier.acts import Subjects, acts_of
from verifier.custody_tables import tables
from verifier.duties import Held, duty_words
from verifier.evidence import read_evidence
from verifier.parts import open_parts
from verifier.report import CheckName, Outcome, Report, Verdict
from verifier.tally import Tally
from verifier.texts import Speech
from verifier.verify import verify
from verifier.verify_custody import check_custody
from verifier.wording import page

Edit = Callable[[list[Act]], object]


def _adds(event: str, signer: Person, fields: Any = None, **claims: Any) -> Edit:
    """One more act on the record, the last one in the log."""

    def edit(acts: list[Act]) -> None:
        signed = state(signer, "more", event, fields, record=ZHANG, **claims)
        acts.append(Act("more", LAST_BATCH, signed, recorded(LAST_BATCH, 9)))

    return edit


def _without(*names: str) -> Script:
    def edit(acts: list[Act]) -> None:
        acts[:] = [act for act in acts if act.name not in names]

    return Script(acts=edit)


def _by(name: str, who: str, organisation: int) -> Script:
    """The act named, signed by another."""

    def edit(acts: list[Act]) -> None:
        place = next(n for n, act in enumerate(acts) if act.name == name)
        old = acts[place]
        claims = {k: v for k, v in old.signed.payload.items() if k not in _SIGNER}
        signed = state(person(who, organisation), name, old.signed.payload["event"], **claims)
        acts[place] = Act(name, old.batch, signed, old.recorded_at)

    return Script(acts=edit)


_SIGNER = ("agent", "iss", "aud", "jti", "event", "occurred_at", "_sd", "_sd_alg", "fields")


def _says(name: str, **claims: Any) -> Script:
    def edit(payload: Payload) -> None:
        payload.update(claims)

    return Script(claims={name: edit})


READER = {"reader_name": "某人", "purpose": "查阅"}
SOMEBODY = person("somebody")
ANY_ANSWER = ["ab" * 32]

CASES: dict[str, tuple[Script, list[str]]] = {
    "village review skipped": (_without("village"), ["department CUSTODY_TRANSFER_ORDER"]),
    "department review skipped": (_without("department"), ["final CUSTODY_TRANSFER_ORDER"]),
    "never put on a list again": (
        # What follows one skipped step is not told again.
        _without("relist"),
        ["village CUSTODY_TRANSFER_ORDER"],
    ),
    "one person on two steps": (_by("department", "committee", 0), ["department CUSTODY_SAME_PERSON"]),
    "the preparer reviews": (_by("village", "clerk", 0), ["village CUSTODY_SAME_PERSON"]),
    "a review of nothing": (_says("village", answers=ANY_ANSWER), ["village CUSTODY_LIST_ANSWER"]),
    "an authorisation without end": (
        _says("village", basis="temporary_authorisation"),
        ["village CUSTODY_AUTHORISATION_UNDATED"],
    ),
    "an authorisation that had ended": (
        _says("village", basis="temporary_authorisation", due="2026-01-11"),
        ["village CUSTODY_AUTHORISATION_ENDED"],
    ),
    "submitted again as the version before": (_says("resubmit", version=1), ["resubmit CUSTODY_VERSION"]),
    "read without approval": (_says("view", basis="mediation"), ["view CUSTODY_UNAPPROVED"]),
    "lent without approval": (
        Script(acts=_adds("borrow.out", SOMEBODY, READER, due="2026-02-01", state="on_loan", basis="audit")),
        ["more CUSTODY_UNAPPROVED"],
    ),
    "returned, never lent": (
        Script(acts=_adds("borrow.return", SOMEBODY, outcome="intact", state="in_place", answers=ANY_ANSWER)),
        ["more CUSTODY_ORIGINAL_ORDER", "more CUSTODY_LOAN_ORDER", "more CUSTODY_ANSWERS"],
    ),
    "compared by who scanned": (
        Script(acts=_adds("original.compare", person("clerk"), outcome="same", pages=46)),
        ["more CUSTODY_OWN_WORK"],
    ),
    "a repair checked that was not made": (
        Script(acts=_adds("repair.check", SOMEBODY, outcome="passed", answers=ANY_ANSWER)),
        ["more CUSTODY_ANSWERS"],
    ),
    "destroyed, never proposed": (
        Script(
            acts=_adds(
                "destroy.carry_out",
                SOMEBODY,
                {"second_person": "某人"},
                outcome="paper_destroyed",
                state="destroyed",
                answers=ANY_ANSWER,
            )
        ),
        ["more CUSTODY_DESTRUCTION_ORDER", "more CUSTODY_ANSWERS"],
    ),
    "a volume closed that was not made": (
        Script(acts=_adds("volume.close", SOMEBODY, {"volume": "卷一"})),
        ["more CUSTODY_VOLUME_ORDER"],
    ),
    "given back, never taken into keeping": (
        Script(
            acts=_adds("deposit.out", SOMEBODY, {"owner": "村", "document_number": "1"}, answers=ANY_ANSWER)
        ),
        ["more CUSTODY_DEPOSIT_ORDER", "more CUSTODY_DEPOSIT_NOT_TAKEN"],
    ),
}


def _found(script: Script, report: Report) -> list[str]:
    """The act's name and the code of each breach."""
    forged = forge(script)
    names = {forged.statement(act.name): act.name for act in forged.acts}
    (record,) = report.records
    return [f"{names[record.steps[b.step - 1].statement]} {b.code}" for b in record.breaches]


@pytest.mark.parametrize("name", CASES)
def test_logged_against_the_rules(name: str) -> None:
    script, expected = CASES[name]
    report = judge(script)
    assert report.verdict is Verdict.INCOMPLETE
    failed = [check.check for check in report.checks if check.outcome is not Outcome.PASSED]
    assert failed == [CheckName.CUSTODY]
    assert _found(script, report) == expected
    assert codes(report)[0] == expected[0].split()[1]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_says_first_which_step_is_wrong(language: str) -> None:
    report = judge(CASES["department review skipped"][0])
    head = page(report, language, width=1000).split("\n[" if language == "en" else "\n【")[0]
    speech = Speech(language)
    assert head.startswith(speech.say("verdict.incomplete_custody"))
    assert speech.reason("CUSTODY_TRANSFER_ORDER") in head
    assert speech.event("review.final") in head
    assert speech.say("custody.meaning") in head
    assert speech.say("next.custody") in page(report, language, width=1000)


def test_a_changed_file_is_worse_than_a_skipped_step() -> None:
    report = judge(CASES["department review skipped"][0], [*CURRENT, given(STRANGE)])
    assert report.verdict is Verdict.INCONSISTENT
    assert outcome(report, CheckName.CUSTODY) is Outcome.FAILED
    assert Speech("zh").say("custody.meaning") in page(report, "zh", width=1000)


def test_handled_by_the_rules() -> None:
    report = judge()
    (check,) = (check for check in report.checks if check.check is CheckName.CUSTODY)
    assert (check.outcome, check.subjects) == (Outcome.PASSED, 11)
    # Everybody's duty was judged; that nobody was released after the last one shown is not proved.
    assert [reason.code for reason in check.reasons] == ["LATER_DUTIES_NOT_PROVED"]
    assert report.records[0].custody == (("transfer", "filed"),)
    assert Speech("zh").say("limits.duty") in page(report, "zh", width=1000)


def test_what_is_late_or_from_a_register_is_noted() -> None:
    late = _adds("shelve", SOMEBODY, {"location": "2"}, state="in_place", late="offline")
    volume = _adds("volume.close", SOMEBODY, {"volume": "卷一"}, late="old_register")
    for edit, expected in (
        (late, ["LATER_DUTIES_NOT_PROVED", "CUSTODY_LATE"]),
        (volume, ["CUSTODY_OLD_REGISTER", "LATER_DUTIES_NOT_PROVED", "CUSTODY_LATE"]),
    ):
        report = judge(Script(acts=edit))
        assert report.verdict is Verdict.CONSISTENT
        assert [reason.code for reason in report.checks[-1].reasons] == expected


def test_a_name_that_is_compared_and_not_shown_leaves_the_check_undone() -> None:
    """What is withheld, or erased, compares with nothing: a rule that was not asked has not passed."""
    names = {"approver": "赵六", "title": "界址图"}
    not_asked = [("CUSTODY_NAME_NOT_COMPARED", "approver")]
    for hidden, expected, verdict in (
        ("", [], Verdict.CONSISTENT),
        ("approver", not_asked, Verdict.INCOMPLETE),
    ):
        edit = _adds("metadata.correct", SOMEBODY, names, reason="entry_error")
        report = judge(Script(acts=edit, withhold=frozenset({("more", hidden)} if hidden else ())))
        assert report.verdict is verdict, report.reasons
        found = [(one.code, one.found) for one in report.checks[-1].reasons if "NAME" in one.code]
        assert found == expected


def test_what_is_pending_is_not_judged() -> None:
    def pending(acts: list[Act]) -> None:
        signed = state(SOMEBODY, "more", "volume.close", {"volume": "卷一"}, record=ZHANG)
        acts.append(Act("more", None, signed, ""))

    report = judge(Script(acts=pending))
    assert outcome(report, CheckName.CUSTODY) is Outcome.PASSED
    assert "CUSTODY_PENDING" in [reason.code for reason in report.checks[-1].reasons]
    assert report.records[0].breaches == ()


def test_without_a_record_it_is_not_run() -> None:
    """Of a list alone, no record's trail is complete: nothing is judged, and nothing said to be in order."""
    report = judge(Script(records=(), lists=(LIST,)), [])
    assert outcome(report, CheckName.CUSTODY) is Outcome.NOT_RUN
    assert [reason.code for reason in report.checks[-1].reasons] == ["NO_RECORD_IN_SCOPE"]
    assert report.verdict is Verdict.INCOMPLETE
    assert Speech("zh").say("limits.workflow") in page(report, "zh", width=1000)


def everything(act: acts.Act) -> frozenset[Held]:
    """Whoever acts has every duty."""
    return frozenset(Held(duty, None, act.statement.iss, None, b"") for duty in duty_words())


def test_one_record_of_two_without_a_logged_act_is_not_passed_over() -> None:
    tallies = {name: Tally(name) for name in CheckName}
    logged = Subjects(acts_of(open_parts(read_evidence(good().octets), tallies))).records[ZHANG]
    check_custody((ZHANG, LI), {ZHANG: logged}, tallies[CheckName.CUSTODY], everything)
    result = tallies[CheckName.CUSTODY].result()
    assert (result.outcome, result.subjects) == (Outcome.NOT_RUN, len(logged))
    assert [(one.code, one.at) for one in result.reasons if one.code == "NOTHING_TO_CHECK"] == [
        ("NOTHING_TO_CHECK", LI)
    ]


def test_duties_that_are_not_known_are_not_passed_over() -> None:
    tallies = {name: Tally(name) for name in CheckName}
    logged = Subjects(acts_of(open_parts(read_evidence(good().octets), tallies))).records[ZHANG]
    asked = sum(one.statement.event in tables().asking_duty for one in logged)
    check_custody((ZHANG,), {ZHANG: logged}, tallies[CheckName.CUSTODY], lambda act: None)
    result = tallies[CheckName.CUSTODY].result()
    assert result.outcome is Outcome.NOT_RUN
    assert asked > 0
    assert ("CUSTODY_DUTIES_NOT_CHECKED", str(asked)) in {(one.code, one.found) for one in result.reasons}


def test_on_evidence_that_does_not_hold_it_is_not_run() -> None:
    octets = forge(Script(anchor=line(8, "ab" * 32))).octets
    for evidence in (octets, b"{}"):
        report = verify(evidence, good().trust_octets, CURRENT)
        assert report.verdict is Verdict.CANNOT_CHECK
        assert outcome(report, CheckName.CUSTODY) is Outcome.NOT_RUN
