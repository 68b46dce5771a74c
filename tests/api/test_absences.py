"""An organisation that takes no part is said once, kept with its reason, and said again when it is back."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

from api.absences import Absences
from api.worker_log import WorkerState, read_state, write_state
from ledger.fabric.refusal import Refusal
from tests.api.conftest import Office

ALL = ("AUnit", "BUnit", "CUnit")


def refusal(msp: str, code: str, found: str) -> Refusal:
    return Refusal(msp, "127.0.0.1:7051", found, code, "replica", "", found)


def test_what_is_said_and_when() -> None:
    said: list[str] = []
    absences = Absences(lambda zh, en: said.append(en))
    absences.seen("anchor", [], ALL)
    assert (said, absences.now()) == ([], ())
    absences.seen("anchor", [refusal("BUnit", "REPLICA_WRITE", "no space left on device")], ALL)
    absences.seen("anchor", [refusal("BUnit", "REPLICA_WRITE", "no space left on device")], ALL)
    (first,) = said
    assert first.startswith("BUnit does not endorse anchors: ")
    assert "no space left on device" in first
    assert first.endswith("[REPLICA_WRITE]. The other organisations carry on.")
    (kept,) = absences.now()
    assert (kept.msp, kept.part, kept.code) == ("BUnit", "anchor", "REPLICA_WRITE")
    absences.seen("attest", [], ALL)
    assert absences.now() == (kept,)
    absences.seen("anchor", [refusal("BUnit", "", "connection refused")], ALL)
    assert len(said) == 2
    assert absences.now()[0].since == kept.since
    absences.seen("anchor", [], ["AUnit"])
    assert len(absences.now()) == 1
    absences.seen("anchor", [], ALL)
    assert said[2:] == ["BUnit does endorse anchors again."]
    assert absences.now() == ()


def test_status_shows_who_is_absent(office: Office, tmp_path: Path) -> None:
    absences = Absences(lambda zh, en: None)
    absences.seen("attest", [refusal("YunlingAudit", "", "connection refused")], ["YunlingAudit"])
    now = datetime.datetime.now(datetime.UTC).isoformat()
    state = WorkerState(os.getpid(), now, now, "", "", (), absences.now())
    write_state(office.home, state)
    assert read_state(office.home) == state
    (shown,) = office.ask("status").document["worker"]["absent"]
    assert (shown["msp"], shown["part"]) == ("YunlingAudit", "attest")
    assert "connection refused" in shown["en"]
