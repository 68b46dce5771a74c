"""Two ledgers from one database: whoever anchors first goes on, the other one stops and says why.

The chain is never forked: each number has one anchor, and what the loser sealed is on it nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ledger.anchor import anchor
from ledger.attest import attest
from ledger.chain_state import anchor_bytes, head
from ledger.fabric.gateway import submit
from ledger.seal import seal
from tests.e2e.invalid import MVCC_READ_CONFLICT, VALID, found, held
from tests.e2e.world import World
from tests.ledger.ledger_copy import copy_of
from verifier.errors import ChainError
from verifier.report import Verdict

FILES = {"a.txt": b"a"}


@dataclass(frozen=True)
class Pair:
    """The ledger and a copy of its database, both at batch 0, on one chain."""

    original: World
    copy: World


@pytest.fixture
def pair(world: World, tmp_path: Path) -> Iterator[Pair]:
    copied = copy_of(world.ledger, tmp_path / "copy")
    yield Pair(world, replace(world, ledger=copied))
    copied.close()


def sealed(world: World, title: str) -> str:
    record = world.receive(title, FILES)
    assert seal(world.ledger) is not None
    return record


def stopped(world: World) -> str:
    """The code with which it stops, and stops again when it is asked once more."""
    codes = []
    for _ in range(2):
        with pytest.raises(ChainError) as error:
            anchor(world.ledger, world.chain)
        codes.append(error.value.code)
    assert len(set(codes)) == 1
    return codes[0]


def proved(world: World, record: str) -> None:
    assert attest(world.ledger, world.chain) is not None
    report = world.verify(world.evidence(record).data, FILES)
    assert report.verdict is Verdict.CONSISTENT, report
    assert len(report.records[0].steps) == 1


Prepare = Callable[[World, World], str]


def own_batch(winner: World, loser: World) -> str:
    """Both seal a batch of their own; one anchors."""
    sealed(loser, "败方的户档")
    record = sealed(winner, "胜方的户档")
    assert anchor(winner.ledger, winner.chain) is not None
    return record


def two_batches(winner: World, loser: World) -> str:
    """By the time the loser looks, the chain has gone on."""
    sealed(loser, "败方的户档")
    record = sealed(winner, "胜方的户档")
    assert anchor(winner.ledger, winner.chain) is not None
    assert seal(winner.ledger, empty=True) is not None
    assert anchor(winner.ledger, winner.chain) is not None
    return record


def nothing_sealed(winner: World, loser: World) -> str:
    """The loser has something pending and has not sealed it: it stops before it does."""
    loser.receive("败方的户档", FILES)
    record = sealed(winner, "胜方的户档")
    assert anchor(winner.ledger, winner.chain) is not None
    return record


CASES: list[tuple[str, Prepare, str]] = [
    ("each sealed its own", own_batch, "CHAIN_OTHER_ANCHOR"),
    ("each sealed its own, and the chain went on", two_batches, "CHAIN_AHEAD"),
    ("the loser had sealed nothing", nothing_sealed, "CHAIN_AHEAD"),
]


@pytest.mark.parametrize("copy_wins", [False, True], ids=["original first", "copy first"])
@pytest.mark.parametrize(("name", "prepare", "code"), CASES, ids=[c[0] for c in CASES])
def test_whoever_comes_second_stops(
    pair: Pair, name: str, prepare: Prepare, code: str, copy_wins: bool
) -> None:
    winner, loser = (pair.copy, pair.original) if copy_wins else (pair.original, pair.copy)
    record = prepare(winner, loser)
    before = anchors(winner)
    assert stopped(loser) == code, name
    assert anchors(winner) == before
    proved(winner, record)


def anchors(world: World) -> list[bytes | None]:
    newest = head(world.ledger, world.chain)
    assert newest is not None
    return [anchor_bytes(world.ledger, world.chain, number) for number in range(newest.batch + 2)]


def test_both_are_endorsed_and_submit_at_once(pair: Pair) -> None:
    """No organisation can know of the other when it signs; the chain's own rule lets one of them in."""
    worlds = (pair.original, pair.copy)
    records = [sealed(world, title) for world, title in zip(worlds, ("甲", "乙"), strict=True)]
    endorsed = [held(world) for world in worlds]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda kept: submit(pair.original.chain, kept), endorsed))
    codes = [found(pair.original.chain, kept).code for kept in endorsed]
    assert sorted(codes) == [VALID, MVCC_READ_CONFLICT]
    first = codes.index(VALID)
    assert anchor(worlds[first].ledger, worlds[first].chain) is not None
    assert stopped(worlds[1 - first]) == "CHAIN_OTHER_ANCHOR"
    proved(worlds[first], records[first])
    assert anchors(worlds[first])[2:] == [anchors(worlds[1 - first])[2]]


def test_both_seal_the_very_same_batch(world: World, tmp_path: Path) -> None:
    """One anchor stands for both; only with the next batch must they part."""
    record = sealed(world, "户档")
    twin = replace(world, ledger=copy_of(world.ledger, tmp_path / "twin"))
    first, second = (anchor(one.ledger, one.chain) for one in (world, twin))
    assert first is not None
    assert first == second
    proved(world, record)
    assert seal(twin.ledger, empty=True) is not None
    assert seal(world.ledger, empty=True) is not None
    # Empty batches after one anchor are alike, whoever sealed them.
    third, fourth = (anchor(one.ledger, one.chain) for one in (twin, world))
    assert third is not None
    assert third == fourth
    sealed(world, "另一户档")
    assert anchor(world.ledger, world.chain) is not None
    assert stopped(twin) == "CHAIN_AHEAD"
    twin.ledger.close()
