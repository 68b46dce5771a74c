"""Files taken out by command, back-ups, restores and drills: on record before anything is given, or after."""

from __future__ import annotations

import json
import stat
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select

from api.command import run
from api.errors import Exit
from api.intake.journal import open_journal
from ledger.handle import open_ledger
from ledger.store.engine import reading
from ledger.store.tables import statement
from tests.api.conftest import CLERK, TAKING, Office
from tests.people import TOWN, certified, enrol_all
from verifier.errors import LedgerError

USE = ("--as", CLERK, "--purpose", "核对", "--basis", "own_record")


@pytest.fixture
def taken(office: Office, tmp_path: Path) -> Office:
    folder = tmp_path / "in" / "QC03-1_甲"
    folder.mkdir(parents=True)
    (folder / "a.txt").write_text("甲的合同", encoding="utf-8")
    assert office.ask("intake", tmp_path / "in", *TAKING).exit == Exit.OK
    return office


def events(office: Office) -> list[str]:
    return [step["event"] for step in office.ask("show", "QC03-1").document["steps"]]


def test_a_file_is_given_once_its_use_is_on_record(taken: Office, tmp_path: Path) -> None:
    out = tmp_path / "out.txt"
    given = taken.ask("open", "QC03-1", "a.txt", *USE, "-o", out)
    assert (given.exit, out.read_text(encoding="utf-8")) == (Exit.OK, "甲的合同"), given.error
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    step = taken.ask("show", "QC03-1").document["steps"][-1]
    assert (step["event"], step["basis"], step["statement"], step["files"]) == (
        "access.view",
        "own_record",
        given.document["statement"],
        1,
    )
    assert step["disclosed"]["purpose"] == "核对"


