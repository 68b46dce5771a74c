"""What a transaction for each statement would give: the peer that batching is measured against."""

from __future__ import annotations

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import grpc
from fabric_protos.gateway import gateway_pb2

from ledger.accept import accept
from ledger.anchor import anchor
from ledger.fabric.gateway import Chain, Endorsed, close, commit_status, connect, proposal, submit
from ledger.seal import seal
from tests.bench.chain_cost import blocks_octets
from tests.bench.figures import Figure, Part
from tests.bench.setting import Setting
from tests.bench.stock import statements
from tests.conftest import RunningNetwork
from tests.e2e.world import ORIGIN, World
from verifier.errors import ChainError

CLIENTS = 32
CALL_SECONDS = 60.0


def anchors_of_one(part: Part, world: World, network: RunningNetwork, setting: Setting) -> Figure:
    """One statement a batch, one batch a transaction: accepted, sealed, endorsed by all four, committed."""
    waiting = statements(world.people["王五"], ORIGIN, setting.size(60, 2))
    before, rates = blocks_octets(network), []
    portion = max(1, len(waiting) // 3)
    for first in range(0, len(waiting), portion):
        some = waiting[first : first + portion]
        begin = time.perf_counter()
        for one in some:
            accept(world.ledger, [one])
            assert seal(world.ledger) is not None
            assert anchor(world.ledger, world.chain) is not None
        rates.append(len(some) / (time.perf_counter() - begin))
    part.add("one_block", [(blocks_octets(network) - before) / len(waiting)])
    return part.add("one_batch", rates)


def one_transaction_each(part: Part, world: World, network: RunningNetwork, setting: Setting) -> Figure:
    """Many clients at once, each transaction a small write that no other touches."""
    number, clients = setting.size(600, 4), setting.size(CLIENTS, 2)
    chains = [connect(world.chain.connection) for _ in range(min(4, clients))]
    rates: list[float] = []
    before, failed = blocks_octets(network), 0
    with ThreadPoolExecutor(clients) as pool:
        for _ in range(setting.size(3, 1)):
            begin = time.perf_counter()
            done = list(pool.map(_write, [chains[n % len(chains)] for n in range(number)]))
            rates.append(sum(done) / (time.perf_counter() - begin))
            failed += done.count(False)
    assert failed < number * len(rates) // 2, f"{failed} of {number * len(rates)} small writes failed"
    part.add("each_block", [(blocks_octets(network) - before) / (number * len(rates))])
    for chain in chains:
        close(chain)
    if failed:
        part.lack(f"{failed} small writes", "they failed, and do not count")
    return part.add("each", rates)


def _write(chain: Chain) -> bool:
    """A new ledger's record; nobody else writes there. By the gateway's own endorsement: the quickest way."""
    offer = proposal(chain, ["Open", ORIGIN, uuid.uuid4().hex * 2, "ledger"])
    request = gateway_pb2.EndorseRequest(
        transaction_id=offer.txid, channel_id=chain.connection.channel, proposed_transaction=offer.message
    )
    try:
        answer = chain.gateways[0].stub.Endorse(request, timeout=CALL_SECONDS)
        submit(chain, Endorsed(offer.txid, bytes(answer.prepared_transaction.payload), (), ()))
        return commit_status(chain, offer.txid).code == 0
    except (ChainError, grpc.RpcError):
        return False
