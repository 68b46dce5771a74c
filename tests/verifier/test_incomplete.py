"""Evidence of which nothing fails, but from which something is absent, or that cannot be judged."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tests.verifier.evidence_attacks import setting
from tests.verifier.fabric.forge import peers
from tests.verifier.fabric.forge_keys import orgs
from tests.verifier.forge_evidence import CURRENT, STRANGE, ZHANG, Act, Object, Script, given
from tests.verifier.forge_log import root, sha256
from tests.verifier.forge_people import File, Signed, identifier, item, person, sm3, state
from tests.verifier.judging import codes, judge, outcome, statuses
from verifier.report import CheckName, FileStatus, Outcome, Verdict
from verifier.verdict import assert_consistent_is_earned


def test_no_file_given() -> None:
    report = judge(files=[])
    assert report.verdict is Verdict.INCOMPLETE
    assert statuses(report) == [FileStatus.NOT_GIVEN] * 3
    assert codes(report)[0] == "NO_FILE_GIVEN"
    assert outcome(report, CheckName.FILE) is Outcome.NOT_RUN


def test_too_few_attested() -> None:
    report = judge(Script(attesters=(peers(2),)))
    assert report.verdict is Verdict.INCOMPLETE
    assert codes(report)[0] == "ATTESTERS_FEW"
    assert report.attested_at is None
    assert outcome(report, CheckName.COMMITTED) is Outcome.NOT_RUN


def test_one_organisation_that_attests_thrice_is_one() -> None:
    """By one of its peers, by another, and by the first beside another organisation's."""
    town = orgs()[0]
    report = judge(Script(attesters=(peers(1), [(town.msp, town.peer2)], peers(2))))
    assert report.verdict is Verdict.INCOMPLETE


def test_not_attested() -> None:
    report = judge(Script(attesters=()))
    assert report.verdict is Verdict.INCOMPLETE
    assert codes(report)[0] == "ATTESTERS_FEW"


def test_a_lower_least_is_the_readers_choice() -> None:
    script = Script(attesters=(peers(2),), trust=lambda t: t.update(least_attesters=2))
    assert judge(script).verdict is Verdict.CONSISTENT


def test_more_asked_for_than_there_are() -> None:
    assert judge(Script(trust=lambda t: t.update(least_attesters=5))).verdict is Verdict.INCOMPLETE


def test_digests_withheld() -> None:
    """The file may be the one whose digests are not shown: not known to be different."""
    withheld = Script(withhold=frozenset({("receive", "holder"), ("resubmit", "file.1.digests")}))
    report = judge(withheld, CURRENT)
    assert report.verdict is Verdict.INCOMPLETE
    assert codes(report)[0] == "FILE_DIGESTS_WITHHELD"
    assert statuses(report) == [FileStatus.SAME, FileStatus.WITHHELD, FileStatus.SAME, FileStatus.WITHHELD]
    assert report.files[3].given == ""
    without = judge(withheld, [CURRENT[0], CURRENT[2]])
    assert without.verdict is Verdict.CONSISTENT
    assert "FILES_WITHHELD" in codes(without)


NEW = identifier("record new")
PAGE = File("page.png", b"a page")


def _pending(record: str) -> Act:
    signed = state(
        person("clerk"), "new", "receive", {"title": "登记", "number": "1"},
        record=record, files=[PAGE.claim()],
    )  # fmt: skip
    return Act("new", None, signed, "")


def not_anchored(script: Script = Script()) -> Script:  # noqa: B008 (frozen)
    """Nothing of the record is anchored: no anchor, no entry, one statement."""

    def no_chain(evidence: Object) -> None:
        evidence.pop("anchor", None)

    return dataclasses.replace(
        script, acts=lambda acts: acts.append(_pending(NEW)), records=(NEW,), attesters=(), evidence=no_chain
    )


def test_signed_but_not_anchored() -> None:
    """依据不全: the file is the same, the signature is valid, when and whether it stays is not known."""
    report = judge(not_anchored(), [given(PAGE)])
    assert report.verdict is Verdict.INCOMPLETE
    passed = {check.check for check in report.checks if check.outcome is Outcome.PASSED}
    assert passed == {CheckName.FILE, CheckName.SIGNATURE, CheckName.DISCLOSURE, CheckName.CONFIGURATION}
    assert statuses(report) == [FileStatus.SAME]
    assert report.files[0].since is None
    assert {"PENDING", "NO_ANCHOR", "CERTIFICATE_DATE_PENDING"} <= set(codes(report))
    (step,) = report.records[0].steps
    assert (step.index, step.interval, step.recorded_at) == (None, None, None)
    assert (report.anchor_time, report.attested_at) == (None, None)


