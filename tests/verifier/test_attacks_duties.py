"""Attacks on duties (check 11): who was appointed to what, and when. The log is built after the edit.

Everybody is appointed in batch 0 to what they do later, by a registrar of their own organisation. The
department's review stands in batch 4. A trail that is spoiled does not hold; one that holds and gives no duty
is a breach.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.verifier.evidence_attacks import assert_refused
from tests.verifier.fabric.forge_keys import orgs
from tests.verifier.forge_enrolment import registrar
from tests.verifier.forge_evidence import Act, Object, Script, forge, recorded
from tests.verifier.forge_people import Payload, Signed, identifier, person, state
from tests.verifier.judging import codes, judge, outcome
from verifier.report import CheckName, Outcome, Verdict
from verifier.texts import Speech
from verifier.wording_keys import key_lines

REVIEWER, DUTY = person("department", 1), "department_reviewer"
APPOINTED = f"appoint {REVIEWER.agent} {DUTY}"
Edit = Callable[[list[Act]], object]


def _made(batch: int, second: int, event: str = "appoint", organisation: int = 1, **claims: object) -> Edit:
    """One statement more on the reviewer's trail, behind what is in that batch already."""

    def edit(acts: list[Act]) -> None:
        fields = {"detail": "聘任"} if event == "appoint" else {}
        said: dict[str, Any] = {"subject": REVIEWER.agent, "duty": DUTY, **claims}
        signed = state(registrar(organisation), f"more {event}", event, fields, **said)
        acts.append(Act(f"more {event}", batch, signed, recorded(batch, second)))

    return edit


def without_appointment(*edits: Edit) -> Script:
    def appointments(acts: list[Act]) -> None:
        acts[:] = [act for act in acts if act.name != APPOINTED]

    return with_acts(*edits, script=Script(appointments=appointments))


def with_acts(*edits: Edit, script: Script | None = None) -> Script:
    def acts(made: list[Act]) -> None:
        for edit in edits:
            edit(made)

    return replace(script or Script(), acts=acts)


def _appointment_says(**claims: object) -> Script:
    def edit(payload: Payload) -> None:
        payload.update(claims)

    return Script(claims={APPOINTED: edit})


def _by_no_registrar(_: Signed) -> Signed:
    return state(registrar(0), APPOINTED, "appoint", {"detail": "聘任"}, subject=REVIEWER.agent, duty=DUTY)


BREACHES: dict[str, Script] = {
    "never appointed": without_appointment(),
    "released before": with_acts(_made(2, 9, "release")),
    "an appointment that had ended": _appointment_says(due="2025-12-01"),
    "an appointment that had ended when it happened": _appointment_says(due="2026-01-11"),
    "an appointment of another organisation": Script(signed={APPOINTED: _by_no_registrar}),
    "an appointment logged later than the act": without_appointment(_made(5, 9)),
    "appointed to something else": _appointment_says(duty="reader"),
    "appointed as another person": _appointment_says(subject=identifier("somebody else")),
}


@pytest.mark.parametrize("name", BREACHES)
def test_without_the_duty_at_that_place(name: str) -> None:
    report = judge(BREACHES[name])
    assert report.verdict is Verdict.INCOMPLETE
    assert outcome(report, CheckName.CUSTODY) is Outcome.FAILED
    (breach,) = report.records[0].breaches
    assert (breach.code, breach.expected) == ("CUSTODY_DUTY", DUTY)
    assert report.records[0].steps[breach.step - 1].event == "review.department"


def test_an_appointment_that_ended_while_the_act_waited_for_the_network() -> None:
    """A ledger asks when it accepts; between that and the log may lie what an outage lasts."""
    script = _appointment_says(due="2026-01-11")

    def happened(payload: Payload) -> None:
        payload["occurred_at"] = "2026-01-11"

    report = judge(replace(script, claims={**script.claims, "department": happened}))
    assert report.verdict is Verdict.CONSISTENT, report.reasons
    assert report.records[0].breaches == ()


def test_who_left_later_stays_attributable() -> None:
    report = judge(with_acts(_made(5, 9, "release")))
    assert report.verdict is Verdict.CONSISTENT, report.reasons
    assert report.records[0].breaches == ()
    (step,) = (one for one in report.records[0].steps if one.event == "review.department")
    assert step.duties == (DUTY,)
    assert "LATER_DUTIES_NOT_PROVED" in {reason.code for reason in report.checks[-1].reasons}
    assert "CUSTODY_DUTIES_NOT_CHECKED" not in codes(report)


