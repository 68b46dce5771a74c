"""Whatever lies under a copy's name in a replica is refused by its code, in bounded time and memory, and the
copy of another organisation is used."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from ledger import recover as recovery
from ledger.batch import MAX_BATCH
from ledger.check import check
from ledger.fabric.gateway import Chain
from ledger.handle import open_ledger
from ledger.membership import ders
from ledger.recover import Recovered
from ledger.replica import ReplicaNoneError, copies, read_copy
from ledger.reread import reread
from tests.ledger.ledger_copy import saved
from tests.ledger.ledger_world import FIRST, RECORD, World, make_world
from verifier.digests import sha256
from verifier.errors import EvidenceError
from verifier.report import Outcome

pytestmark = pytest.mark.usefixtures("database")

LEDGER = bytes(32)
NAME = f"{'0' * 64}-{'1' * 64}.json"


def _too_large(path: Path) -> None:
    with path.open("wb") as writer:
        writer.truncate(MAX_BATCH + 1)


HOSTILE: dict[str, tuple[Callable[[Path], object], str]] = {
    "a pipe that nobody writes to": (os.mkfifo, "REPLICA_UNREADABLE"),
    "a link to an endless device": (lambda path: path.symlink_to("/dev/zero"), "REPLICA_UNREADABLE"),
    "a link to nothing": (lambda path: path.symlink_to("nothing"), "REPLICA_UNREADABLE"),
    "a folder": (Path.mkdir, "REPLICA_UNREADABLE"),
    "an octet too many": (_too_large, "REPLICA_SIZE"),
    "nothing in it": (Path.touch, "REPLICA_DIGEST"),
}


@pytest.mark.parametrize(("make", "code"), HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_copy_is_refused(make: Callable[[Path], object], code: str, tmp_path: Path) -> None:
    folder = tmp_path / LEDGER.hex() / "1"
    folder.mkdir(parents=True)
    make(folder / NAME)
    (one,) = copies([tmp_path], LEDGER, 1)
    with pytest.raises(EvidenceError) as refused:
        read_copy(one, LEDGER, 1)
    assert refused.value.code == code


def _lost(world: World, tmp_path: Path, *, ahead: bool = False) -> tuple[World, Recovered]:
    """A batch that was sealed after the copy of the ledger was made comes back into that copy.

    `ahead`: the clock was, when the statement in it was accepted.
    """
    world.clock.step(300 if ahead else 0)
    world.accept([world.receive(world.person(), RECORD)])
    world.clock.step(-240 if ahead else 0)
    home = saved(world.ledger, tmp_path / "old")
    assert world.seal() is not None
    world.clock.step(1)
    made = world.anchor()
    data = reread(world.ledger, FIRST).data
    replicas = [tmp_path / name for name in ("first", "second")]
    for replica in replicas:
        folder = replica / world.ledger.id.hex() / str(FIRST)
        folder.mkdir(parents=True)
        (folder / f"{made.roots.sha256.hex()}-{sha256(data).hex()}.json").write_bytes(data)
    broken = next((replicas[0] / world.ledger.id.hex() / str(FIRST)).iterdir())
    broken.unlink()
    broken.mkdir()
    world.clock.step(600)
    old = World(open_ledger(home, world.clock), world.clock, world.cas)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(recovery, "_anchor", lambda *_: made)
        no_chain = cast("Chain", None)
        done = recovery._recover(old.ledger, no_chain, FIRST, replicas, ders(world.person_cas(old.ledger)))
    old.anchor()
    return old, done


def found_in(world: World, outcome: Outcome) -> list[tuple[str, str]]:
    found = check(world.ledger, None, lambda number: None, world.person_cas)
    return [(one.code, one.name) for one in found if one.outcome is outcome]


def test_an_unreadable_copy_is_named_and_another_one_used(tmp_path: Path) -> None:
    _, done = _lost(make_world(tmp_path), tmp_path)
    assert [reason.code for _, reason in done.refused] == ["REPLICA_UNREADABLE"]
    assert done.source.is_relative_to(tmp_path / "second")


def test_without_a_copy_that_can_be_read_it_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = make_world(tmp_path)
    folder = tmp_path / "replica" / world.ledger.id.hex() / "1"
    folder.mkdir(parents=True)
    os.mkfifo(folder / NAME)
    monkeypatch.setattr(recovery, "_anchor", lambda *_: None)
    with pytest.raises(ReplicaNoneError) as stopped:
        recovery._recover(world.ledger, cast("Chain", None), 1, [tmp_path / "replica"], {})
    assert [reason.code for _, reason in stopped.value.refused] == ["REPLICA_UNREADABLE"]


@pytest.mark.parametrize("ahead", [False, True], ids=["true clock", "accepted while the clock was ahead"])
def test_a_recovered_batch_agrees_with_itself(tmp_path: Path, ahead: bool) -> None:
    """Nobody knows when it was sealed: its last entry's time stands for that, not the time of recovery."""
    old, done = _lost(make_world(tmp_path), tmp_path, ahead=ahead)
    assert (done.statements, done.new) == (1, 0)
    assert found_in(old, Outcome.FAILED) == []


def test_files_that_did_not_come_back_could_not_be_checked(tmp_path: Path) -> None:
    old, _ = _lost(make_world(tmp_path), tmp_path)
    absent = [name for code, name in found_in(old, Outcome.NOT_RUN) if code == "FILE_NOT_RECOVERED"]
    assert absent == [sha256(RECORD.encode()).hex()]
