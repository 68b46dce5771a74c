"""Taking in a folder of records, by the command itself."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import ledger.accept  # noqa: F401  loaded before the forks, so that each run need not
from api.command import run
from tests.api.asking import PASSPHRASE
from tests.api.conftest import TAKING
from tests.fire.killing import Say, Scenario

RECORDS, FILES = 2, 1


def intake(office: str) -> Scenario:
    """`office`: the data folder of an office with people and without records."""
    return Scenario(_intake, _after, partial(_prepare, Path(office)))


def _prepare(office: Path, base: Path) -> None:
    shutil.copytree(office, base / "home")
    for number in range(RECORDS):
        own = base / "records" / f"QC03-{number:03d}_第{number}件"
        own.mkdir(parents=True)
        for name in "ab"[:FILES]:
            (own / f"{name}.txt").write_text(f"{name} {number}", encoding="utf-8")


def _intake(_: None, folder: Path, say: Say) -> None:
    taken = _ask(folder, "intake", str(folder / "records"), *TAKING)
    for one in taken["lists"]:
        say(one["statement"])


def _after(_: None, folder: Path, said: list[str]) -> None:
    """Done again, everything is there once; what was told stands; a third time nothing is new."""
    again = _ask(folder, "intake", str(folder / "records"), *TAKING)
    assert again["records_taken"] + again["records_already"] == RECORDS
    assert not said or again["records_already"] == RECORDS
    listed = _ask(folder, "list")["records"]
    assert sorted(row["number"] for row in listed) == [f"QC03-{n:03d}" for n in range(RECORDS)]
    assert {row["steps"] for row in listed} == {1}
    counted = _ask(folder, "status", exit=3)["counts"]
    assert (counted["records"], counted["items"], counted["files"]) == (RECORDS, RECORDS, RECORDS * FILES)
    assert all(_ask(folder, "receipt", statement)["statement"] == statement for statement in said)
    third = _ask(folder, "intake", str(folder / "records"), *TAKING)
    assert (third["records_already"], third["records_taken"], third["lists"]) == (RECORDS, 0, [])
    assert _ask(folder, "check", exit=3)["failed"] == 0


def _ask(folder: Path, *words: str, exit: int = 0) -> dict[str, Any]:
    """The command's document. The office's network does not run: `exit` 3 where that is asked for."""
    os.environ |= {"ARCHIVE_LEDGER_HOME": str(folder / "home"), "ARCHIVE_LEDGER_PASSPHRASE": PASSPHRASE}
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = run([*words, "--json"])
    assert code == exit, out.getvalue()
    document: dict[str, Any] = json.loads(out.getvalue())
    return document