def test_not_anchored_and_different() -> None:
    assert judge(not_anchored(), [given(STRANGE)]).verdict is Verdict.INCONSISTENT


def test_not_anchored_and_forged() -> None:
    """A pending statement is signed under an authority, or the evidence does not hold."""
    script = dataclasses.replace(
        not_anchored(),
        acts=lambda acts: acts.append(dataclasses.replace(_pending(NEW), signed=_signed_by_node())),
    )
    report = judge(script, [given(PAGE)])
    assert report.verdict is Verdict.CANNOT_CHECK
    assert report.reasons[1].code == "CERTIFICATE_ISSUER"


def _signed_by_node() -> Signed:
    clerk = person("clerk", issuer="node_ca")
    return state(clerk, "new", "receive", {"title": "登记", "number": "1"}, record=NEW, files=[PAGE.claim()])


def test_something_pending_on_an_anchored_record() -> None:
    script = Script(acts=lambda acts: acts.append(_pending(ZHANG)))
    report = judge(script)
    assert report.verdict is Verdict.INCOMPLETE
    assert codes(report)[0] == "PENDING"
    assert [step.index is None for step in report.records[0].steps] == [False] * 11 + [True]
    # What is pending adds to the files and replaces none.
    assert statuses(judge(script, [*CURRENT, given(PAGE)])) == [FileStatus.SAME] * 4


def test_a_pending_list() -> None:
    items = [item("new", "record new", pages=1)]

    def add(acts: list[Act]) -> None:
        bodies = [data for data, _ in items]
        listing = {
            "id": identifier("list two"), "size": 1,
            "sha256": root(sha256, bodies).hex(), "sm3": root(sm3, bodies).hex(),
        }  # fmt: skip
        signed = state(
            person("clerk"), "list two", "list.freeze", {"list_title": "清单"}, items=items, list=listing
        )
        acts.append(Act("list two", None, signed, ""))

    script = Script(
        acts=add,
        records=(NEW,),
        attesters=(),
        evidence=lambda e: e.pop("anchor", None),
    )
    report = judge(script, [])
    assert report.verdict is Verdict.INCOMPLETE
    assert [step.item for step in report.records[0].steps] == [0]


# Cannot check, though nothing failed


def test_an_event_that_this_catalogue_does_not_know() -> None:
    report = judge(Script(claims={"view": setting(event="access.hologram")}))
    assert report.verdict is Verdict.CANNOT_CHECK
    assert codes(report)[0] == "EVENT_UNKNOWN"
    assert Outcome.FAILED not in {check.outcome for check in report.checks}
    assert report.files == ()


# The last line of defence


CONSISTENT = judge()
NOTHING_SEEN = dataclasses.replace(CONSISTENT.checks[0], subjects=0)
BROKEN: dict[str, dict[str, Any]] = {
    "a check missing": {"checks": CONSISTENT.checks[:-1]},
    "a check not run": {"checks": (*CONSISTENT.checks[:-1], judge(files=[]).checks[0])},
    "no record": {"records": ()},
    "no step": {"records": (dataclasses.replace(CONSISTENT.records[0], steps=()),)},
    "no anchor": {"anchor_time": None},
    "nobody attested in time": {"attested_at": None},
    "no witness": {"witnesses": ()},
    "no trust root": {"fingerprint": ""},
    "no subjects": {
        "checks": (dataclasses.replace(CONSISTENT.checks[0], subjects=0), *CONSISTENT.checks[1:])
    },
}


@pytest.mark.parametrize("name", BROKEN)
def test_consistent_is_earned(name: str) -> None:
    """A report that says "consistent" on nothing is a fault of the verifier, and stops it."""
    with pytest.raises(AssertionError, match="consistent without"):
        assert_consistent_is_earned(dataclasses.replace(CONSISTENT, **BROKEN[name]))


def test_other_verdicts_need_not_be_earned() -> None:
    assert_consistent_is_earned(dataclasses.replace(judge(files=[]), records=()))
