"""Whether files are scans or born digital is what the signer says: asked for, printed, never assumed."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from api.command import run
from api.errors import Exit
from tests.api.conftest import CLERK, Office
from tests.api.test_intake_scan import write_files, write_table

BY = ("--as", CLERK)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_files(tmp_path / "in", "QC03-1_甲/a.txt", "QC03-2_乙/b.txt")
    return tmp_path / "in"


def files_of(office: Office, number: str) -> list[tuple[str, str]]:
    return [(file["carrier"], file["copy"]) for file in office.ask("show", number).document["files"]]


def test_a_folder_without_a_table_is_not_signed_unasked(office: Office, folder: Path) -> None:
    refused = office.ask("intake", folder, *BY)
    assert (refused.exit, refused.code) == (Exit.USAGE, "CARRIER_UNSTATED")
    for words in refused.document["error"]["zh"], refused.document["error"]["en"]:
        assert "--carrier" in words
        assert "QC03-1_甲" in words
    assert office.ask("list").document["total"] == 0


WAYS = [
    (("--carrier", "纸质"), ("paper", "scan")),
    (("--carrier", "电子"), ("electronic", "original")),
    (("--carrier", "双套"), ("both", "scan")),
    (("--carrier", "both", "--copy", "原件"), ("both", "original")),
    (("--carrier", "paper", "--copy", "复制件"), ("paper", "copy")),
]


@pytest.mark.parametrize(("options", "said"), WAYS)
def test_what_is_stated_is_what_is_signed(
    office: Office, folder: Path, options: tuple[str, ...], said: tuple[str, str]
) -> None:
    taken = office.ask("intake", folder, *BY, *options)
    assert taken.exit == Exit.OK, taken.error
    assert files_of(office, "QC03-1") == [said]
    again = office.ask("intake", folder, *BY, *options)
    assert again.document["records_already"] == 2
    look = office.ask("intake", folder, *BY, "--dry-run").document
    assert (look["records_already"], look["carrier_unstated"]) == (2, 2)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "said"), [("1", "paper"), ("2", "electronic"), ("3", "both")])
def test_at_a_terminal_it_is_asked_and_printed_before_it_is_signed(
    office: Office,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answer: str,
    said: str,
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(f"无\n{answer}\n"))
    assert run(["intake", str(folder), *BY, "--lang", "zh"]) == Exit.OK
    shown = capsys.readouterr().out
    words = {"paper": "纸质、文件为扫描件", "electronic": "电子、文件为原件", "both": "双套、文件为扫描件"}
    signed = f"将签名登记为“载体{words[said]}”:2 条记录,2 个文件"
    assert 0 < shown.index("请选") < shown.index(signed) < shown.index("已接收")
    assert files_of(office, "QC03-2")[0][0] == said


@pytest.mark.parametrize("answer", ["", "4", "y"])
def test_any_other_answer_takes_nothing(
    office: Office, folder: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(f"无\n{answer}\n"))
    assert run(["intake", str(folder), *BY]) == Exit.USAGE
    assert office.ask("list").document["total"] == 0


def test_a_closed_terminal_is_no_answer(
    office: Office, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(""))
    assert run(["intake", str(folder), *BY]) == Exit.USAGE
    assert office.ask("list").document["total"] == 0


def test_a_row_says_it_for_itself_and_the_option_for_the_rest(office: Office, tmp_path: Path) -> None:
    rows = ("Q-1\t甲\t双套\t\ta.txt", "Q-2\t乙\t双套\t原件\ta.txt", "Q-3\t丙\t\t\ta.txt", "Q-4\t丁\t纸质\t\t")
    write_files(tmp_path / "in", "a.txt")
    write_table(tmp_path / "in", *rows, head="档号\t题名\t载体\t份别\t文件")
    assert office.ask("intake", tmp_path / "in", *BY).code == "CARRIER_UNSTATED"
    taken = office.ask("intake", tmp_path / "in", *BY, "--carrier", "电子")
    assert (taken.exit, taken.document["records_taken"]) == (Exit.OK, 4)
    said = [files_of(office, number) for number in ("Q-1", "Q-2", "Q-3", "Q-4")]
    assert said == [[("both", "scan")], [("both", "original")], [("electronic", "original")], []]


def test_new_files_of_an_event_are_asked_for_too(office: Office, folder: Path) -> None:
    office.ask("intake", folder, *BY, "--carrier", "纸质")
    scan = ("event", "digitise", "QC03-1", *BY, "--pages", "1", "--file", folder / "QC03-2_乙" / "b.txt")
    refused = office.ask(*scan)
    assert (refused.exit, refused.code) == (Exit.USAGE, "CARRIER_UNSTATED")
    assert len(office.ask("show", "QC03-1").document["steps"]) == 1
    assert office.ask(*scan, "--carrier", "纸质").exit == Exit.OK
    assert files_of(office, "QC03-1")[1] == ("paper", "scan")
    # Files that are only referred to are what they were.
    referred = office.ask("event", "four_test", "QC03-1", *BY, "--outcome", "合格", "--file", "b.txt")
    assert referred.exit == Exit.OK, referred.error
