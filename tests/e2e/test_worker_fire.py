"""The worker while its network burns: it says what it waits for, does not hammer, and recovers by itself."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from api.worker_log import Run, WorkerState, read_state
from ledger.status import counts
from ledger.store.engine import reading
from ledger.store.tables import anchor_attempt
from tests.e2e.fire import PATIENCE, Fire, burning_network, chaincode, holds, orderer, peer

pytestmark = pytest.mark.long
OPERATOR, AUDIT, JUSTICE = "QingheTownship", "YunlingAudit", "YunlingJustice"


@pytest.fixture(scope="module")
def fire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fire]:
    with burning_network(tmp_path_factory) as made:
        yield made


def archive_ledger(home: Path, *arguments: str) -> list[str]:
    command = "import sys; from api.command import main; main()"
    return [sys.executable, "-c", command, *arguments, "--home", str(home)]


@contextmanager
def serving(fire: Fire) -> Iterator[Path]:
    """`serve` as a process of its own; the file that it says things into."""
    home = fire.world.ledger.paths.home
    said = home / "serve.log"
    with said.open("wb") as log:
        command = archive_ledger(home, "serve", "--interval", "0.5", "--lang", "en")
        worker = subprocess.Popen(command, stderr=log, env=os.environ | {"PYTHONUTF8": "1"})
    try:
        until(fire, lambda state: all(run_of(state, job).succeeded for job in ("anchor", "attest")))
        yield said
    finally:
        worker.send_signal(signal.SIGTERM)
        code = worker.wait(PATIENCE)
    assert code == 0, said.read_text(encoding="utf-8")
    assert "Traceback" not in said.read_text(encoding="utf-8")


def until(fire: Fire, so: Callable[[WorkerState], bool]) -> WorkerState:
    deadline = time.monotonic() + PATIENCE
    while not ((state := read_state(fire.world.ledger.paths.home)) and so(state)):
        assert time.monotonic() < deadline, state
        time.sleep(0.2)
    return state


def run_of(state: WorkerState, job: str) -> Run:
    return next(run for run in state.runs if run.job == job)


def attempts(fire: Fire) -> int:
    with reading(fire.world.ledger.engine) as connection:
        return connection.execute(select(func.count()).select_from(anchor_attempt)).scalar_one()


def everything_attested(fire: Fire) -> bool:
    found = counts(fire.world.ledger)
    everybody = set(found.last_attested_by) == set(fire.chain.organisations)
    return not found.pending and found.last_anchor_batch == found.last_attested_batch and everybody


def status(fire: Fire, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = archive_ledger(fire.world.ledger.paths.home, "status", *arguments)
    return subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)


def test_two_orderers_away_and_back(fire: Fire) -> None:
    with serving(fire) as said:
        fire.kill(*orderer(AUDIT, JUSTICE))
        before = attempts(fire)
        fire.receive("缺两个排序节点时登记")
        state = until(fire, lambda now: run_of(now, "anchor").failures >= 2)
        failed = run_of(state, "anchor")
        assert failed.error == "CHAIN_NO_QUORUM"
        assert failed.failing <= failed.finished < failed.again
        for words in (failed.zh, failed.en):
            assert AUDIT in words
            assert JUSTICE in words
            assert "≥ 3 / 4" in words
        seen = attempts(fire), time.monotonic()
        time.sleep(6)
        # One every half second, with three tries in each, would be 36.
        assert attempts(fire) - seen[0] <= 4
        assert attempts(fire) > before
        told = {lang: status(fire, "--lang", lang) for lang in ("zh", "en")}
        assert "等待上链" in told["zh"].stdout
        assert "waits to be anchored" in told["en"].stdout
        assert {one.returncode for one in told.values()} == {1}
        fire.mend()
        until(fire, lambda now: not run_of(now, "anchor").error and everything_attested(fire))
        text = said.read_text(encoding="utf-8")
    assert "anchor failed [CHAIN_NO_QUORUM]" in text
    assert "anchor: works again." in text
    holds(fire)


def test_an_organisation_away_is_said_and_asked_again_when_it_is_back(fire: Fire) -> None:
    with serving(fire) as said:
        fire.kill(*peer(AUDIT), *chaincode(AUDIT))
        fire.receive("一家缺席时登记")
        state = until(fire, lambda now: {one.part for one in now.absent} == {"anchor", "attest"})
        assert {one.msp for one in state.absent} == {AUDIT}
        assert not any(run.error for run in state.runs)
        seen: dict[str, Any] = json.loads(status(fire, "--json").stdout)
        assert [one["msp"] for one in seen["chain"]["silent"]] == [AUDIT]
        assert AUDIT not in seen["counts"]["last_attested_by"]
        english = status(fire, "--lang", "en").stdout
        assert f"lacks the attestation of {AUDIT}" in english
        assert f"{AUDIT} does not endorse anchors" in english
        fire.mend()
        until(fire, lambda now: everything_attested(fire))
        text = said.read_text(encoding="utf-8")
        assert f"{AUDIT} does attest again." in text
    holds(fire)


def test_the_gateways_peer_hangs_and_the_worker_does_not(fire: Fire) -> None:
    with serving(fire), fire.frozen(*peer(OPERATOR)):
        fire.receive("网关停住时登记")
        until(fire, lambda now: counts(fire.world.ledger).pending == 0)
        deadline = time.monotonic() + PATIENCE
        while counts(fire.world.ledger).in_flight is not None:
            assert time.monotonic() < deadline
            time.sleep(0.2)
    holds(fire)
