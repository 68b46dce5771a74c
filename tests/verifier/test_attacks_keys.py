"""Attacks on keys (check 2): who enrolled whom, and when. The log is built after the edit: every proof holds.

Clerk and service are of the first organisation, the reviewers of the second;
all are enrolled in batch 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.verifier.evidence_attacks import assert_refused
from tests.verifier.forge_enrolment import key_of, registrar
from tests.verifier.forge_evidence import (
    Act,
    Object,
    Script,
    forge,
    recorded,
)
from tests.verifier.forge_log import sha256
from tests.verifier.forge_people import Payload, Person, identifier, person, state
from tests.verifier.judging import codes, judge
from tests.verifier.test_report_json import SCHEMA, faults
from verifier.report import Report, Verdict
from verifier.report_json import report_json
from verifier.wording import page

CLERK = identifier("clerk")
FIRST, SECOND = f"key.enrol {CLERK} 1", f"key.enrol {CLERK} 2"
ENROLLED = Script()
Edit = Callable[[list[Act]], object]


def acts(*edits: Edit) -> Script:
    def edit(made: list[Act]) -> None:
        for one in edits:
            one(made)

    return replace(ENROLLED, acts=edit)


def without(*names: str) -> Edit:
    def edit(made: list[Act]) -> None:
        made[:] = [act for act in made if act.name not in names]

    return edit


def moved(name: str, batch: int, second: int = 0) -> Edit:
    """Logged in another batch, behind what is there already."""

    def edit(made: list[Act]) -> None:
        (one,) = [act for act in made if act.name == name]
        made.remove(one)
        made.append(replace(one, batch=batch, recorded_at=recorded(batch, second)))

    return edit


def said(name: str, signer: Person, event: str, batch: int, second: int, **claims: object) -> Edit:
    """One statement more."""

    def edit(made: list[Act]) -> None:
        whole: Payload = {"subject": CLERK, "key": key_of(person("clerk")), **claims}
        if isinstance(whole.get("answers"), str):
            answered = next(act for act in made if act.name == whole["answers"])
            whole["answers"] = [sha256(answered.signed.data).hex()]
        signed = state(signer, name, event, **{n: value for n, value in whole.items() if value is not None})
        made.append(Act(name, batch, signed, recorded(batch, second)))

    return edit


def revoked(batch: int, second: int, reason: str = "left_post", **claims: object) -> tuple[Edit, Edit]:
    says = {"reason": reason, **claims}
    return (
        said("revoke 1", registrar(0), "key.revoke", batch, second, **says),
        said("revoke 2", registrar(1), "key.revoke", batch, second, answers="revoke 1", **says),
    )


def enrolled_again(
    first: Person, second: Person, then: dict[str, object] | None = None, **claims: object
) -> tuple[Edit, ...]:
    """The clerk's enrolment, otherwise than it was. `then`: what the second statement says otherwise."""
    return (
        without(FIRST, SECOND),
        _before_all(said("again 1", first, "key.enrol", 0, 0, **claims)),
        _before_all(
            said("again 2", second, "key.enrol", 0, 0, **{"answers": "again 1", **claims, **(then or {})})
        ),
    )


def _before_all(add: Edit) -> Edit:
    """Behind the last enrolment of batch 0, before what people state there."""

    def edit(made: list[Act]) -> None:
        add(made)
        one = made.pop()
        place = next(n for n, act in enumerate(made) if act.name == "other")
        made.insert(place, one)

    return edit


def test_the_story_with_keys_holds() -> None:
    report = judge(ENROLLED)
    assert report.verdict is Verdict.CONSISTENT, report.reasons
    assert "LATER_KEYS_NOT_PROVED" in codes(report)
    told = {(one.certified_by, one.enrolled_by, one.revoked_at, one.in_doubt) for one in report.keys}
    town, county = registrar(0).msp, registrar(1).msp
    assert told == {(town, (town, county), None, 0), (county, (county, town), None, 0)}
    names = ("clerk", "committee", "department", "reviewer", "service")
    assert {one.agent for one in report.keys} == {identifier(name) for name in names}


