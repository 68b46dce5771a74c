"""In Chinese output facts are Chinese, and times are Beijing's; a name, a path or a number stays."""

from __future__ import annotations

import ast
import datetime
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.command import run
from api.facts import in_chinese
from tests.api.conftest import Office

ROOT = Path(__file__).parents[2]
_RAISED = {"CallerError", "LedgerError", "ChainError", "EvidenceError", "Reason", "Finding"}


def phrases() -> Iterator[str]:
    """Whatever of several words the ledger says where, expected or found; {} for what is put in."""
    for path in sorted((ROOT / "ledger").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in _RAISED:
                for argument in node.args[1:]:
                    said = _said(argument)
                    if re.search(r"[A-Za-z]{2,} [A-Za-z]{2,}", said):
                        yield said


def _said(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_said(part) if isinstance(part, ast.Constant) else "7" for part in node.values)
    return ""


@pytest.mark.parametrize("phrase", sorted(set(phrases())))
def test_every_phrase_of_the_ledger_has_chinese(phrase: str) -> None:
    assert re.search(r"[\u4e00-\u9fff]", in_chinese(phrase)), "add it to api/data/phrases.json"


@pytest.mark.parametrize(
    ("words", "chinese"),
    [
        ("a new or empty folder", "新的或空的目录"),
        ("batch 7", "第 7 批次"),
        ("a person CA of QingheTownship", "QingheTownship 的人员证书机构"),
        ("/data/batch 7/x", "/data/batch 7/x"),
        ("0123abcd", "0123abcd"),
    ],
)
def test_a_phrase_is_said_in_chinese_and_nothing_else(words: str, chinese: str) -> None:
    assert in_chinese(words) == chinese


def test_errors_and_findings_say_their_facts_in_chinese(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    assert run(["backup", str(tmp_path / "full"), "--lang", "zh"]) == 2
    said = capsys.readouterr().err
    assert "应为:新的或空的目录" in said
    assert run(["backup", str(tmp_path / "full"), "--lang", "en"]) == 2
    assert "expected: a new or empty folder" in capsys.readouterr().err


def test_nothing_wrong_but_parts_unchecked_is_not_told_as_tampering(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    for lang, calm, alarm in (("zh", "已检查的没有不符", "保留现场"), ("en", "Nothing that was", "Keep")):
        capsys.readouterr()
        assert run(["check", "--lang", lang]) == 3
        said = capsys.readouterr().out.splitlines()[-1]
        assert calm in said
        assert alarm not in said
    database = sqlite3.connect(office.home / "ledger" / "ledger.sqlite")
    with database:
        database.execute("UPDATE batch SET sha256 = zeroblob(32)")
    database.close()
    assert run(["check", "--lang", "zh"]) == 1
    assert "保留现场" in capsys.readouterr().out.splitlines()[-1]


def test_the_worker_says_beijing_time(capsys: pytest.CaptureFixture[str]) -> None:
    from api.serve_command import _say

    before = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    _say("已启动", "started")
    said = capsys.readouterr().err
    time = datetime.datetime.fromisoformat(f"{said[:19]}+08:00")
    assert before <= time <= datetime.datetime.now(datetime.UTC)
