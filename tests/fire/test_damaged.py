"""Damaged octets in the database or in its write-ahead log: named, or in a place that holds nothing."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from api.failure import problem_of
from ledger.check import check
from ledger.finding import Finding
from ledger.handle import open_ledger
from ledger.store.tables import metadata
from ledger.submission import Submission
from tests.fire.test_tampered import NOTES
from tests.ledger.ledger_world import Clock, World, make_world, new_uuid
from verifier.report import Outcome

PAGE = 4096
DAMAGED = 24  # octets


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Two batches, a list among them; the ledger is closed."""
    world = make_world(tmp_path_factory.mktemp("world"))
    key = world.person()
    for _ in range(2):
        world.accept([world.receive(key, new_uuid()) for _ in range(6)])
        world.accept([world.receive_list(key, [new_uuid() for _ in range(4)])])
        world.seal_and_anchor()
        world.clock.step(1)
    world.ledger.close()
    return world


def failed(world: World, home: Path) -> list[Finding]:
    ledger = open_ledger(home, world.clock)
    try:
        found = list(check(ledger, membership=world.person_cas))
    finally:
        ledger.close()
    return [one for one in found if one.outcome is Outcome.FAILED]


def content(database: Path) -> object:
    """All that the check answers for; None if it cannot be read."""
    rows = []
    with closing(sqlite3.connect(database)) as connection:
        connection.text_factory = bytes
        try:
            for table in metadata.sorted_tables:
                names = [c.name for c in table.c if c.name not in NOTES.get(table.name, ())]
                wanted = ", ".join(f'"{name}"' for name in names)
                rows.append(connection.execute(f"SELECT {wanted} FROM {table.name}").fetchall())  # noqa: S608
        except (sqlite3.DatabaseError, UnicodeDecodeError):
            return None
    return rows


LONG = [pytest.param(at, marks=pytest.mark.long) for at in (700, 2000, 3300)]


# The cells of a page begin at its end; its list of them is at its beginning.
@pytest.mark.parametrize("at", [16, 4060, *LONG])
def test_every_damaged_page_is_named(closed: World, tmp_path: Path, at: int) -> None:
    home = tmp_path / "home"
    shutil.copytree(closed.ledger.paths.home, home)
    path = home / "ledger" / "ledger.sqlite"
    good = path.read_bytes()
    assert failed(closed, home) == []
    before, named = content(path), 0
    for page in range(0, len(good), PAGE):
        for left in path.parent.glob("ledger.sqlite-*"):
            left.unlink()
        bad = bytearray(good)
        bad[page + at : page + at + DAMAGED] = bytes(octet ^ 0xFF for octet in good[page + at :][:DAMAGED])
        path.write_bytes(bad)
        try:
            noticed = bool(failed(closed, home))
        except Exception as error:  # noqa: BLE001  told apart below
            problem = problem_of(error)
            assert problem is not None, f"a traceback, page {page // PAGE}"
            assert problem.code == "STORE_DAMAGED", (page // PAGE, problem)
            noticed = True
        assert noticed or content(path) == before, f"page {page // PAGE}"
        named += noticed
    assert named > 0


def _accept_and_die(world: World, home: Path, submissions: list[Submission]) -> None:
    mine = World(open_ledger(home, world.clock), world.clock, world.cas)
    for one in submissions:
        mine.accept([one])
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_damaged_log_of_a_killed_process_loses_whole_acceptances_and_receipts_say_so(
    closed: World, tmp_path: Path
) -> None:
    """SQLite takes the log up to the first damaged frame, and says nothing: docs/operations.md."""
    home = tmp_path / "home"
    shutil.copytree(closed.ledger.paths.home, home)
    key = closed.person()
    made = [closed.receive(key, new_uuid()) for _ in range(6)]
    child = multiprocessing.get_context("fork").Process(target=_accept_and_die, args=(closed, home, made))
    child.start()
    child.join(600)
    assert child.exitcode == -signal.SIGKILL
    log = home / "ledger" / "ledger.sqlite-wal"
    data = bytearray(log.read_bytes())
    assert len(data) > 10 * PAGE
    data[len(data) // 2] ^= 0xFF
    log.write_bytes(data)
    assert failed(closed, home) == []
    world = World(open_ledger(home, Clock(closed.clock.when)), closed.clock, closed.cas)
    again = world.accept(made)
    kept = [one.duplicate for one in again]
    # The oldest stand, the newest are gone; who holds a receipt hands the statement in once more.
    assert kept == sorted(kept, reverse=True)
    assert 0 < sum(kept) < len(made)
    assert world.seal() is not None
    world.ledger.close()
    assert failed(closed, home) == []
