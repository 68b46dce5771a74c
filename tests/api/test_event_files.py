"""`event` with new files: what is refused leaves none, and what was looked through only in part is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.handle import open_ledger
from ledger.refusals import refusals
from tests.api.asking import Answer
from tests.api.conftest import CLERK, REVIEWER, TAKING, Office

ENCRYPTED = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Encrypt 9 0 R>>\n%%EOF"


def kept(office: Office) -> list[str]:
    return sorted(path.name for path in (office.home / "ledger" / "files").rglob("*") if path.is_file())


def received(office: Office, file: Path) -> Answer:
    said = ("--field", "题名=界址图", "--field", "number=QC03-1")
    return office.ask("event", "receive", "new", *TAKING, "--file", file, *said)


def test_files_of_an_act_that_is_refused_are_not_kept(office: Office, tmp_path: Path) -> None:
    """By the rules of handling, which only acceptance asks: a record is not submitted again before it is sent
    back. It is listed as refused, once."""
    first, second = tmp_path / "a.txt", tmp_path / "b.txt"
    first.write_text("界址图", encoding="utf-8")
    second.write_text("补页", encoding="utf-8")
    taken = received(office, first)
    assert taken.exit == 0, taken.error
    record, before = taken.document["records"][0], kept(office)
    assert len(before) == 1
    again = ("--reason", "rescanned", "--answers", "last")
    tried = office.ask("event", "resubmit", record, *TAKING, "--file", second, *again)
    assert tried.code == "EVENT_REFUSED"
    assert "CUSTODY_TRANSFER_ORDER" in tried.error
    assert kept(office) == before
    ledger = open_ledger(office.home)
    listed = [one.code for one in refusals(ledger) if one.event == "resubmit"]
    ledger.close()
    assert listed == ["CUSTODY_TRANSFER_ORDER"]
    # What is accepted is there.
    added = office.ask("event", "digitise", record, *TAKING, "--file", second, "--pages", "1")
    assert added.exit == 0, added.error
    assert len(kept(office)) == 2


@pytest.mark.parametrize("kind", ["encrypted", "whole"])
def test_what_was_looked_through_only_in_part_is_told(office: Office, tmp_path: Path, kind: str) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(ENCRYPTED if kind == "encrypted" else b"text")
    taken = received(office, file)
    assert taken.exit == 0, taken.error
    partly = [file.name] if kind == "encrypted" else []
    assert taken.document["looked_through_partly"] == partly
    assert taken.document["marked_internal"] == []


def test_no_use_by_command_without_what_for_and_on_what_ground(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("界址图", encoding="utf-8")
    done = received(office, file)
    record = done.document["records"][0]
    for event in ("access.view", "access.print", "access.copy", "access.download"):
        for more in ((), ("--basis", "open"), ("--field", "purpose=调解")):
            told = office.ask("event", event, record, "--as", CLERK, *more)
            assert told.code == "EVENT_REFUSED"
    used = ("--basis", "open", "--field", "purpose=调解")
    assert office.ask("event", "access.view", record, "--as", CLERK, *used).exit == 0


def test_an_approval_by_command_is_for_so_many_uses(office: Office) -> None:
    made = office.ask("event", "shelve", "new", "--as", CLERK, "--state", "in_place", "--field", "location=1")
    record = made.document["records"][0]
    said = ("--basis", "mediation", "--reader", "周九", "--purpose", "调解")
    assert office.ask("loan", "apply", record, "--as", CLERK, *said).exit == 0
    granted = ("--as", REVIEWER, "--outcome", "granted", "--uses", "1")
    assert office.ask("loan", "approve", record, *granted).exit == 0
    use = ("--basis", "mediation", "--field", "purpose=调解", "--field", "reader_name=周九")
    view = ("event", "access.view", record, "--as", CLERK, *use, "--answers", "access.approve")
    assert office.ask(*view).exit == 0
    assert "CUSTODY_APPROVAL_USED_UP" in office.ask(*view).error
    (loan,) = office.ask("loan", "list").document["loans"]
    assert (loan["uses"], loan["used"]) == (1, 1)
    steps = office.ask("show", record).document["steps"]
    assert [step["uses"] for step in steps if step["event"] == "access.approve"] == [1]
