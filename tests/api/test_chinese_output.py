"""In Chinese output facts are Chinese, and times are Beijing's; a name, a path or a number stays."""

from __future__ import annotations

import ast
import datetime
import errno
import os
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.command import run
from api.errors import Exit
from api.facts import in_chinese
from api.failure import problem_of
from network.ca import load_authority
from network.errors import NetworkError
from network.layout import layout
from tests.api.conftest import Office

ROOT = Path(__file__).parents[2]
_RAISED = {"CallerError", "LedgerError", "ChainError", "EvidenceError", "Reason", "Finding"}


def phrases() -> Iterator[str]:
    """Whatever of several words ledger and rules say where, expected or found; {} for what is put in. What is
    read of Fabric's blocks is for programs."""
    for path in sorted([*(ROOT / "ledger").rglob("*.py"), *(ROOT / "verifier").glob("*.py")]):
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
        ("a member of the channel", "本通道的成员"),
        ("revoked at 432", "已撤销(第 432 条)"),
        ("a time of day, 00:00 to 23:59", "时刻,00:00 至 23:59"),
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


@pytest.mark.parametrize("number", [errno.ENOENT, errno.EACCES, errno.ENOSPC, errno.EROFS, errno.ENOTDIR])
def test_what_the_system_refuses_is_said_in_chinese(number: int) -> None:
    problem = problem_of(OSError(number, os.strerror(number), "/data/x"))
    assert problem is not None
    assert os.strerror(number) in problem.en
    assert not re.search(r"[A-Za-z]{2,} [A-Za-z]{2,}", problem.zh), problem.zh


def test_a_full_disk_under_the_database_is_not_told_as_damage() -> None:
    database = sqlite3.connect(":memory:")
    database.execute("PRAGMA max_page_count = 2")
    with pytest.raises(sqlite3.OperationalError) as full:
        database.execute("CREATE TABLE a AS SELECT zeroblob(100000) AS x")
    database.close()
    problem = problem_of(full.value)
    assert problem is not None
    assert (problem.code, problem.exit) == ("STORE_SPACE", Exit.UNAVAILABLE)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], "USAGE_MISSING", "没有写要做什么"),
        (["network"], "USAGE_MISSING", "没有写要做什么"),
        (["netwrk"], "USAGE", "没有“netwrk”这个命令"),
    ],
)
def test_a_command_that_is_none_is_said_in_chinese(
    arguments: list[str], code: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*arguments, "--lang", "zh"]) == 2
    error = capsys.readouterr().err
    assert f"[{code}] {said}" in error
    assert "No such" not in error


def test_no_command_at_all_is_told_what_is_missing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCHIVE_LEDGER_LANG", "zh")
    for arguments in ([], ["network"]):
        assert run(arguments) == 2
        assert "没有写要做什么" in capsys.readouterr().err


def test_enrolling_before_there_is_a_network_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NetworkError) as none:
        load_authority(layout(tmp_path), "QingheTownship", "person")
    assert "archive-ledger network up" in none.value.zh
    assert "Errno" not in none.value.zh + none.value.en


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
