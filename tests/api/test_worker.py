"""The worker: a failed or missed run is seen, an alarm stops it, a signal stops it cleanly."""

from __future__ import annotations

import datetime
import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from api.worker import Job, Worker
from api.worker_log import Run, WorkerState, is_alive, late_runs, read_state, write_state
from ledger.alarms import ALARMS
from tests.api.asking import PASSPHRASE
from tests.api.conftest import Office
from verifier.errors import ChainError, LedgerError

# What takes a second or less, on a machine that is busy with other things.
PATIENCE = 600.0


@pytest.fixture(autouse=True)
def notes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.worker._NOTE_SECONDS", 0.05)


def quiet(zh: str, en: str) -> None:
    """What the worker says is not looked at."""


def served(
    home: Path, work: Callable[[], None], until: Callable[[WorkerState], bool]
) -> tuple[Worker, WorkerState]:
    """Runs a worker with one job until its note says `until`, then stops it."""
    stop = threading.Event()
    worker = Worker(home, (Job("seal", 0.05, "log", work),), quiet, stop)
    thread = threading.Thread(target=worker.serve)
    thread.start()
    deadline = time.monotonic() + PATIENCE
    try:
        while not ((state := read_state(home)) and until(state)):
            assert time.monotonic() < deadline, state
            assert thread.is_alive() or worker.alarm, state
            time.sleep(0.02)
    finally:
        stop.set()
        thread.join(PATIENCE)
    assert not thread.is_alive()
    last = read_state(home)
    assert last is not None
    return worker, last


def test_one_failed_run_is_seen_and_the_next_goes_on(tmp_path: Path) -> None:
    calls: list[int] = []
    read = threading.Event()

    def fails_first() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise ChainError("CHAIN_UNREACHABLE", "network", "", "connection refused")
        # Not before the note of the failure has been read.
        read.wait(PATIENCE)

    seen: list[WorkerState] = []

    def recovered(state: WorkerState) -> bool:
        seen.append(state)
        if state.runs[0].error:
            read.set()
        return state.runs[0].failures == 1 and bool(state.runs[0].succeeded)

    worker, last = served(tmp_path, fails_first, recovered)
    failed = [state.runs[0] for state in seen if state.runs[0].error]
    assert failed
    assert failed[0].error == "CHAIN_UNREACHABLE"
    assert "network" in failed[0].en
    assert (last.runs[0].error, worker.alarm) == ("", "")
    assert last.stopped


def test_a_job_that_goes_on_failing_is_tried_less_and_less_often(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.worker.MOST_BACK_OFF", 0.8)
    tried: list[float] = []

    def fails() -> None:
        tried.append(time.monotonic())
        raise ChainError("CHAIN_UNREACHABLE")

    _, last = served(tmp_path, fails, lambda state: state.runs[0].failures >= 7)
    gaps = [later - earlier for earlier, later in itertools.pairwise(tried)]
    # Twice the interval of 0.05 s, then four times, up to 0.8 s; a run may come half an interval early.
    for gap, least in zip(gaps, (0.1, 0.2, 0.4, 0.8, 0.8, 0.8), strict=False):
        assert gap >= least - 0.05
    run = last.runs[0]
    assert run.failing < run.finished < run.again


@pytest.mark.parametrize("code", sorted(ALARMS))
def test_an_alarm_stops_the_worker(tmp_path: Path, code: str) -> None:
    def alarms() -> None:
        raise LedgerError(code, "batch 3")

    worker, last = served(tmp_path, alarms, lambda state: state.alarm == code)
    assert (worker.alarm, last.runs[0].runs) == (code, 1)


def test_a_bug_in_a_job_is_noted_too(tmp_path: Path) -> None:
    def divides() -> None:
        raise ZeroDivisionError("division by zero")

    _, last = served(tmp_path, divides, lambda state: state.runs[0].failures > 1)
    assert last.runs[0].error == "ZeroDivisionError"


def test_the_first_run_of_a_job_is_noted_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else whoever watches takes a worker that has reached the chain for one that never asked."""
    monkeypatch.setattr("api.worker._NOTE_SECONDS", 3600.0)
    noted: list[int] = []

    def first(state: WorkerState) -> bool:
        noted.append(state.runs[0].runs)
        return noted[-1] > 0

    with monkeypatch.context() as patched:
        patched.setattr("tests.api.test_worker.PATIENCE", 60.0)
        served(tmp_path, lambda: None, first)
    assert noted[-1] == 1


def run_of(**changes: object) -> Run:
    fields: dict[str, object] = {
        "job": "seal", "interval": 1.0, "finished": "", "succeeded": "", "error": "",
        "zh": "", "en": "", "runs": 1, "failures": 0, "missed": 0,
    }  # fmt: skip
    return Run(**{**fields, **changes})  # type: ignore[arg-type]  # of Run


def test_a_missed_run_is_late() -> None:
    now = datetime.datetime(2026, 1, 12, 9, 30, tzinfo=datetime.UTC)

    def ago(seconds: float) -> str:
        return (now - datetime.timedelta(seconds=seconds)).isoformat()

    assert late_runs([run_of(finished=ago(30))], now) == ()
    assert late_runs([run_of()], now) == ()
    late = run_of(finished=ago(100))
    assert late_runs([late, run_of(interval=3600.0, finished=ago(100))], now) == (late,)
    alive = WorkerState(1, ago(500), ago(10), "", "", ())
    assert is_alive(alive, now)
    assert not is_alive(WorkerState(1, ago(500), ago(200), "", "", ()), now)
    assert not is_alive(WorkerState(1, ago(500), ago(10), ago(5), "", ()), now)


def test_status_and_doctor_show_a_failed_job(office: Office) -> None:
    now = datetime.datetime.now(datetime.UTC).isoformat()
    bad = run_of(job="anchor", finished=now, error="CHAIN_REFUSED", zh="不", en="no", failures=1)
    write_state(office.home, WorkerState(1, now, now, "", "", (run_of(finished=now), bad)))
    worker = office.ask("status").document["worker"]
    assert worker["alive"]
    assert {run["job"]: run["error"] for run in worker["runs"]} == {"seal": "", "anchor": "CHAIN_REFUSED"}
    checks = {check["name"]: check for check in office.ask("doctor").document["checks"]}
    assert checks["worker"]["state"] == "problem"
    assert "anchor" in checks["worker"]["en"]


def test_a_signal_stops_serve_cleanly_even_without_a_network(office: Office) -> None:
    command = [sys.executable, "-c", "from api.command import main; main()", "serve", "--interval", "0.2"]
    environment = os.environ | {
        "ARCHIVE_LEDGER_HOME": str(office.home),
        "ARCHIVE_LEDGER_PASSPHRASE": PASSPHRASE,
    }
    worker = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + PATIENCE
    while not ((state := read_state(office.home)) and any(run.error for run in state.runs)):
        assert time.monotonic() < deadline, state
        time.sleep(0.1)
    worker.send_signal(signal.SIGTERM)
    _, said = worker.communicate(timeout=PATIENCE)
    assert worker.returncode == 0, said
    assert "CHAIN_UNREACHABLE" in said
    assert "Traceback" not in said
