"""Evidence that holds: consistent or inconsistent, and what the report tells."""

from __future__ import annotations

import dataclasses
import datetime

import pytest

from tests.verifier.evidence_attacks import setting
from tests.verifier.fabric.forge import peers
from tests.verifier.forge_evidence import (
    CURRENT,
    FORM,
    LI,
    LIST,
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
    given,
    good,
    recorded,
)
from tests.verifier.forge_people import File
from tests.verifier.judging import codes, judge, statuses
from verifier.report import CheckName, CheckResult, FileStatus, Interval, Outcome, Verdict
from verifier.verdict import decide

NOW = datetime.datetime(2026, 3, 19, 9, 10, tzinfo=datetime.UTC)


# Consistent


def test_consistent() -> None:
    report = judge(now=NOW)
    assert report.verdict is Verdict.CONSISTENT
    assert [check.outcome for check in report.checks] == [Outcome.PASSED] * 11
    assert all(check.subjects for check in report.checks)
    assert codes(report) == ["LATER_KEYS_NOT_PROVED", "LATER_ENTRIES_NOT_PROVED"]
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
        *("disclosure.erase", "list.freeze", "review.village", "review.department", "review.final"),
        "access.view",
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
    """No record, so no file was compared and no handling judged: what was not looked at is not consistent."""
    for files in (CURRENT[:0], CURRENT):
        report = judge(Script(records=(), lists=(LIST,)), files)
        assert report.verdict is Verdict.INCOMPLETE
        assert codes(report)[0] == "NO_RECORD_IN_SCOPE"
        not_run = {check.check for check in report.checks if check.outcome is Outcome.NOT_RUN}
        assert not_run == {CheckName.FILE, CheckName.CUSTODY}
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
    assert codes(fits) == ["LATER_KEYS_NOT_PROVED", "LATER_ENTRIES_NOT_PROVED"]
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
    assert [check.outcome for check in report.checks] == [Outcome.FAILED] + [Outcome.PASSED] * 10


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
    gone = ("resubmit", "scan", "relist", "village", "department", "final")

    def returned_last(acts: list[Act]) -> None:
        acts[:] = [act for act in acts if act.name not in gone]

    report = judge(Script(acts=returned_last), [given(OLD_FORM), given(OLD_MAP)])
    assert report.verdict is Verdict.CONSISTENT
    assert {file.rejected_by for file in report.files} == {good().statement("return")}


@pytest.mark.parametrize("missing", [*CheckName, None])
def test_a_check_that_is_not_there_has_not_passed(missing: CheckName | None) -> None:
    """Nor does one that is there twice stand for another. None: of no check at all."""
    passed = [CheckResult(name, Outcome.PASSED, 1, ()) for name in CheckName]
    assert decide(passed, None) is Verdict.CONSISTENT
    left = [one for one in passed if missing is not None and one.check is not missing]
    assert decide(left, None) is Verdict.INCOMPLETE
    assert decide([*left, *left[:1]], None) is Verdict.INCOMPLETE
