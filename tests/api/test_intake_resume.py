"""Intake killed with SIGKILL, a real process each time: run again, nothing is lost, nothing doubled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.asking import PASSPHRASE
from tests.api.conftest import TAKING, Office

RECORDS = 12
# What the killed process runs: the program itself, with one function made to die where it is called.
CHILD = """
import os, signal, sys
import api.intake.drafts, api.intake.journal, api.intake.take
import ledger.accept, ledger.files
from api.intake.journal import Journal

def dies_before(owner, name, call):
    made, calls = getattr(owner, name), []
    def dying(*arguments, **named):
        calls.append(None)
        if len(calls) == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return made(*arguments, **named)
    setattr(owner, name, dying)

# Lists of at most five records, so that several are under way.
api.intake.drafts.MAX_ITEMS = 5
api.intake.take._NOTED_AT_ONCE = 4
exec(sys.argv[1])
from api.command import run
sys.exit(run(sys.argv[2:]))
"""

POINTS = {
    "while files are stored": "dies_before(ledger.files, 'store_file', 8)",
    "before a signed list is kept": "dies_before(Journal, 'keep_signed', 1)",
    "after a list is signed, before the ledger has it": "dies_before(ledger.accept, 'accept', 1)",
    "after the ledger accepted, before that is noted": "dies_before(Journal, 'mark_accepted', 1)",
    "between two lists": "dies_before(Journal, 'keep_signed', 2)",
    "in the middle of the second list": "dies_before(Journal, 'mark_accepted', 2)",
}


def fill(folder: Path) -> Path:
    for number in range(RECORDS):
        own = folder / f"QC03-{number:03d}_第{number}件"
        own.mkdir(parents=True)
        (own / "a.txt").write_text(f"a {number}", encoding="utf-8")
        (own / "b.txt").write_text(f"b {number}", encoding="utf-8")
    return folder


def intake_process(home: Path, folder: Path, patch: str) -> int:
    environment = os.environ | {"ARCHIVE_LEDGER_HOME": str(home), "ARCHIVE_LEDGER_PASSPHRASE": PASSPHRASE}
    run = subprocess.run(
        [sys.executable, "-c", CHILD, patch, "intake", str(folder), *TAKING],
        env=environment,
        capture_output=True,
        timeout=600,
        check=False,
    )
    return run.returncode


@pytest.mark.parametrize("point", list(POINTS))
def test_killed_and_run_again(office: Office, tmp_path: Path, point: str) -> None:
    folder = fill(tmp_path / "records")
    assert intake_process(office.home, folder, POINTS[point]) == -signal.SIGKILL
    again = office.ask("intake", folder, *TAKING)
    assert again.exit == 0, again.error
    listed = office.ask("list").document["records"]
    assert sorted(row["number"] for row in listed) == [f"QC03-{n:03d}" for n in range(RECORDS)]
    assert {row["steps"] for row in listed} == {1}
    counted = office.ask("status").document["counts"]
    assert (counted["records"], counted["items"], counted["files"]) == (RECORDS, RECORDS, 2 * RECORDS)
    third = office.ask("intake", folder, *TAKING).document
    assert (third["records_already"], third["records_taken"], third["lists"]) == (RECORDS, 0, [])


def test_two_at_once_are_not_let_in(office: Office, tmp_path: Path) -> None:
    from ledger.locking import locked

    folder = fill(tmp_path / "records")
    (office.home / "intake").mkdir()
    with locked(office.home / "intake" / "lock", 0):
        answer = office.ask("intake", folder, *TAKING)
    assert (answer.exit, answer.code) == (3, "LOCK_HELD")


def test_a_signed_list_is_given_again_byte_for_byte(office: Office, tmp_path: Path) -> None:
    folder = fill(tmp_path / "records")
    killed = intake_process(office.home, folder, POINTS["after a list is signed, before the ledger has it"])
    assert killed == -signal.SIGKILL
    from api.intake.journal import open_journal
    from verifier.digests import sha256
    from verifier.statement import parse_statement

    with open_journal(office.home) as journal:
        [kept] = journal.waiting()
        from api.intake.submission_bytes import read_submission

        statement = read_submission(kept.data).statement
    assert sha256(statement) == kept.sha256
    answer = office.ask("intake", folder, *TAKING).document
    assert answer["resumed_lists"] == 1
    assert answer["lists"][0]["statement"] == kept.sha256.hex()
    listing = parse_statement(statement).list
    assert listing is not None
    assert answer["lists"][0]["list"] == listing.id
    assert office.ask("receipt", kept.sha256.hex()).document["statement"] == kept.sha256.hex()


def test_files_read_before_are_not_read_again(office: Office, tmp_path: Path) -> None:
    folder = fill(tmp_path / "records")
    assert intake_process(office.home, folder, "dies_before(Journal, 'keep_signed', 1)") == -signal.SIGKILL
    reading_dies = "dies_before(ledger.files, 'store_file', 1)"
    assert intake_process(office.home, folder, reading_dies) == 0
    assert office.ask("list").document["total"] == RECORDS
