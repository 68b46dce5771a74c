"""Evidence that holds: which verdict, and what the report tells."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Sequence
from typing import Any

import pytest

from tests.verifier.evidence_attacks import setting
from tests.verifier.fabric.forge import peers
from tests.verifier.forge_evidence import (
    CURRENT,
    EXTRA,
    FORM,
    LI,
    LIST,
    MAP,
    OLD_FORM,
    OLD_MAP,
    OTHER,
    STRANGE,
    TIME,
    ZHANG,
    Act,
    Object,
    Script,
    anchor_time,
    forge,
    given,
    good,
    recorded,
)
from tests.verifier.forge_people import File, Signed, identifier, item, person, state
from verifier.report import CheckName, FileStatus, Interval, Outcome, Report, Verdict
from verifier.verdict import assert_consistent_is_earned
from verifier.verify import GivenFile, verify

ALL_GIVEN = CURRENT
NOW = datetime.datetime(2026, 3, 19, 9, 10, tzinfo=datetime.UTC)


def judge(
    script: Script = Script(),  # noqa: B008 (frozen)
    files: Sequence[GivenFile] = CURRENT,
    now: datetime.datetime | None = None,
) -> Report:
    forged = forge(script)
    return verify(forged.octets, forged.trust_octets, files, now=now)


def outcome(report: Report, name: CheckName) -> Outcome:
    return next(check.outcome for check in report.checks if check.check is name)


def codes(report: Report) -> list[str]:
    return [reason.code for reason in report.reasons]


def statuses(report: Report) -> list[FileStatus]:
    return [file.status for file in report.files]


# Consistent


def test_consistent() -> None:
    report = judge(now=NOW)
    assert report.verdict is Verdict.CONSISTENT
    assert [check.outcome for check in report.checks] == [Outcome.PASSED] * 10
    assert all(check.subjects for check in report.checks)
    assert codes(report) == ["LATER_ENTRIES_NOT_PROVED"]
    assert statuses(report) == [FileStatus.SAME] * 3
    assert [file.place for file in report.files] == [0, 1, 2]
    assert {file.version for file in report.files} == {2}
    assert (report.anchor_batch, report.anchor_time) == (5, TIME)
    assert report.attested_at == "2026-01-12T09:31:00.123Z"
    assert [(w.endorsed, w.attested) for w in report.witnesses] == [(True, True)] * 4
    assert {w.name for w in report.witnesses} == {"镇档案馆", "县档案馆", "村委会", "县司法局"}


def test_since_when() -> None:
    """A file counts from the first act on this record that named its digests, in whichever version."""
    first = Interval(anchor_time(0), anchor_time(1))
    third = Interval(anchor_time(2), anchor_time(3))
    assert [file.since for file in judge().files] == [third, first, third]


def test_in_the_anchors_own_batch() -> None:
    last = judge().records[0].steps[-1]
    assert last.interval == Interval(anchor_time(4), TIME)


def test_steps() -> None:
    steps = judge().records[0].steps
    assert [step.event for step in steps] == [
        *("receive", "list.freeze", "item.return", "resubmit", "digitise"),
        *("disclosure.erase", "review.final", "access.view"),
    ]
    received, listed = steps[0], steps[1]
    assert received.erased == ("holder",)
    assert received.withheld == ()
    assert ("title", "土地承包户档") in received.disclosed
    assert received.pages == 44
    assert (listed.list, listed.item, listed.size, listed.pages) == (LIST, 0, None, 44)
    assert dict(listed.disclosed) == {"agent_name": "张三", "list_title": "移交清单", "note": "第一件"}
    assert listed.recorded_at == recorded(2, 1)


def test_several_records_and_their_list() -> None:
    report = judge(Script(records=(ZHANG, LI, OTHER), lists=(LIST,)), [*CURRENT, given(STRANGE)])
    assert report.verdict is Verdict.CONSISTENT
    assert {told.record for told in report.records} == {ZHANG, LI, OTHER}
    assert [file.record for file in report.files] == [ZHANG, ZHANG, ZHANG, LI]
    (listed,) = report.lists
    assert [(step.event, step.size, step.item) for step in listed.steps] == [("list.freeze", 3, None)]


def test_a_list_alone() -> None:
    report = judge(Script(records=(), lists=(LIST,)), [])
    assert report.verdict is Verdict.CONSISTENT
    assert "NO_FILES_RECORDED" in codes(report)
    assert report.records == ()


def test_no_electronic_file() -> None:
    report = judge(Script(records=(OTHER,)), [])
    assert report.verdict is Verdict.CONSISTENT
    assert report.records[0].files == 0
    assert "NO_FILES_RECORDED" in codes(report)
    assert next(c for c in report.checks if c.check is CheckName.FILE).subjects > 0


def test_paper_files_are_not_asked_for() -> None:
    """A file without digests of any kind is on paper; nobody can lay it on the table."""
    paper = {"carrier": "paper", "copy": "original", "format": "text/plain", "role": "page"}
    report = judge(Script(claims={"other": setting(files=[paper])}, records=(OTHER,)), [])
    assert report.verdict is Verdict.CONSISTENT
    assert report.records[0].files == 0
    assert judge(Script(records=(OTHER,)), CURRENT[:1]).verdict is Verdict.INCONSISTENT


def test_three_of_four_attested() -> None:
    report = judge(Script(attesters=(peers(3),)))
    assert report.verdict is Verdict.CONSISTENT
    assert [w.msp for w in report.witnesses if not w.attested] == ["JusticeMSP"]
    noted = next(reason for reason in report.reasons if reason.code == "ATTESTER_MISSING")
    assert noted.expected == "JusticeMSP"


def test_attested_in_several_goes() -> None:
    report = judge(Script(attesters=(peers(2), [peers(4)[2]])))
    assert report.verdict is Verdict.CONSISTENT
    assert sum(w.attested for w in report.witnesses) == 3


def test_only_some_files_given() -> None:
    report = judge(files=CURRENT[:1])
    assert report.verdict is Verdict.CONSISTENT
    assert statuses(report) == [FileStatus.SAME, FileStatus.NOT_GIVEN, FileStatus.NOT_GIVEN]
    assert [file.name for file in report.files] == ["form.png", "map.png", ""]
    assert "FILES_NOT_ALL_GIVEN" in codes(report)


def test_the_same_file_given_twice() -> None:
    report = judge(files=[*CURRENT, CURRENT[0]])
    assert report.verdict is Verdict.CONSISTENT
    assert statuses(report) == [FileStatus.SAME] * 4


def test_a_lagging_clock_is_only_noted() -> None:
    report = judge(now=datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
    assert report.verdict is Verdict.CONSISTENT
    assert "CLOCK_BEHIND" in codes(report)
    slow = datetime.datetime(2026, 1, 12, 9, 26, 30, tzinfo=datetime.UTC)
    assert "CLOCK_BEHIND" not in codes(judge(now=slow))


def test_what_a_signer_had_seen() -> None:
    """A signer's word: true or not, it decides nothing, and what does not fit is noted."""
    size, root = len(good().log.leaves), "ab" * 32
    fits = judge(Script(claims={"scan": setting(seen={"root": root, "size": 2})}))
    assert codes(fits) == ["LATER_ENTRIES_NOT_PROVED"]
    other = judge(Script(claims={"scan": setting(seen={"root": root, "size": size})}))
    assert other.verdict is Verdict.CONSISTENT
    assert {"SEEN_OTHER_ROOT", "SEEN_LATER_LOG"} <= set(codes(other))


