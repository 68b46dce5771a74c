"""What /healthz says of the chain, by what the worker noted: reached, not reached, not asked yet."""

from __future__ import annotations

import datetime
import os

import pytest

from api.worker_log import Run, WorkerState, write_state
from tests.api.http.house import House

NOW = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")


def run(job: str, *, finished: str = "", error: str = "") -> Run:
    # Of a worker before this one: no word of now.
    return Run(job, 1.0, finished, NOW, error, error, error, int(bool(finished)), int(bool(error)), 0)


CASES = {
    "started a moment ago": ("unknown", [run("seal"), run("anchor"), run("attest")]),
    "nothing to attest, the chain not asked yet": ("unknown", [run("anchor"), run("attest", finished=NOW)]),
    "asked": ("good", [run("anchor", finished=NOW), run("attest")]),
    "not reached": ("bad", [run("anchor", finished=NOW, error="CHAIN_UNREACHABLE"), run("attest")]),
    "reached, and not attested": (
        "bad",
        [run("anchor", finished=NOW), run("attest", finished=NOW, error="CHAIN_REFUSED")],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_chain(own_house: House, name: str) -> None:
    expected, runs = CASES[name]
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
    write_state(own_house.service.home, WorkerState(os.getpid(), now, now, "", "", tuple(runs)))
    checks = own_house.ask("GET", "/healthz").json()["checks"]
    assert {one["name"]: one["state"] for one in checks}["chain"] == expected


def test_no_worker_ever_ran(own_house: House) -> None:
    checks = own_house.ask("GET", "/healthz").json()["checks"]
    states = {one["name"]: one["state"] for one in checks}
    assert (states["worker"], states["chain"]) == ("unknown", "unknown")
