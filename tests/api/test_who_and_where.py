"""People, units and records by name in what an archivist reads, not by uuid alone; a reason is told once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.command import run
from api.errors import Exit
from tests.api.conftest import CLERK, REVIEWER, TAKING, Office
from tests.people import TOWN

LIST = "望禾村移交清单"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-")


@pytest.fixture
def villages(office: Office, tmp_path: Path) -> Office:
    """A list of six records, fixed by the archivist of one village; 刘十四 reviews for another one."""
    for number in range(1, 7):
        folder = tmp_path / "in" / f"QC03-{number}_第{number}件"
        folder.mkdir(parents=True)
        (folder / "a.txt").write_text(str(number), encoding="utf-8")
    assert office.ask("intake", tmp_path / "in", *TAKING).exit == Exit.OK
    assert office.ask("units", "--set", "api/data/units.sample.json").exit == Exit.OK
    for name, duty, unit in (
        ("孙八", "村级兼职档案员", "望禾村"),
        ("刘十四", "村务监督委员会成员", "听泉村"),
    ):
        made = office.ask("enrol", "--name", name, "--organisation", TOWN, "--duty", duty, "--unit", unit)
        assert made.exit == Exit.OK, made.error
    assert office.ask("enrol", "--name", "登记甲", "--role", "registrar", "--organisation", TOWN).exit == 0
    records = [f"QC03-{number}" for number in range(1, 7)]
    fixed = office.ask("transfer", "freeze", *records, "--title", LIST, "--as", "孙八")
    assert fixed.exit == Exit.OK, fixed.error
    return office


def said(capsys: pytest.CaptureFixture[str], *arguments: str, lang: str = "zh") -> str:
    capsys.readouterr()
    assert run([*arguments, "--lang", lang]) == Exit.OK
    return capsys.readouterr().out


def test_a_review_for_another_village_names_both_villages_once_for_all_items(
    villages: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    review = ("transfer", "review-village", LIST, "--outcome", "通过", "--as", "刘十四", "--lang")
    for lang, wanted in (
        ("zh", ["应为 望禾村(qinghe.wanghe)", "实为 听泉村(qinghe.tingquan)", "6 件:QC03-1、QC03-2、QC03-3"]),
        (
            "en",
            [
                "expected Wanghe Village (qinghe.wanghe)",
                "found Tingquan Village (qinghe.tingquan)",
                "6 items: QC03-1, QC03-2, QC03-3",
            ],
        ),
    ):
        told = villages.ask(*review, lang).error
        assert told.count("[CUSTODY_UNIT]") == 1, told
        assert not UUID.search(told), told
        for words in wanted:
            assert words in told, told
    listed = said(capsys, "refused")
    assert listed.count("CUSTODY_UNIT") == 2  # refused twice, each told once
    assert "刘十四(" in listed
    assert "望禾村(qinghe.wanghe)" in listed
    assert "6 件:QC03-1" in listed
    assert not UUID.search(listed), listed
    assert len(villages.ask("refused").document["refused"]) == 12


def test_who_did_two_steps_is_named_with_the_steps_in_words(villages: Office) -> None:
    own = ("transfer", "review-village", LIST, "--outcome", "通过", "--as", "孙八")
    told = villages.ask(*own, "--lang", "zh").error
    assert re.search(r"孙八\([0-9a-f]{8}\):清单定稿\(list\.freeze\)", told), told
    assert told.count("[CUSTODY_SAME_PERSON]") == 1
    assert not UUID.search(told), told


def test_a_duty_that_is_not_held_is_told_with_those_that_are(villages: Office) -> None:
    release = ("duty", "release", "孙八", "负责人", "--as", "登记甲")
    told = villages.ask(*release, "--lang", "zh").error
    assert "[DUTY_NOT_HELD]" in told
    assert "现任:望禾村(qinghe.wanghe)的村级兼职档案员(village_archivist)" in told
    assert "实为 负责人(head)" in told
    (kept,) = villages.ask("refused").document["refused"]
    # What programs read has the code that people know.
    assert (kept["expected"], kept["found"]) == ("held: village_archivist for qinghe.wanghe", "head")
    assert not UUID.search(told), told
    english = villages.ask(*release, "--lang", "en").error
    assert "village archivist (village_archivist) for Wanghe Village (qinghe.wanghe)" in english


def test_lists_name_people_duties_and_days(villages: Office, capsys: pytest.CaptureFixture[str]) -> None:
    listed = said(capsys, "key", "list")
    for name in (CLERK, REVIEWER, "孙八", "刘十四"):
        assert re.search(rf"^{name}\([0-9a-f]{{8}}\)", listed, re.MULTILINE), listed
    assert "青禾镇人民政府" in listed
    # Each person once, with all duties; under the unit that they are for.
    units = said(capsys, "units").splitlines()
    (own,) = [line for line in units if line.strip().startswith(f"{CLERK}(")]
    assert "镇综合档案室专职档案员" in own
    assert "、" in own
    village = next(number for number, line in enumerate(units) if "望禾村" in line)
    assert re.search(r"孙八\([0-9a-f]{8}\):村级兼职档案员$", units[village + 1])
    assert "周一、二、三、四、五 " in said(capsys, "alerts", "rules")
    assert "没有与链上核对" in said(capsys, "check", "--offline")
    refused = villages.ask("audit", "query", "--as", CLERK, "--purpose", "核对", "--lang", "zh")
    assert "应为:安全审计员(audit_admin)、审计员(auditor)" in refused.error, refused.error
