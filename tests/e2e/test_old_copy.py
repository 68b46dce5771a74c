"""A ledger restored from an old copy, or copied and run twice, stops; the chain is not forked."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.anchor import anchor
from ledger.seal import seal
from tests.e2e.world import World
from tests.ledger.ledger_copy import copy_of
from verifier.errors import ChainError


def test_an_old_copy_stops_before_it_seals(world: World, tmp_path: Path) -> None:
    old = copy_of(world.ledger, tmp_path / "old")
    for n in range(2):
        world.receive(f"档案{n}", {"a.txt": str(n).encode()})
        world.anchor_all()
    with pytest.raises(ChainError) as stopped:
        anchor(old, world.chain)
    assert stopped.value.code == "CHAIN_AHEAD"
    assert stopped.value.found == "batches 1…2"
    old.close()


def test_a_copy_that_sealed_its_own_batch_cannot_anchor_it(world: World, tmp_path: Path) -> None:
    twin = copy_of(world.ledger, tmp_path / "twin")
    assert seal(twin, empty=True) is not None
    world.receive("档案", {"a.txt": b"a"})
    world.anchor_all()
    with pytest.raises(ChainError) as stopped:
        anchor(twin, world.chain)
    assert stopped.value.code == "CHAIN_OTHER_ANCHOR"
    twin.close()


def test_anchoring_again_after_a_lost_answer_finds_the_anchor(world: World, tmp_path: Path) -> None:
    """The process died after the chain had committed: the copy is what its disk held then."""
    world.receive("档案", {"a.txt": b"a"})
    assert seal(world.ledger) is not None
    twin = copy_of(world.ledger, tmp_path / "twin")
    first = anchor(world.ledger, world.chain)
    again = anchor(twin, world.chain)
    assert first is not None
    assert first == again
    twin.close()
