"""Killed at any moment, the ledger keeps what it acknowledged and goes on."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from cryptography import x509
from sqlalchemy import select

from ledger.check import check
from ledger.handle import open_ledger
from ledger.store.engine import reading
from ledger.store.tables import statement
from tests.ledger.databases import IN_USE
from tests.ledger.ledger_world import START, Clock, World
from verifier.report import Outcome

CHILD = [sys.executable, "-m", "tests.ledger.crash_child"]


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("after", [1, 7, 20])
def test_what_was_acknowledged_survives_a_kill(tmp_path: Path, after: int) -> None:
    address = IN_USE[-1].new()
    child = subprocess.Popen([*CHILD, str(tmp_path), address], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    acknowledged = [child.stdout.readline().strip() for _ in range(after)]
    time.sleep(0.003 * after)
    child.kill()
    acknowledged += [line.strip() for line in child.stdout]
    child.wait(600)
    ledger = open_ledger(tmp_path / "home", Clock(START))
    with reading(ledger.engine) as connection:
        kept = {digest.hex() for digest in connection.execute(select(statement.c.sha256)).scalars()}
    assert len(acknowledged) >= after
    # A line may be cut short by the kill; every whole one was promised.
    assert {line for line in acknowledged if len(line) == 64} <= kept
    cas = {path.stem: (x509.load_der_x509_certificate(path.read_bytes()),) for path in tmp_path.glob("*.der")}
    found = check(ledger, membership=lambda _: cas)
    assert [f for f in found if f.outcome is Outcome.FAILED] == []
    world = World(ledger, Clock(START), {})
    if world.seal(empty=True) is None:
        world.anchor()
        assert world.seal(empty=True) is not None
