"""From acknowledged to attested, at low load, with the worker as `archive-ledger serve` runs it."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time

from sqlalchemy import func, select

from ledger.accept import accept
from ledger.store.engine import reading
from ledger.store.tables import ATTESTED, batch, entry, statement
from ledger.submission import Submission
from tests.bench.figures import Part, percentile
from tests.bench.setting import Setting
from tests.bench.stock import statements
from tests.e2e.world import ORIGIN, World, make_world

SERVE = "import sys; from api.command import main; sys.exit(main())"
PATIENCE = 60.0


def measure(part: Part, setting: Setting) -> None:
    number = setting.size(100, 2)
    with setting.network() as network:
        home = setting.fresh("latency")
        world = make_world(network, home)
        waiting = statements(world.people["王五"], ORIGIN, number + 1)
        command = [sys.executable, "-c", SERVE, "--home", str(home), "serve"]
        worker = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            accept(world.ledger, waiting[:1])
            _until_attested(world, 1)
            found = _samples(world, waiting[1:], setting)
        finally:
            worker.send_signal(signal.SIGTERM)
            worker.wait(60)
            world.close()
    part.add("p50", [percentile(found, 50)])
    part.add("p99", [percentile(found, 99)])
    part.add("all", found)


def _samples(world: World, waiting: list[Submission], setting: Setting) -> list[float]:
    """Statements are logged in order, so the count of attested ones tells which have come so far."""
    chance = random.Random(7)  # noqa: S311  the same gaps in every run
    accepted_at: list[float] = []
    attested_at: list[float] = []
    first = _attested(world)
    due = time.perf_counter()
    deadline = due + PATIENCE + len(waiting)
    while len(attested_at) < len(waiting):
        assert time.perf_counter() < deadline, f"{len(attested_at)} of {len(waiting)} attested"
        if len(accepted_at) < len(waiting) and time.perf_counter() >= due:
            accept(world.ledger, [waiting[len(accepted_at)]])
            accepted_at.append(time.perf_counter())
            due += 0.01 if setting.quick else chance.uniform(0.3, 0.9)
        come, now = _attested(world) - first, time.perf_counter()
        attested_at += [now] * (come - len(attested_at))
        time.sleep(0.005)
    return [after - before for before, after in zip(accepted_at, attested_at, strict=True)]


def _until_attested(world: World, number: int) -> None:
    deadline = time.perf_counter() + PATIENCE
    while _attested(world) < number:
        assert time.perf_counter() < deadline, "the worker does not attest"
        time.sleep(0.05)


def _attested(world: World) -> int:
    """Statements in attested batches."""
    with reading(world.ledger.engine) as connection:
        size = connection.execute(select(func.max(batch.c.size)).where(batch.c.state == ATTESTED)).scalar()
        query = (
            select(func.count()).select_from(statement).join(entry, entry.c.statement_id == statement.c.id)
        )
        return connection.execute(query.where(entry.c.idx < size)).scalar_one()