REFUSED: dict[str, tuple[tuple[str, ...], str]] = {
    "no purpose": (("--purpose", " "), "PURPOSE_EMPTY"),
    "no ground of the catalogue": (("--basis", "curiosity"), "USAGE_VALUE"),
    "a ground that needs an approval": (("--basis", "mediation"), "EVENT_REFUSED"),
    "no such way": (("--way", "borrow"), "USAGE_VALUE"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_may_not_be_is_not_given(taken: Office, tmp_path: Path, why: str) -> None:
    changed, code = REFUSED[why]
    answer = taken.ask("open", "QC03-1", "a.txt", *USE, *changed, "-o", tmp_path / "out.txt")
    assert (answer.exit != Exit.OK, answer.code) == (True, code), answer.error
    assert not (tmp_path / "out.txt").exists()
    assert events(taken) == ["receive"]
    if code == "EVENT_REFUSED":
        assert "CUSTODY_UNAPPROVED" in json.dumps(taken.ask("refused").document)


def test_a_ledger_that_cannot_keep_it_gives_nothing(
    taken: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise LedgerError("STORE_SPACE", found="database or disk is full")

    out = tmp_path / "out.txt"
    with monkeypatch.context() as patched:
        patched.setattr("ledger.accept.keep", full)
        answer = taken.ask("open", "QC03-1", "a.txt", *USE, "-o", out)
        assert (answer.code, out.exists()) == ("STORE_SPACE", False)
        beside = taken.ask("evidence", "QC03-1", "-o", tmp_path / "e.json", "--files", tmp_path / "f", *USE)
        assert (beside.code, (tmp_path / "f").exists()) == ("STORE_SPACE", False)
    out.write_text("mine", encoding="utf-8")
    assert taken.ask("open", "QC03-1", "a.txt", *USE, "-o", out).code == "OUT_EXISTS"
    next((taken.home / "ledger" / "files").rglob("*/??/*")).write_text("another", encoding="utf-8")
    assert taken.ask("open", "QC03-1", "a.txt", *USE, "-o", tmp_path / "b.txt").code == "FILE_DAMAGED"
    assert events(taken) == ["receive"]


def test_backup_drill_and_restore_are_stated(taken: Office, tmp_path: Path) -> None:
    kept, scratch = tmp_path / "kept", tmp_path / "scratch"
    scratch.mkdir()
    made = taken.ask("backup", kept, "--as", CLERK)
    assert (made.exit, len(made.document["statement"])) == (Exit.OK, 64), made.error
    same = taken.ask("drill", kept, "--offline", "--scratch", scratch)
    assert (same.exit, same.document["outcome"], same.document["findings"]) == (Exit.OK, "same", []), same
    assert len(same.document["statement"]) == 64
    assert list(scratch.iterdir()) == []
    again = tmp_path / "again"
    restored = taken.ask("restore", kept, "--home", again)
    assert (restored.exit, len(restored.document["statement"])) == (Exit.OK, 64), restored.error
    (listed,) = taken.ask("backups").document["backups"]
    assert (listed["medium"], listed["holds_erased"]) == (str(kept), 0)
    assert "manifest sha256" in listed["detail"]
    # One octet of one file.
    inside = next((kept / "ledger" / "files").rglob("*/??/*"))
    inside.chmod(0o600)
    inside.write_bytes(inside.read_bytes()[:-1] + b"?")
    damaged = taken.ask("drill", kept, "--offline", "--scratch", scratch)
    assert (damaged.exit, damaged.document["outcome"]) == (Exit.DATA, "different")
    assert damaged.document["findings"] == ["BACKUP_DAMAGED"]
    assert list(scratch.iterdir()) == []
    assert taken.ask("drill", tmp_path / "in", "--offline").code == "BACKUP_MANIFEST"


def remembered(taken: Office) -> int:
    """Files that intake knows by their digests."""
    with open_journal(taken.home) as journal:
        return int(journal.database.execute("SELECT count(*) FROM file").fetchone()[0])


def erased(taken: Office) -> None:
    """The one file is erased as received by mistake."""
    number = ("--field", "document_number=青保〔2026〕1号")
    steps = (
        ("secrecy.report", CLERK, ()),
        ("secrecy.approve", "赵六", ("--answers", "secrecy.report", *number)),
        (
            "file.erase",
            CLERK,
            (
                *("--answers", "secrecy.approve", "--file", "a.txt", "--reason", "mistaken_upload", *number),
                *("--field", "approver=李局"),
            ),
        ),
    )
    for event, who, options in steps:
        done = taken.ask("event", event, "QC03-1", "--as", who, *options)
        assert done.exit == Exit.OK, done.error


def test_a_backup_that_holds_what_was_erased_is_to_be_destroyed(
    taken: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert taken.ask("backup", tmp_path / "kept").exit == Exit.OK
    erased(taken)
    assert not any(path.is_file() for path in (taken.home / "ledger" / "files").rglob("*"))
    (listed,) = taken.ask("backups").document["backups"]
    assert listed["holds_erased"] == 1
    refused = taken.ask("drill", tmp_path / "kept", "--offline")
    assert (refused.document["outcome"], refused.document["findings"]) == (
        "not_done",
        ["BACKUP_HOLDS_ERASED"],
    )
    capsys.readouterr()
    assert run(["drill", str(tmp_path / "kept"), "--offline", "--lang", "zh"]) == Exit.DATA
    assert "请销毁这份备份" in capsys.readouterr().out
    assert run(["show", "QC03-1", "--lang", "zh"]) == Exit.OK
    told = capsys.readouterr().out
    assert ("没有电子文件" in told, "误传处置中:文件封存" in told) == (False, True)
    blocked = taken.ask("list")
    assert [row["title"] for row in blocked.document["records"]] == [""]


def test_what_was_erased_is_not_taken_in_again_by_any_command(taken: Office, tmp_path: Path) -> None:
    """Under another name, number and folder, and with files that nobody erased: those stay out as well."""
    erased(taken)
    again = tmp_path / "again" / "QC03-2_乙"
    again.mkdir(parents=True)
    (again / "0.txt").write_text("另一份", encoding="utf-8")
    (again / "b.txt").write_text("甲的合同", encoding="utf-8")
    for extra in (("--dry-run",), (), ()):
        refused = taken.ask("intake", tmp_path / "again", *TAKING, *extra)
        (fault,) = refused.document["problems"]
        assert (fault["code"], refused.document["records_taken"]) == ("FILE_ERASED", 0)
        assert "乙" not in json.dumps(fault, ensure_ascii=False)
    given = taken.ask("event", "digitise", "QC03-1", *TAKING, "--pages", "1", "--file", again / "b.txt")
    assert given.code == "FILE_ERASED"
    assert not any(path.is_file() for path in (taken.home / "ledger" / "files").rglob("*"))
    with closing(open_ledger(taken.home)) as ledger, reading(ledger.engine) as connection:
        query = select(func.count()).select_from(statement).where(statement.c.event == "secrecy.refuse")
        assert connection.execute(query).scalar() == 3


def test_a_file_whose_digests_are_withheld_is_told_as_left_out(office: Office, tmp_path: Path) -> None:
    (tmp_path / "in" / "QC03-1_甲").mkdir(parents=True)
    (tmp_path / "in" / "QC03-1_甲" / "a.txt").write_text("甲的合同", encoding="utf-8")
    assert office.ask("intake", tmp_path / "in", *TAKING, "--hide-digests").exit == Exit.OK
    hide = ("--withhold", "file.0.digests", "--files", tmp_path / "f", *USE)
    made = office.ask("evidence", "QC03-1", "-o", tmp_path / "e.json", *hide)
    assert made.exit == Exit.OK, made.error
    (left,) = made.document["files_left_out"]
    assert (left["name"], left["why"], made.document["files"]) == ("a.txt", "withheld", [])


def test_a_destroyed_file_is_told_by_the_statement_that_ended_it(
    taken: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert taken.ask("backup", tmp_path / "kept").exit == Exit.OK
    home = taken.home
    with closing(open_ledger(home)) as ledger:
        enrol_all(ledger, home, [certified(home, home, TOWN, name) for name in ("孙八", "钱七")])
    number, ended = ("--field", "document_number=青档销〔2026〕1号"), ("--outcome", "electronic_destroyed")
    steps = (
        ("review", CLERK, ("--outcome", "destroy")),
        ("propose", CLERK, ()),
        ("approve", "赵六", ("--outcome", "approved", *number)),
        ("carry-out", "孙八", ended),
        ("witness", "钱七", ended),
    )
    assert remembered(taken) == 1
    for verb, who, options in steps:
        done = taken.ask("destroy", verb, "QC03-1", "--as", who, *options)
        assert done.exit == Exit.OK, done.error
    assert remembered(taken) == 0
    assert not any(path.is_file() for path in (taken.home / "ledger" / "files").rglob("*"))
    opened = taken.ask("open", "QC03-1", "a.txt", *USE, "-o", tmp_path / "out.txt")
    assert (opened.code, done.document["statement"] in opened.error) == ("FILE_DESTROYED", True), opened.error
    assert not (tmp_path / "out.txt").exists()
    beside = taken.ask("evidence", "QC03-1", "-o", tmp_path / "e.json", "--files", tmp_path / "f", *USE)
    assert beside.exit == Exit.OK, beside.error
    (left,) = beside.document["files_left_out"]
    assert (left["name"], left["why"], left["statement"]) == (
        "a.txt",
        "destroyed",
        done.document["statement"],
    )
    assert beside.document["files"] == []
    asked = ["evidence", "QC03-1", "-o", str(tmp_path / "e2.json"), "--files", str(tmp_path / "f"), *USE]
    capsys.readouterr()
    assert run([*asked, "--lang", "zh"]) == Exit.OK
    assert f"没有写出“a.txt”:已监销,不再保存(监销见证的签名行为记录 {left['statement'][:16]}" in "".join(
        capsys.readouterr().out
    )
    assert run(["show", "QC03-1", "--lang", "zh"]) == Exit.OK
    told = capsys.readouterr().out
    assert ("没有电子文件" in told, "另有 1 个电子文件已监销或依规删除" in told) == (False, True)
    due = taken.ask("fixity", "--due").document
    assert (due["files"], due["destroyed"]) == (0, 1)
    assert taken.ask("backups").document["backups"][0]["holds_erased"] == 1