def test_resubmitted_unchanged() -> None:
    """Another version of the same files; what was sent back is no longer the current one."""

    def same_files(payload: Object) -> None:
        for name in ("files", "pages"):
            payload.pop(name)
        payload["fields"] = [name for name in payload["fields"] if not name.startswith("file.")]
        payload["_sd"] = payload["_sd"][: len(payload["fields"])]

    def without_scan(acts: list[Act]) -> None:
        acts[:] = [act for act in acts if act.name not in ("scan", "final")]

    script = Script(
        claims={"resubmit": same_files}, acts=without_scan, withhold=frozenset(_all_of("resubmit"))
    )
    report = judge(script, [given(OLD_FORM), given(OLD_MAP)])
    assert report.verdict is Verdict.CONSISTENT
    assert [(file.version, file.rejected_by) for file in report.files] == [(2, None), (2, None)]


def _all_of(name: str) -> list[tuple[str, str]]:
    fields = ("agent_name", "file.0.name", "file.1.name", "file.1.digests")
    return [(name, field) for field in fields] + [("receive", "holder")]


# Inconsistent


def test_a_different_file() -> None:
    report = judge(files=[CURRENT[0], given(STRANGE)])
    assert report.verdict is Verdict.INCONSISTENT
    assert statuses(report)[:2] == [FileStatus.SAME, FileStatus.DIFFERENT]
    assert codes(report)[0] == "FILE_DIFFERENT"
    assert report.reasons[0].at == "strange.png"
    assert [check.outcome for check in report.checks] == [Outcome.FAILED] + [Outcome.PASSED] * 9


def test_one_bit_different() -> None:
    content = bytes([FORM.content[0] ^ 1]) + FORM.content[1:]
    assert judge(files=[given(File("form.png", content))]).verdict is Verdict.INCONSISTENT


@pytest.mark.parametrize("part", ["sha256", "sm3"])
def test_both_digests_must_agree(part: str) -> None:
    digests = dataclasses.replace(CURRENT[0].digests, **{part: b"\x00" * 32})
    report = judge(files=[dataclasses.replace(CURRENT[0], digests=digests)])
    assert report.verdict is Verdict.INCONSISTENT


