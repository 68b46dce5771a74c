"""What a batch takes on the chain, as it lies on a peer's disk."""

from __future__ import annotations

from ledger.chain_state import anchor_bytes, head
from tests.conftest import RunningNetwork
from tests.e2e.world import World
from verifier.anchor import encode_anchor


def blocks_octets(network: RunningNetwork) -> int:
    """Octets of one peer's block files."""
    files = sorted(network.home.rglob("blockfile_*"))
    first = [one for one in files if one.parent == files[0].parent]
    return sum(one.stat().st_size for one in first)


def state_octets(world: World) -> int:
    """The newest anchor and its key; the head's key and value are overwritten."""
    newest = head(world.ledger, world.chain)
    assert newest is not None
    data = anchor_bytes(world.ledger, world.chain, newest.batch)
    assert data == encode_anchor(newest)
    return len(data) + len(f"anchor/{world.ledger.id.hex()}/{newest.batch}")
