"""Two processes on one ledger: one dies while it seals and the other takes over; both accept at once."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

import ledger.seal
from ledger.check import check
from ledger.handle import open_ledger
from ledger.paths import LedgerPaths
from ledger.store.address import Postgres
from ledger.store.engine import reading
from ledger.store.tables import NO_ITEM, batch, entry, link, statement
from ledger.submission import Submission
from tests.ledger.ledger_world import ENROLLING, FIRST, Clock, World, make_world, new_uuid
from verifier.digests import sha256
from verifier.report import Outcome

pytestmark = pytest.mark.usefixtures("database")

# Imports and keys once: each process is a fork of this one.
FORK = multiprocessing.get_context("fork")


def elsewhere(world: World, folder: Path) -> World:
    """The same ledger as another machine has it: only a database on a server can be shared so."""
    if not isinstance(world.ledger.place, Postgres):
        return world
    shutil.copytree(world.ledger.paths.home, folder)
    return replace(world, ledger=replace(world.ledger, paths=LedgerPaths(folder)))


def opened(world: World) -> World:
    """The same ledger, in a process of its own: no connection may come over from the fork."""
    clock = Clock(world.clock.when)
    return World(open_ledger(world.ledger.paths.home, clock), clock, world.cas)


def _seal_and_hang(world: World, told: Connection) -> None:
    write = ledger.seal._insert_leaves

    def writing_then_waiting(*arguments: Any) -> None:
        write(*arguments)
        told.send("in the transaction")
        signal.pause()

    # Of this process alone, which is killed.
    setattr(ledger.seal, "_insert_leaves", writing_then_waiting)  # noqa: B010
    opened(world).seal()


def _seal(world: World, told: Connection) -> None:
    told.send("begins")
    sealed = opened(world).seal()
    told.send(sealed and (sealed.number, sealed.statements))


def _accept(world: World, told: Connection, submissions: list[Submission]) -> None:
    mine = opened(world)
    told.send("ready")
    told.recv()
    # In small calls, so that the two come between one another.
    told.send([one for submission in submissions for one in mine.accept([submission])])


def start(work: Any, *arguments: Any) -> tuple[Any, Connection]:
    ours, theirs = FORK.Pipe()
    world, *rest = arguments
    child = FORK.Process(target=work, args=(world, theirs, *rest))
    child.start()
    theirs.close()
    return child, ours


def heard(told: Connection) -> Any:
    assert told.poll(600), "the process says nothing"
    return told.recv()


def sound(world: World) -> None:
    found = list(check(world.ledger, membership=world.person_cas))
    assert [one for one in found if one.outcome is Outcome.FAILED] == []


def test_a_worker_killed_in_its_transaction_lets_the_other_take_over(tmp_path: Path) -> None:
    world = make_world(tmp_path)
    key = world.person()
    world.accept([world.receive(key, new_uuid()) for _ in range(20)])
    world.ledger.close()
    first, of_first = start(_seal_and_hang, world)
    assert heard(of_first) == "in the transaction"
    second, of_second = start(_seal, elsewhere(world, tmp_path / "other machine"))
    assert heard(of_second) == "begins"
    # It waits for the lock as long as the other lives.
    assert not of_second.poll(1)
    assert first.pid is not None
    os.kill(first.pid, signal.SIGKILL)
    assert heard(of_second) == (FIRST, 20)
    for child in (first, second):
        child.join(600)
    assert (first.exitcode, second.exitcode) == (-signal.SIGKILL, 0)
    again = opened(world)
    assert again.seal() is None
    with reading(again.ledger.engine) as connection:
        assert connection.execute(select(func.count()).select_from(batch)).scalar() == FIRST + 1
        assert connection.execute(select(func.count()).select_from(entry)).scalar() == ENROLLING + 20
        assert connection.execute(select(func.count()).select_from(link)).scalar() == 2 * ENROLLING + 60
    sound(again)


def test_two_that_accept_at_once_lose_and_double_nothing(tmp_path: Path) -> None:
    world = make_world(tmp_path)
    key = world.person()
    own = [[world.receive(key, new_uuid()) for _ in range(15)] for _ in range(2)]
    # Handed in to both at once: each gets the one receipt.
    shared = [world.receive(key, new_uuid()) for _ in range(5)]
    handed = [[*shared, *mine] for mine in own]
    world.ledger.close()
    places = (world, elsewhere(world, tmp_path / "other machine"))
    started = [start(_accept, place, mine) for place, mine in zip(places, handed, strict=True)]
    for _, told in started:
        assert heard(told) == "ready"
    for _, told in started:
        told.send("go")
    accepted = [heard(told) for _, told in started]
    for child, _ in started:
        child.join(600)
        assert child.exitcode == 0
    receipts = [{one.statement: one.receipt for one in answers} for answers in accepted]
    for mine, answers in zip(handed, accepted, strict=True):
        assert [one.statement for one in answers] == [sha256(one.statement) for one in mine]
    again = opened(world)
    with reading(again.ledger.engine) as connection:
        rows = connection.execute(
            select(statement).where(statement.c.id > ENROLLING).order_by(statement.c.id)
        ).all()
    assert [row.id for row in rows] == list(range(ENROLLING + 1, ENROLLING + 36))
    ids = {row.sha256: row.id for row in rows}
    for mine in own:
        order = [ids[sha256(one.statement)] for one in mine]
        assert order == sorted(order)
    for row in rows:
        assert {row.receipt} == {said[row.sha256] for said in receipts if row.sha256 in said}
    assert again.seal() is not None
    with reading(again.ledger.engine) as connection:
        logged = connection.execute(
            select(entry.c.statement_id).where(entry.c.item_number == NO_ITEM).order_by(entry.c.idx)
        ).scalars()
        assert list(logged) == list(range(1, ENROLLING + 36))
    sound(again)