def test_the_size_must_agree() -> None:
    report = judge(files=[dataclasses.replace(CURRENT[0], size=CURRENT[0].size + 1)])
    assert report.verdict is Verdict.INCONSISTENT


def test_an_older_version_that_was_sent_back() -> None:
    report = judge(files=[given(OLD_FORM), *CURRENT[1:]])
    assert report.verdict is Verdict.INCONSISTENT
    assert codes(report)[0] == "FILE_OLDER_VERSION"
    older = report.files[0]
    assert older.status is FileStatus.OLDER_VERSION
    assert (older.version, older.place) == (1, None)
    assert older.rejected_by == good().statement("return")
    assert older.since == Interval(anchor_time(0), anchor_time(1))


def test_another_records_file() -> None:
    assert judge(files=[given(STRANGE)]).verdict is Verdict.INCONSISTENT
    assert judge(Script(records=(LI,)), [given(STRANGE)]).verdict is Verdict.CONSISTENT


def test_a_file_for_a_record_without_any() -> None:
    report = judge(Script(records=(OTHER,)), [given(STRANGE)])
    assert report.verdict is Verdict.INCONSISTENT
    assert statuses(report) == [FileStatus.DIFFERENT]


def test_the_current_version_itself_was_sent_back() -> None:
    def returned_last(acts: list[Act]) -> None:
        acts[:] = [act for act in acts if act.name not in ("resubmit", "scan", "final")]

    report = judge(Script(acts=returned_last), [given(OLD_FORM), given(OLD_MAP)])
    assert report.verdict is Verdict.CONSISTENT
    assert {file.rejected_by for file in report.files} == {good().statement("return")}


# Incomplete


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
    report = judge(Script(attesters=(peers(1), [peers(1)[0]], peers(2))))
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
    assert "FILES_NOT_ALL_GIVEN" in codes(without)


NEW = identifier("record new")
PAGE = File("page.png", b"a page")


def _pending(record: str) -> Act:
    signed = state(
        person("clerk"), "new", "receive", {"title": "登记", "number": "1"},
        record=record, files=[PAGE.claim()],
    )  # fmt: skip
    return Act("new", None, signed, "")


def _alone(script: Script = Script()) -> Script:  # noqa: B008 (frozen)
    """Nothing of the record is anchored: no anchor, no entry, one statement."""

    def no_chain(evidence: Object) -> None:
        evidence.pop("anchor", None)

    return dataclasses.replace(
        script, acts=lambda acts: acts.append(_pending(NEW)), records=(NEW,), attesters=(), evidence=no_chain
    )


def test_signed_but_not_anchored() -> None:
    """依据不全: the file is the same, the signature is valid, when and whether it stays is not known."""
    report = judge(_alone(), [given(PAGE)])
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
    assert judge(_alone(), [given(STRANGE)]).verdict is Verdict.INCONSISTENT


def test_not_anchored_and_forged() -> None:
    """A pending statement is signed under an authority, or the evidence does not hold."""
    script = dataclasses.replace(
        _alone(), acts=lambda acts: acts.append(dataclasses.replace(_pending(NEW), signed=_signed_by_node()))
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
    assert [step.index is None for step in report.records[0].steps] == [False] * 8 + [True]
    # What is pending adds to the files and replaces none.
    assert statuses(judge(script, [*CURRENT, given(PAGE)])) == [FileStatus.SAME] * 4


def test_a_pending_list() -> None:
    items = [item("new", "record new", pages=1)]

    def add(acts: list[Act]) -> None:
        from tests.verifier.forge_log import root, sha256
        from tests.verifier.forge_people import sm3

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


BROKEN: dict[str, dict[str, Any]] = {
    "a check missing": {"checks": judge().checks[:-1]},
    "a check not run": {"checks": (*judge().checks[:-1], judge(files=[]).checks[0])},
    "no record": {"records": ()},
    "no step": {"records": (dataclasses.replace(judge().records[0], steps=()),)},
    "no anchor": {"anchor_time": None},
    "nobody attested in time": {"attested_at": None},
    "no witness": {"witnesses": ()},
    "no trust root": {"fingerprint": ""},
    "no subjects": {"checks": (dataclasses.replace(judge().checks[0], subjects=0), *judge().checks[1:])},
}


@pytest.mark.parametrize("name", BROKEN)
def test_consistent_is_earned(name: str) -> None:
    """A report that says "consistent" on nothing is a fault of the verifier, and stops it."""
    with pytest.raises(AssertionError, match="consistent without"):
        assert_consistent_is_earned(dataclasses.replace(judge(), **BROKEN[name]))


def test_other_verdicts_need_not_be_earned() -> None:
    assert_consistent_is_earned(dataclasses.replace(judge(files=[]), records=()))


def test_names() -> None:
    assert {file.given for file in judge().files} == {FORM.name, MAP.name, EXTRA.name}
