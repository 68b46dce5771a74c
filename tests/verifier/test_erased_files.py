"""Files erased as received by mistake, or destroyed: told apart from those not given, no reason to doubt the
rest."""

from __future__ import annotations

from dataclasses import replace

from tests.verifier.custody_story import RECORD, Story, scan
from verifier.digests import both
from verifier.entry import Entry
from verifier.report import CheckName, FileStatus, Outcome
from verifier.tally import Tally
from verifier.verify_files import GivenFile, RecordFiles, check_files, files_of

KEPT, ERASED = scan("original", "electronic"), scan("copy", "electronic")


def files_at(story: Story, *, logged: bool) -> RecordFiles:
    """Of the story's record, when all of it is in the log, or all but the last act."""
    acts = [
        replace(act, entry=Entry(place, "2026-01-12T09:30:00.000Z", act.statement.digests, None, ()))
        for place, act in enumerate(story.acts)
    ]
    if not logged:
        acts[-1] = story.acts[-1]
    return files_of(RECORD, acts, {})


def told(*, logged: bool) -> RecordFiles:
    story = Story()
    story.do("receive", "王五", files=[KEPT, ERASED])
    approved = story.do("secrecy.approve", "馆员", story.do("secrecy.report", "王五"))
    story.do("file.erase", "王五", approved, reason="mistaken_upload", files=[ERASED])
    return files_at(story, logged=logged)


def given(copy: str) -> GivenFile:
    return GivenFile(copy, both(copy.encode()), 1)


def test_what_is_erased_is_none_of_those_to_be_given() -> None:
    files, tally = told(logged=True), Tally(CheckName.FILE)
    assert ([one.copy for one in files.current], [one.copy for one in files.erased]) == (
        ["original"],
        ["copy"],
    )
    results = check_files([given("original")], [files], tally)
    assert [one.status for one in results] == [FileStatus.SAME]
    assert [reason.code for reason in tally.result().reasons] == ["FILES_ERASED"]


def test_whoever_still_has_it_holds_what_was_recorded() -> None:
    results = check_files([given("copy")], [told(logged=True)], Tally(CheckName.FILE))
    assert [(one.status, one.place) for one in results[:1]] == [(FileStatus.SAME, None)]


def test_nothing_is_erased_before_it_is_in_the_log() -> None:
    files = told(logged=False)
    assert ([one.copy for one in files.current], files.erased) == (["original", "copy"], ())


def ended(outcome: str, *, logged: bool = True, again: bool = False) -> RecordFiles:
    story = Story()
    story.do("receive", "王五", files=[KEPT, ERASED])
    carried = story.do("destroy.carry_out", "孙八", outcome=outcome, state="destroyed")
    story.do("destroy.witness", "郑十一", carried, outcome=outcome)
    if again:
        story.do("digitise", "冯十二", files=[KEPT])
    return files_at(story, logged=logged)


def test_destroyed_files_are_told_by_the_statement_and_not_missed() -> None:
    files, tally = ended("electronic_destroyed"), Tally(CheckName.FILE)
    assert (files.current, len(files.erased)) == ((), 2)
    assert check_files([], [files], tally) == []
    (reason,) = tally.result().reasons
    witness = both(b"destroy.witness 2").sha256.hex()
    assert (reason.code, reason.at, reason.found) == ("FILES_DESTROYED", witness, "2")
    assert tally.result().outcome is Outcome.PASSED
    # Whoever still has one holds what was recorded.
    results = check_files([given("copy")], [files], Tally(CheckName.FILE))
    assert [one.status for one in results] == [FileStatus.SAME]


def test_only_a_logged_witness_of_files_ends_them() -> None:
    for files in (ended("paper_destroyed"), ended("electronic_destroyed", logged=False)):
        assert (len(files.current), files.erased) == (2, ())


def test_what_comes_after_the_end_is_there() -> None:
    files = ended("electronic_destroyed", again=True)
    assert ([one.copy for one in files.current], len(files.erased)) == (["original"], 2)
