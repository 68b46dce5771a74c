"""A disk that takes no more, a damaged or missing part: the command says which, and goes on later."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.asking import PASSPHRASE
from tests.api.conftest import CLERK, Office, ask, made_office, office
from tests.fire.killing import ROOT
from tests.fire.own_mounts import in_own_mounts

TAKEN = ("--carrier", "electronic")
__all__ = ["ask", "made_office", "office"]


def intake(home: Path, folder: Path, octets: int) -> subprocess.CompletedProcess[str]:
    """In a process that may not make any file longer than `octets`, as on a disk that is full by then."""
    environment = os.environ | {
        "ARCHIVE_LEDGER_HOME": str(home),
        "ARCHIVE_LEDGER_PASSPHRASE": PASSPHRASE,
        "ARCHIVE_LEDGER_LANG": "en",
    }
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "from api.command import main; main()",
            "intake",
            str(folder),
            "--as",
            CLERK,
            *TAKEN,
        ],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (octets, octets)),
    )


def test_a_disk_that_takes_no_more_is_named_and_what_was_kept_stands(office: Office, tmp_path: Path) -> None:
    own = tmp_path / "records" / "QC03-001_一件"
    own.mkdir(parents=True)
    (own / "a.txt").write_text("a" * 5000, encoding="utf-8")
    for octets in (0, 2_000, 4_096, 8_192, 20_000, 40_000):
        run = intake(office.home, tmp_path / "records", octets)
        assert run.returncode in (0, 1, 3), run.stderr
        assert "Traceback" not in run.stderr
        if run.returncode == 0:
            break
    done = office.ask("intake", tmp_path / "records", "--as", CLERK, *TAKEN)
    assert done.exit == 0, done.error
    assert office.ask("list").document["total"] == 1
    assert [
        one for one in office.ask("check", "--offline").document["findings"] if one["outcome"] == "failed"
    ] == []


@pytest.mark.parametrize(
    ("part", "code", "exit"),
    [
        ("ledger.json", "LEDGER_ABSENT", 3),
        ("ledger.sqlite", "LEDGER_ABSENT", 3),
        ("checkpoint.key", "LEDGER_ABSENT", 3),
    ],
)
def test_a_part_that_is_gone_is_named(office: Office, part: str, code: str, exit: int) -> None:
    (office.home / "ledger" / part).unlink()
    answer = office.ask("status")
    assert (answer.code, answer.exit) == (code, exit)
    assert part in answer.error


def test_a_damaged_database_is_named(office: Office) -> None:
    path = office.home / "ledger" / "ledger.sqlite"
    data = bytearray(path.read_bytes())
    data[4096:] = bytes(len(data) - 4096)
    path.write_bytes(data)
    answer = office.ask("status")
    assert (answer.code, answer.exit) == ("STORE_DAMAGED", 1)
    path.write_bytes(b"no database at all" * 1000)
    assert office.ask("status").code == "STORE_DAMAGED"


@pytest.mark.long
def test_a_full_and_a_readonly_disk_are_named_and_work_goes_on_afterwards(
    made_office: Path, tmp_path: Path
) -> None:
    in_own_mounts("tests.fire.small_disk", tmp_path, made_office)