OTHER_KEY = "ab" * 32
TOWN, COUNTY = registrar(0), registrar(1)
ATTACKS: dict[str, tuple[Script, set[str]]] = {
    "nobody enrolled": (acts(without(FIRST, SECOND)), {"signature KEY_NOT_ENROLLED"}),
    "one organisation alone": (acts(without(SECOND)), {"signature KEY_ENROL_ALONE"}),
    "the same organisation twice": (
        acts(*enrolled_again(TOWN, person("another registrar", role="registrar"))),
        {"signature KEY_SAME_ORGANISATION"},
    ),
    "for the wrong organisation": (
        acts(*enrolled_again(COUNTY, TOWN)), {"signature KEY_OTHER_ORGANISATION"},
    ),
    "another key": (acts(*enrolled_again(TOWN, COUNTY, key=OTHER_KEY)), {"signature KEY_NOT_ENROLLED"}),
    "the key of another agent": (
        acts(*enrolled_again(TOWN, COUNTY, key=key_of(person("reviewer", 1)))),
        {"signature KEY_NOT_ENROLLED"},
    ),
    "the second about another key": (
        acts(*enrolled_again(TOWN, COUNTY, {"key": OTHER_KEY})), {"signature KEY_ENROL_ALONE"},
    ),
    "the second answers nothing": (
        acts(*enrolled_again(TOWN, COUNTY, {"answers": ["ab" * 32]})), {"signature KEY_WRONG_ANSWER"},
    ),
    "two firsts": (acts(*enrolled_again(TOWN, COUNTY, {"answers": None})), {"signature KEY_ENROL_ALONE"}),
    "the second about another person": (
        acts(*enrolled_again(TOWN, COUNTY, {"subject": identifier("stranger")})),
        {"signature KEY_ENROL_ALONE"},
    ),
    "enrolled by no registrar": (
        acts(*enrolled_again(TOWN, person("reviewer", 1))),
        {"signature KEY_NOT_REGISTRAR", "entry EVENT_ROLE"},
    ),
    "enrolled later": (acts(moved(SECOND, 5, 3)), {"signature KEY_ENROLLED_LATER"}),
    "in the same batch, but behind": (
        acts(moved(SECOND, 1, 3)), {"signature KEY_ENROLLED_LATER"},
    ),
    "revoked before": (acts(*revoked(2, 2)), {"signature KEY_REVOKED"}),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_attack(name: str) -> None:
    script, expected = ATTACKS[name]
    assert_refused(script, expected)


def _entries_without(name: str) -> Script:
    """The entry is left out of the evidence, its statement and certificate stay."""

    def edit(evidence: Object) -> None:
        log = forge(ENROLLED).log
        text = log.leaves[log.entries[name, None]]
        evidence["entries"] = [entry for entry in evidence["entries"] if entry["text"] != text]

    return replace(ENROLLED, evidence=edit)


def _gap() -> Script:
    """The trail without its first entry, as if the enrolment were all that there is."""
    text = forge(ENROLLED).log.leaves[forge(ENROLLED).log.entries[FIRST, None]]
    said_there = next(a.signed.data.decode() for a in forge(ENROLLED).acts if a.name == FIRST)

    def edit(evidence: Object) -> None:
        evidence["entries"] = [entry for entry in evidence["entries"] if entry["text"] != text]
        evidence["statements"] = [s for s in evidence["statements"] if s["statement"] != said_there]

    return replace(ENROLLED, evidence=edit)


def test_a_trail_with_a_gap() -> None:
    report = assert_refused(_gap(), {"signature KEY_WRONG_ANSWER", "entry TRAIL_GAP"})
    assert any(reason.code == "TRAIL_GAP" for check in report.checks for reason in check.reasons)


def test_an_enrolment_that_is_not_logged_is_none() -> None:
    report = judge(_entries_without(SECOND))
    found = {reason.code for check in report.checks for reason in check.reasons}
    assert {"KEY_ENROL_ALONE", "PENDING_OUT_OF_SCOPE"} <= found
    assert report.verdict is Verdict.CANNOT_CHECK


def test_the_enrolment_of_another_ledger() -> None:
    """The same people said the same to another ledger: its statements are not this one's."""

    def elsewhere(payload: Payload) -> None:
        payload["aud"] = "another.example/archive"

    assert_refused(replace(ENROLLED, claims={SECOND: elsewhere}), {"signature STATEMENT_AUDIENCE"})


def test_a_revocation_afterwards_changes_nothing() -> None:
    script = acts(*revoked(5, 3))
    report = judge(script)
    assert report.verdict is Verdict.CONSISTENT, report.reasons
    (clerk,) = [one for one in report.keys if one.agent == CLERK]
    assert (clerk.revoked_at, clerk.reason, clerk.in_doubt) == (recorded(5, 3), "left_post", 0)


def test_later_news_of_compromise_is_told() -> None:
    """Not a failure: when it was signed nobody knew. How much of it is in doubt depends on the day named."""
    everything = judge(acts(*revoked(5, 3, "compromised")))
    since = recorded(3).replace(".000Z", "Z")
    later = judge(acts(*revoked(5, 3, "compromised", compromised_since=since)))
    assert everything.verdict is later.verdict is Verdict.CONSISTENT
    assert "KEY_IN_DOUBT" in codes(later)
    assert 0 < doubts(later) < doubts(everything)


def doubts(report: Report) -> int:
    return sum(one.in_doubt for one in report.keys)


def test_a_revocation_by_one_alone_is_told() -> None:
    report = judge(acts(revoked(5, 3)[0]))
    assert report.verdict is Verdict.CONSISTENT, report.reasons
    assert "KEY_REVOKE_ALONE" in codes(report)


def _no_keys(evidence: Object) -> None:
    """Every trail `keys` left out, as by a ledger that asks nobody."""
    log = forge(ENROLLED).log
    about = {leaf for leaf in log.leaves if "\nkeys " in leaf}
    said_there = {act.signed.data.decode() for act in forge(ENROLLED).acts if act.name.startswith("key.")}
    evidence["entries"] = [entry for entry in evidence["entries"] if entry["text"] not in about]
    evidence["statements"] = [s for s in evidence["statements"] if s["statement"] not in said_there]


def test_evidence_without_keys() -> None:
    """Whoever writes the evidence has no say in it."""
    assert_refused(replace(ENROLLED, evidence=_no_keys), {"signature KEY_NOT_ENROLLED"})


def test_the_page_says_who_enrolled_whom() -> None:
    report = judge(acts(*revoked(5, 3, "compromised")))
    chinese, english = page(report, "zh"), page(report, "en")
    assert "【签名密钥】" in chinese
    assert "登记员登记" in chinese
    assert "密钥泄露" in chinese
    assert "注意:" in chinese
    assert "[Whose keys signed]" in english
    assert "Caution:" in english


def test_the_report_in_json() -> None:
    report = judge(acts(*revoked(5, 3, "compromised")))
    assert faults(report_json(report), SCHEMA) == []
    assert len(report_json(report)["keys"]) == 5  # type: ignore[arg-type]  # a list
