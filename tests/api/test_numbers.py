"""An archival number names one record: it is given to no second one, and two that share one are both told."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from api.command import run
from api.errors import Exit
from ledger.accept import accept
from ledger.handle import open_ledger
from ledger.people import find_person, signing_key
from ledger.sign import Draft, sign_statement
from tests.api.asking import PASSPHRASE
from tests.api.conftest import CLERK, TAKING, Office

TAKEN, FREE = "QC03-1", "QC03-7"


@pytest.fixture
def two(office: Office, tmp_path: Path) -> tuple[str, str]:
    """Ids of a record numbered QC03-1, and of one without a number."""
    for name in (f"{TAKEN}_甲", "会议记录"):
        (tmp_path / "in" / name).mkdir(parents=True)
        (tmp_path / "in" / name / "a.txt").write_text(name, encoding="utf-8")
    assert office.ask("intake", tmp_path / "in", *TAKING).exit == Exit.OK
    rows = office.ask("list").document["records"]
    ids = {row["number"]: row["record"] for row in rows}
    return ids[TAKEN], ids[""]


@pytest.fixture
def from_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ledger from before, which accepted one number for two records."""
    monkeypatch.setattr("ledger.accept.numbers_taken", lambda *_: {})


def signed_elsewhere(office: Office, record: str, number: str) -> None:
    """`number` given to a record past the command line."""
    person = find_person(office.home, CLERK)
    key = signing_key(office.home, person.agent, PASSPHRASE.encode())
    ledger = open_ledger(office.home)
    fields = {"number": number, "agent_name": CLERK}
    draft = Draft("number", "2026-01-08", record=record, fields=fields, late="offline")
    accept(ledger, [sign_statement(key, ledger.origin, draft)])
    ledger.close()


def test_a_number_in_use_is_refused_and_its_record_named(office: Office, two: tuple[str, str]) -> None:
    holder, other = two
    refused = office.ask("event", "number", other, "--as", CLERK, "--field", f"number={TAKEN}")
    assert (refused.exit, refused.code) == (Exit.DATA, "NUMBER_TAKEN")
    for words in (refused.document["error"]["zh"], refused.document["error"]["en"]):
        assert holder in words
        assert "metadata.correct" in words
    assert len(office.ask("show", other).document["steps"]) == 1
    given = office.ask("event", "编档号", other, "--as", CLERK, "--field", f"档号={FREE}")
    assert given.exit == Exit.OK, given.error
    assert office.ask("show", FREE).document["record"] == other


def test_a_record_may_be_given_its_own_number_again(office: Office, two: tuple[str, str]) -> None:
    again = office.ask("event", "number", TAKEN, "--as", CLERK, "--field", f"number={TAKEN}")
    assert again.exit == Exit.OK, again.error


def test_the_table_of_an_intake_names_the_record_that_has_the_number(
    office: Office, two: tuple[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "again" / f"{TAKEN}_丙"
    folder.mkdir(parents=True)
    (folder / "c.txt").write_text("c", encoding="utf-8")
    (office.home / "intake" / "journal.sqlite").unlink()
    left = office.ask("intake", tmp_path / "again", *TAKING)
    [problem] = left.document["problems"]
    assert (left.exit, problem["code"]) == (Exit.DATA, "NUMBER_TAKEN")
    assert two[0] in problem["detail"]


@pytest.mark.usefixtures("from_before")
@pytest.mark.parametrize(
    "command",
    [
        ("show", TAKEN),
        ("event", "shelve", TAKEN, "--as", CLERK),
        ("evidence", TAKEN, "-o", "{tmp}/e.json"),
        ("receipt", TAKEN),
    ],
)
def test_of_two_with_one_number_both_are_told(
    office: Office, two: tuple[str, str], tmp_path: Path, command: tuple[str, ...]
) -> None:
    signed_elsewhere(office, two[1], TAKEN)
    told = office.ask(*(word.format(tmp=tmp_path) for word in command))
    assert (told.exit, told.code) == (Exit.USAGE, "RECORD_SEVERAL")
    for words in (told.document["error"]["zh"], told.document["error"]["en"]):
        assert all(record in words for record in two)
        assert "metadata.correct" in words


@pytest.mark.usefixtures("from_before")
def test_both_are_listed_and_each_is_said_to_share(
    office: Office, two: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    signed_elsewhere(office, two[1], TAKEN)
    rows = office.ask("list", "--number", TAKEN).document["records"]
    assert sorted(row["record"] for row in rows) == sorted(two)
    for record, other in (two, two[::-1]):
        assert office.ask("show", record).document["same_number"] == [other]
        assert run(["show", record, "--lang", "zh"]) == Exit.OK
        said = capsys.readouterr().out
        assert "共用档号" in said
        assert other in said


@pytest.mark.usefixtures("from_before")
def test_once_one_is_corrected_each_number_names_one(office: Office, two: tuple[str, str]) -> None:
    holder, other = two
    signed_elsewhere(office, other, TAKEN)
    corrected = office.ask("event", "元数据更正", other, "--as", CLERK, "--reason", "录入错误",
                           "--field", "批准人=赵六", "--field", f"档号={FREE}")  # fmt: skip
    assert corrected.exit == Exit.OK, corrected.error
    assert office.ask("show", TAKEN).document["record"] == holder
    assert office.ask("show", FREE).document["record"] == other
    assert office.ask("show", holder).document["same_number"] == []


def test_a_number_that_was_corrected_still_finds_its_record(office: Office, two: tuple[str, str]) -> None:
    office.ask("event", "number", TAKEN, "--as", CLERK, "--field", f"number={FREE}")
    assert office.ask("show", TAKEN).document["record"] == two[0]


def test_a_new_record_by_hand_needs_a_number_of_its_own(office: Office, two: tuple[str, str]) -> None:
    fields = ("--field", "题名=另一份", "--field")
    refused = office.ask("event", "receive", "new", "--as", CLERK, *fields, f"档号={TAKEN}")
    assert refused.code == "NUMBER_TAKEN"
    assert uuid.UUID(two[0])
    assert office.ask("list").document["total"] == 2
