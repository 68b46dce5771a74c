"""A batch at its cap: all four organisations endorse it, and no peer grows beyond its bound."""

from __future__ import annotations

import psutil

from ledger.batch import MAX_BATCH
from ledger.reread import reread
from ledger.sign import ItemDraft
from network.status import status
from tests.conftest import RunningNetwork
from tests.e2e.world import World, file_claims
from verifier.report import Verdict

ITEMS = 12_500
PEER_MIB = 300


def test_a_batch_near_the_cap_is_endorsed_by_all(world: World, network_home: RunningNetwork) -> None:
    items = []
    for n in range(ITEMS):
        files, _ = file_claims({f"{n}.txt": f"内容 {n}".encode()})
        record = f"{n:08x}-1111-4111-8111-111111111111"
        items.append(ItemDraft(record, files, {"title": f"第{n}件", "number": f"QC03-{n}"}))
    world.list_of("receive", items)
    attested = world.anchor_all()
    size = len(reread(world.ledger, attested.batch).data)
    # Acceptance reckons with the longest links a trail can have; these, all new, are short.
    assert 0.7 * MAX_BATCH < size <= MAX_BATCH
    assert attested.organisations == attested.asked
    peers = [p for p in status(network_home.home).processes if p.kind == "peer" and p.pid]
    assert len(peers) == 4
    for peer in peers:
        rss = psutil.Process(peer.pid).memory_info().rss
        print(peer.address, rss >> 20, "MiB")
        assert rss < PEER_MIB * 2**20
    record = items[ITEMS // 2].record
    report = world.verify(world.evidence(record).data, {f"{ITEMS // 2}.txt": f"内容 {ITEMS // 2}".encode()})
    assert report.verdict is Verdict.CONSISTENT, report
