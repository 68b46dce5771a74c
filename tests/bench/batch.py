"""Batches on the real network: sealing, endorsing and committing a full one; what is sustained end to end."""

from __future__ import annotations

import time

from ledger.accept import accept
from ledger.anchor import anchor
from ledger.attest import attest
from ledger.batch import MAX_BATCH
from ledger.reread import reread
from ledger.seal import Sealed, seal
from ledger.submission import Submission
from tests.bench.chain_cost import blocks_octets, state_octets
from tests.bench.figures import Figure, Part, timed
from tests.bench.one_by_one import anchors_of_one, one_transaction_each
from tests.bench.setting import Setting
from tests.bench.stock import ITEMS_AT_CAP, lists, statements
from tests.e2e.world import ORIGIN, World, make_world

RUNS = 3


def measure(part: Part, setting: Setting) -> None:
    runs, items = setting.size(RUNS, 1), setting.size(ITEMS_AT_CAP, 6)
    with setting.network() as network:
        world = make_world(network, setting.fresh("batch"))
        key = world.people["王五"]
        full = list(lists(key, ORIGIN, [items] * (2 * runs + 1)))
        accept(world.ledger, full[:1])
        settle(world)  # once for warmth
        _full_batches(part, world, full[1 : runs + 1])
        _full_singles(part, world, statements(key, ORIGIN, setting.size(14_000, 4)))
        before = blocks_octets(network)
        listed = _sustained(part, world, [[one] for one in full[runs + 1 :]], "items")
        part.add("items_block", [(blocks_octets(network) - before) / (runs * (items + 1))])
        alone = [statements(key, ORIGIN, setting.size(4000, 3)) for _ in range(runs)]
        singles = _sustained(part, world, alone, "singles")
        single = anchors_of_one(part, world, network, setting)
        plain = one_transaction_each(part, world, network, setting)
        best = plain if plain.median > single.median else single
        part.ratio("items_over_one", listed, best)
        part.ratio("singles_over_one", singles, best)
        part.add("state", [state_octets(world)])
        world.close()


def settle(world: World) -> Sealed | None:
    """One batch, from pending to attested."""
    sealed = seal(world.ledger)
    if sealed is not None:
        assert anchor(world.ledger, world.chain) is not None
        attested = attest(world.ledger, world.chain)
        assert attested is not None
        assert attested.organisations == attested.asked
    return sealed


def _full_batches(part: Part, world: World, full: list[Submission]) -> None:
    spent: dict[str, list[float]] = {name: [] for name in ("seal", "reread", "anchor", "attest")}
    fill: list[float] = []
    for one in full:
        accept(world.ledger, [one])
        with timed(spent["seal"]):
            sealed = seal(world.ledger)
        assert sealed is not None
        assert sealed.entries == len(one.items) + 1
        with timed(spent["reread"]):
            fill.append(len(reread(world.ledger, sealed.number).data) / MAX_BATCH)
        with timed(spent["anchor"]):
            assert anchor(world.ledger, world.chain) is not None
        with timed(spent["attest"]):
            attested = attest(world.ledger, world.chain)
        assert attested is not None
        assert attested.organisations == attested.asked
    part.add("full_fill", fill)
    for name, values in spent.items():
        part.add(f"full_{name}", values)


def _full_singles(part: Part, world: World, alone: list[Submission]) -> None:
    """As many statements signed alone as a batch takes."""
    accept(world.ledger, alone)
    sealing: list[float] = []
    anchoring: list[float] = []
    held: list[float] = []
    while True:
        spent: list[float] = []
        with timed(spent):
            sealed = seal(world.ledger)
        if sealed is None:
            break
        with timed(anchoring):
            assert anchor(world.ledger, world.chain) is not None
        assert attest(world.ledger, world.chain) is not None
        sealing += spent
        held.append(sealed.statements)
    # The last one holds what was left over.
    full = slice(0, -1) if len(sealing) > 1 else slice(None)
    part.add("alone_count", held[full])
    part.add("alone_seal", sealing[full])
    part.add("alone_anchor", anchoring[full])


def _sustained(part: Part, world: World, rounds: list[list[Submission]], key: str) -> Figure:
    """From being handed in to being attested by all four, everything included, one after the other."""
    rates: list[float] = []
    for handed_in in rounds:
        begin = time.perf_counter()
        accept(world.ledger, handed_in)
        while settle(world) is not None:
            pass
        rates.append(sum(1 + len(one.items) for one in handed_in) / (time.perf_counter() - begin))
    return part.add(f"{key}_sustained", rates)
