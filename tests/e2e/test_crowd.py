"""Fifty clients at once while the sealer, the database and the network are killed and started again under
them: whatever was acknowledged is in the log exactly once, and verifies.

Interface and worker are processes of their own over one PostgreSQL; neither is told what happens to the rest.
"""

from __future__ import annotations

import itertools
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
from sqlalchemy import select

from ledger.evidence import build_evidence
from ledger.handle import Ledger, open_ledger
from ledger.status import counts
from ledger.store.engine import reading
from ledger.store.tables import entry, statement
from network.layout import layout
from network.processes import running
from network.up import up
from tests.api.asking import asker
from tests.api.http.process import ADDRESS, serving, stop, until
from tests.conftest import network_at
from tests.e2e.crowd import PATIENCE, Crowd, crowding
from tests.e2e.test_service import Office
from tests.e2e.world import ORIGIN
from tests.postgres_cluster import Cluster
from verifier.report import Verdict
from verifier.verify import verify

CROWD = 50
# So many records in one evidence file.
TOGETHER = 100


@dataclass
class Ground:
    """What can be taken away: the worker, the database, the network."""

    office: Office
    postgres: Cluster
    crowd: Crowd
    stack: ExitStack
    workers: Iterator[int]
    worker: subprocess.Popen[str] = field(init=False)
    heard: Path = field(init=False)

    def start_worker(self) -> None:
        options = ("--worker", "--interval", "0.2")
        self.worker, self.heard = self.stack.enter_context(
            serving(self.office.home, *options, name=f"worker{next(self.workers)}")
        )
        until(self.heard, "The worker runs for")

    def sealer(self) -> None:
        """kill -9, and another takes over."""
        self.worker.kill()
        self.worker.wait()
        self.start_worker()

    def database(self) -> None:
        """As a power cut leaves it: nothing is flushed, nobody is told. Back when somebody was refused."""
        before = self.crowd.again_asked
        self.postgres.stop("immediate")
        wait("nobody noticed", lambda: self.crowd.again_asked > before)
        self.postgres.start()

    def network(self) -> None:
        """kill -9 of all twelve processes."""
        doomed = [one.process for one in running(layout(self.office.network.home))]
        assert len(doomed) == 12
        for process in doomed:
            process.kill()
        psutil.wait_procs(doomed, timeout=PATIENCE)
        up(self.office.network.home)


@contextmanager
def ground(office: Office, postgres: Cluster, crowd: Crowd) -> Iterator[Ground]:
    with ExitStack() as stack:
        made = Ground(office, postgres, crowd, stack, itertools.count())
        made.start_worker()
        yield made


@pytest.fixture
def office(
    postgres: Cluster,
    tmp_path_factory: pytest.TempPathFactory,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Office]:
    """On a network of its own, whose processes are killed."""
    home = tmp_path_factory.mktemp("office") / "home"
    database = postgres.database()
    ask = asker(capsys, monkeypatch)
    with network_at(tmp_path_factory.mktemp("crowd")) as network:
        monkeypatch.setenv("ARCHIVE_LEDGER_HOME", str(home))
        monkeypatch.setenv("ARCHIVE_LEDGER_DATABASE", postgres.url(database))
        made = ask("init", "--origin", ORIGIN, "--connection", network.connection)
        assert made.exit == 0, made.error
        monkeypatch.delenv("ARCHIVE_LEDGER_DATABASE")
        yield Office(home, network, ask)
    postgres.drop(database)


def anchored_since(ledger: Ledger) -> Callable[[], bool]:
    before = counts(ledger).last_anchor_batch or 0
    return lambda: (counts(ledger).last_anchor_batch or 0) > before


def crowded(office: Office, postgres: Cluster, seconds: float) -> Crowd:
    """For so long at least; and once each at least, however slow the machine, all three are taken away."""
    keys = list(office.enrolled(*(office.person() for _ in range(CROWD))))
    ledger = open_ledger(office.home)
    with serving(office.home, "--api", "--port", "0", name="api") as (process, said):
        crowd = Crowd(until(said, ADDRESS.pattern)[1])
        with ground(office, postgres, crowd) as under:
            began = time.monotonic()
            with crowding(crowd, keys):
                crowd.more(CROWD)
                while time.monotonic() - began < seconds:
                    for take_away in (under.sealer, under.database, under.network):
                        take_away()
                        # Everything works again: statements are taken in, and reach the chain.
                        crowd.more(CROWD)
                        wait("not anchored", anchored_since(ledger))
            wait("still pending", lambda: settled(ledger))
            stop(under.worker, under.heard)
        # The interface lived through all of it.
        stop(process, said)
    ledger.close()
    return crowd


def wait(said: str, done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < deadline, said
        time.sleep(0.3)


def settled(ledger: Ledger) -> bool:
    found = counts(ledger)
    return (
        not found.pending and found.in_flight is None and found.last_attested_batch == found.last_anchor_batch
    )


def holds(office: Office, crowd: Crowd) -> None:
    ledger = open_ledger(office.home)
    with reading(ledger.engine) as connection:
        query = select(statement.c.sha256).join(entry, entry.c.statement_id == statement.c.id)
        times = Counter(digest.hex() for digest in connection.execute(query).scalars())
    assert {times[digest] for digest in crowd.acknowledged} == {1}
    checked = office.ask("check")
    assert checked.document["agrees"], checked.document["findings"][:3]
    trust = office.home / "crowd.trust.json"
    assert office.ask("trust-root", "-o", trust).exit == 0
    records = sorted(crowd.acknowledged.values())
    assert len(set(records)) == len(records)
    for first in range(0, len(records), TOGETHER):
        some = records[first : first + TOGETHER]
        report = verify(build_evidence(ledger, some, ()).data, trust.read_bytes())
        assert report.verdict is Verdict.CONSISTENT, report.checks
    ledger.close()


def test_a_crowd_while_everything_under_it_is_killed(office: Office, postgres: Cluster) -> None:
    holds(office, crowded(office, postgres, 30.0))


@pytest.mark.long
def test_a_crowd_for_ten_minutes(office: Office, postgres: Cluster) -> None:
    holds(office, crowded(office, postgres, 600.0))