def _left_out(*names: str) -> Script:
    """The entry and the statement, as if they had never been."""
    base = with_acts(_made(2, 9, "release"), _made(3, 9))
    made = forge(base)
    texts = {made.log.leaves[made.log.entries[name, None]] for name in names}
    said = {act.signed.data.decode() for act in made.acts if act.name in names}

    def edit(evidence: Object) -> None:
        evidence["entries"] = [entry for entry in evidence["entries"] if entry["text"] not in texts]
        evidence["statements"] = [one for one in evidence["statements"] if one["statement"] not in said]

    return replace(base, evidence=edit)


SPOILED: dict[str, tuple[Script, set[str]]] = {
    # The release between two appointments is kept back: the duty seems to have been held throughout.
    "cut out of the middle": (_left_out("more release"), {"entry TRAIL_GAP"}),
    "cut short at its beginning": (_left_out(APPOINTED), {"entry TRAIL_GAP"}),
}


@pytest.mark.parametrize("name", SPOILED)
def test_a_trail_that_is_not_whole(name: str) -> None:
    script, expected = SPOILED[name]
    assert_refused(script, expected)


def test_a_trail_that_is_not_carried_gives_no_duty() -> None:
    made = forge(Script())
    text = made.log.leaves[made.log.entries[APPOINTED, None]]
    said = next(act.signed.data.decode() for act in made.acts if act.name == APPOINTED)

    def edit(evidence: Object) -> None:
        evidence["entries"] = [entry for entry in evidence["entries"] if entry["text"] != text]
        evidence["statements"] = [one for one in evidence["statements"] if one["statement"] != said]

    report = judge(Script(evidence=edit))
    assert report.verdict is Verdict.INCOMPLETE
    assert [breach.code for breach in report.records[0].breaches] == ["CUSTODY_DUTY"]


def _for_unit(agent: str, duty: str, unit: str) -> Callable[[Payload], object]:
    return lambda payload: payload.update(unit=identifier(unit))


def test_a_duty_for_one_village_counts_there_alone() -> None:
    clerk, committee = identifier("clerk"), identifier("committee")
    frozen = f"appoint {clerk} department_reviewer"
    reviewed = f"appoint {committee} village_archivist"
    for unit, expected in (("this village", []), ("that village", ["CUSTODY_UNIT"])):
        claims = {
            frozen: _for_unit(clerk, DUTY, "this village"),
            reviewed: _for_unit(committee, "village_archivist", unit),
        }
        report = judge(Script(claims=claims))
        assert [breach.code for breach in report.records[0].breaches] == expected


def _by_county(unit: str | None) -> Script:
    """The clerk of this village fixed the list; its archivist is certified by organisation 1."""
    clerk, archivist = identifier("clerk"), person("committee", 1)
    claims = {f"appoint {clerk} department_reviewer": _for_unit(clerk, DUTY, "this village")}
    if unit is not None:
        appointed = f"appoint {archivist.agent} village_archivist"
        claims[appointed] = _for_unit(archivist.agent, "village_archivist", unit)
    return Script(claims=claims, people={"committee": archivist})


@pytest.mark.parametrize("unit", ["that village", None])
def test_who_is_certified_elsewhere_counts_for_one_village_alone(unit: str | None) -> None:
    report = judge(_by_county(unit))
    assert report.verdict is Verdict.INCOMPLETE
    (breach,) = report.records[0].breaches
    assert (breach.code, breach.expected) == ("CUSTODY_UNIT", identifier("this village"))
    assert report.records[0].steps[breach.step - 1].event == "review.village"


def test_the_page_says_who_certified_the_village_archivist() -> None:
    report = judge(_by_county("this village"))
    assert report.verdict is Verdict.CONSISTENT, report.reasons
    town, county = (org.msp for org in orgs()[:2])
    (key,) = (one for one in report.keys if one.agent == identifier("committee"))
    assert (key.certified_by, key.enrolled_by) == (county, (county, town))
    (step,) = (one for one in report.records[0].steps if one.event == "review.village")
    assert (step.iss, step.duties) == (county, ("village_archivist",))
    names = {one.msp: one.name for one in report.witnesses}
    told = f"证书由{names[county]}签发;密钥由{names[county]}、{names[town]}两家机构的登记员登记"
    assert any(told in line for line in key_lines(report, Speech("zh")))
