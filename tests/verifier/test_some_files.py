"""What is said of files when not all, none, or others are on the table: each sentence exactly true."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.verifier.forge_evidence import CURRENT, FORM, OLD_FORM, OTHER, STRANGE, Script, given
from tests.verifier.forge_people import File
from tests.verifier.judging import judge
from verifier.report import CheckName, Outcome, Verdict
from verifier.verify import GivenFile
from verifier.wording import sections

CHANGED = given(File(FORM.name, b"form, changed by somebody"))
RENAMED = given(File("another name.png", FORM.content))
HIDDEN = Script(withhold=frozenset({("receive", "holder"), ("resubmit", "file.1.digests")}))
ALL = Script()
NONE_RECORDED = Script(records=(OTHER,))


@dataclass(frozen=True)
class Case:
    """`codes`: reasons of check 1, in order. `subjects`: how many things it looked at."""

    files: tuple[GivenFile, ...]
    verdict: Verdict
    outcome: Outcome
    subjects: int
    codes: tuple[str, ...]
    script: Script = ALL


CONSISTENT, INCONSISTENT, INCOMPLETE = Verdict.CONSISTENT, Verdict.INCONSISTENT, Verdict.INCOMPLETE
CASES = {
    "all": Case(CURRENT, CONSISTENT, Outcome.PASSED, 3, ()),
    "all, one renamed": Case((RENAMED, *CURRENT[1:]), CONSISTENT, Outcome.PASSED, 3, ()),
    "one": Case(CURRENT[:1], CONSISTENT, Outcome.PASSED, 1, ("FILES_NOT_ALL_GIVEN",)),
    "one, twice": Case(CURRENT[:1] * 2, CONSISTENT, Outcome.PASSED, 2, ("FILES_NOT_ALL_GIVEN",)),
    "none": Case((), INCOMPLETE, Outcome.NOT_RUN, 0, ("NO_FILE_GIVEN",)),
    "all, one of them changed": Case(
        (CHANGED, *CURRENT[1:]), INCONSISTENT, Outcome.FAILED, 3, ("FILE_DIFFERENT", "FILES_WITHOUT_EQUAL")
    ),
    "all, one of them of an older version": Case(
        (given(OLD_FORM), *CURRENT[1:]),
        INCONSISTENT,
        Outcome.FAILED,
        3,
        ("FILE_OLDER_VERSION", "FILES_WITHOUT_EQUAL"),
    ),
    "all, and one too many": Case(
        (*CURRENT, given(STRANGE)), INCONSISTENT, Outcome.FAILED, 4, ("FILE_DIFFERENT",)
    ),
    "only a strange one": Case(
        (given(STRANGE),), INCONSISTENT, Outcome.FAILED, 1, ("FILE_DIFFERENT", "FILES_WITHOUT_EQUAL")
    ),
    "all that can be compared": Case(
        (CURRENT[0], CURRENT[2]), CONSISTENT, Outcome.PASSED, 2, ("FILES_WITHHELD",), HIDDEN
    ),
    "one of those that can be compared": Case(
        CURRENT[:1], CONSISTENT, Outcome.PASSED, 1, ("FILES_NOT_ALL_GIVEN", "FILES_WITHHELD"), HIDDEN
    ),
    "all, one of which cannot be compared": Case(
        CURRENT, INCOMPLETE, Outcome.NOT_RUN, 3, ("FILE_DIGESTS_WITHHELD",), HIDDEN
    ),
    "none of a record without files": Case(
        (), CONSISTENT, Outcome.PASSED, 1, ("NO_FILES_RECORDED",), NONE_RECORDED
    ),
    "one for a record without files": Case(
        (given(STRANGE),),
        INCONSISTENT,
        Outcome.FAILED,
        2,
        ("FILE_DIFFERENT", "NO_FILES_RECORDED"),
        NONE_RECORDED,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_verdict_and_check_of_the_files(name: str) -> None:
    case = CASES[name]
    report = judge(case.script, case.files)
    check = next(check for check in report.checks if check.check is CheckName.FILE)
    assert report.verdict is case.verdict
    assert (check.outcome, check.subjects) == (case.outcome, case.subjects)
    assert tuple(reason.code for reason in check.reasons) == case.codes


def told(case: Case, language: str) -> list[str]:
    return list(sections(judge(case.script, case.files), language)[0].lines)


PARTS = [
    ("one", "仅就放入的1个文件,登记共3个,其余没有比对", "for the one file given only: 3 are recorded"),
    ("one, twice", "仅就放入的1个文件,登记共3个", "for the one file given only: 3 are recorded"),
    ("all that can be compared", "仅就放入的2个文件,登记共3个", "for the 2 files given only"),
]


@pytest.mark.parametrize(("name", "zh", "en"), PARTS)
def test_a_part_is_said_to_be_one_in_the_first_line(name: str, zh: str, en: str) -> None:
    assert zh in told(CASES[name], "zh")[0]
    assert en in told(CASES[name], "en")[0]


def test_the_whole_is_not_said_to_be_a_part() -> None:
    for name in ("all", "all, one renamed", "none of a record without files"):
        assert "仅就" not in told(CASES[name], "zh")[0]


def test_where_another_file_was_given_it_is_not_said_that_none_was() -> None:
    changed = " ".join(told(CASES["all, one of them changed"], "zh"))
    assert "没有放入" not in changed
    assert "放入的其余2个文件相同" in changed
    strange = " ".join(told(CASES["only a strange one"], "zh"))
    assert "与放入的文件都不相同:没有放入,或放入的不是登记的那一份" in strange
    assert "没有比对" not in strange
    few = " ".join(told(Case((CHANGED,), INCONSISTENT, Outcome.FAILED, 1, ()), "zh"))
    assert "另有2个文件没有放入,没有比对:“map.png”" in few


def test_a_file_under_another_name_is_said_to_be_which() -> None:
    """Content alone is compared; who opens a file by its name must not take it for the one of that name."""
    said = " ".join(told(CASES["all, one renamed"], "zh"))
    assert f"放入的“another name.png”,登记时的文件名是“{FORM.name}”" in said
    swapped = given(File(CURRENT[1].name, FORM.content))
    said = " ".join(told(Case((swapped,), CONSISTENT, Outcome.PASSED, 1, ()), "zh"))
    assert f"放入的“{CURRENT[1].name}”,登记时的文件名是“{FORM.name}”" in said
    english = " ".join(told(Case((swapped,), CONSISTENT, Outcome.PASSED, 1, ()), "en"))
    assert f"recorded under the name “{FORM.name}”" in english


@pytest.mark.parametrize("name", [FORM.name, f"folder/{FORM.name}", f"C:\\folder\\{FORM.name}"])
def test_a_file_under_its_own_name_is_not_said_to_have_another(name: str) -> None:
    case = Case((given(File(name, FORM.content)),), CONSISTENT, Outcome.PASSED, 1, ())
    assert "文件名不同" not in " ".join(told(case, "zh"))
