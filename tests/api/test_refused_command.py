"""What breaks a workflow rule is refused by command, in words, and listed; show and list say the state."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.command import run
from api.errors import Exit
from tests.api.conftest import CLERK, Office
from tests.api.test_commands import taken
from tests.people import TOWN


def told(office: Office, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a person reads, in Chinese, without the folds of a table's cells."""
    assert run([*arguments, "--home", str(office.home), "--lang", "zh"]) == Exit.OK
    return "".join(capsys.readouterr().out.split())


def test_a_refusal_names_its_rule_and_is_listed(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taken(office, tmp_path, "QC03-1_甲")
    assert office.ask("refused").document == {"refused": []}
    refused = office.ask("event", "volume.close", "QC03-1", "--as", CLERK, "--field", "volume=卷一")
    assert refused.exit == Exit.DATA
    assert "CUSTODY_VOLUME_ORDER" in refused.error
    record = office.ask("show", "QC03-1").document["record"]
    (kept,) = office.ask("refused").document["refused"]
    assert (kept["record"], kept["event"]) == (record, "volume.close")
    assert (kept["code"], kept["expected"], kept["found"]) == ("CUSTODY_VOLUME_ORDER", "open", "none")
    assert "封卷" in told(office, capsys, "refused")


def test_the_state_of_handling_is_said(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taken(office, tmp_path, "QC03-1_甲", "QC03-2_乙")
    office.ask("event", "list.freeze", "QC03-1", "--as", CLERK, "--field", "list_title=移交清单")
    assert office.ask("show", "QC03-1").document["handling"] == {"transfer": "listed"}
    listed = {row["number"]: row["handling"] for row in office.ask("list").document["records"]}
    assert listed == {"QC03-1": {"transfer": "listed"}, "QC03-2": {"transfer": "arranging"}}
    assert "办理:移交审核清单定稿。" in told(office, capsys, "show", "QC03-1")
    assert "办理:移交审核整理中。" in told(office, capsys, "show", "QC03-2")


def test_a_missing_duty_is_named_in_words_with_the_command_that_gives_it(
    office: Office, tmp_path: Path
) -> None:
    taken(office, tmp_path, "QC03-1_甲")
    assert office.ask("enrol", "--name", "钱七", "--organisation", TOWN, "--duty", "reader").exit == 0
    fix = ("transfer", "freeze", "QC03-1", "--title", "清单", "--as", "钱七")
    for language, named, remedy in (
        ("zh", "镇综合档案室专职档案员(township_archivist)", "duty appoint 姓名 职务 --as 登记员"),
        (
            "en",
            "full-time township archivist (township_archivist)",
            "duty appoint PERSON DUTY --as REGISTRAR",
        ),
    ):
        told = office.ask(*fix, "--lang", language).error
        assert "[CUSTODY_DUTY]" in told
        assert named in told
        assert told.count(remedy) == 1
    appoint = office.ask("duty", "appoint", "钱七", "head", "--as", CLERK, "--lang", "zh").error
    assert "enrol --role registrar" in appoint
