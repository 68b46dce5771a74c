"""Setting fire to a network: single processes killed or stopped, and what must hold when it is over."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
from fabric_protos.common import common_pb2
from fabric_protos.peer import proposal_pb2
from sqlalchemy import select

from api.checking import checked
from api.rounds import settle
from ledger.configurations import history
from ledger.fabric.blocks import block_by_number
from ledger.fabric.gateway import Chain
from ledger.status import counts
from ledger.store.engine import reading
from ledger.store.tables import batch
from network.layout import Kind, Node, layout
from network.processes import running
from network.status import status
from network.up import up
from tests.conftest import network_at
from tests.e2e.world import World, make_world
from verifier.anchor import anchor_key
from verifier.errors import ChainError
from verifier.fabric.transaction import read_transaction
from verifier.report import Verdict

PATIENCE = 600.0
# common.BlockMetadataIndex, peer.TxValidationCode
_SIGNATURES, _FLAGS, _VALID = 0, 2, 0


@dataclass
class Fire:
    """A world on a network of its own. `records`: what was acknowledged and is to be proved, by record, with
    its contents."""

    home: Path
    world: World
    records: dict[str, dict[str, bytes]] = field(default_factory=dict)
    proved: dict[str, dict[str, bytes]] = field(default_factory=dict)

    @property
    def chain(self) -> Chain:
        return self.world.chain

    def receive(self, title: str) -> str:
        """A record is registered and acknowledged: from now on it must come through."""
        contents = {"a.txt": title.encode()}
        record = self.world.receive(title, contents)
        self.records[record] = contents
        return record

    def processes(self, *nodes: Node) -> list[psutil.Process]:
        return [one.process for one in running(layout(self.home)) if not nodes or one.node in nodes]

    def kill(self, *nodes: Node) -> None:
        """kill -9 of these, or of all; returns when they are gone."""
        doomed = self.processes(*nodes)
        assert doomed
        for process in doomed:
            process.kill()
        psutil.wait_procs(doomed, timeout=PATIENCE)
        assert not self.processes(*nodes)

    @contextmanager
    def frozen(self, *nodes: Node) -> Iterator[None]:
        """These processes neither answer nor end: SIGSTOP, then SIGCONT."""
        held = self.processes(*nodes)
        assert len(held) == len(nodes)
        for process in held:
            process.suspend()
        try:
            yield
        finally:
            for process in held:
                process.resume()

    def leader(self) -> str:
        """The organisation whose orderer leads. Without rotation it is number `view mod n` of the consenters
        by identifier (SmartBFT internal/bft/util.go getLeaderID); the newest block names its view."""
        *_, newest = _blocks(self.chain)
        value = common_pb2.Metadata.FromString(newest.metadata.metadata[_SIGNATURES]).value
        said = common_pb2.OrdererBlockMetadata.FromString(value).consenter_metadata
        # smartbftprotos.ViewMetadata: field 1 is view_id, left out when 0; below 128 it is one octet.
        view = said[1] if said[:1] == b"\x08" else 0
        consenters = history(self.world.ledger).newest.consenters
        return consenters[view % len(consenters)].msp

    def mend(self) -> None:
        """Brought up, and level: one that was away has read the blocks that it missed."""
        up(self.home)
        deadline = time.monotonic() + PATIENCE
        while not (found := status(self.home)).healthy:
            assert time.monotonic() < deadline, found
            time.sleep(0.2)


@contextmanager
def burning_network(folders: pytest.TempPathFactory) -> Iterator[Fire]:
    """A network of its own, as its processes are killed; removed at the end."""
    home = folders.mktemp("fire")
    with network_at(home) as network:
        world = make_world(network, folders.mktemp("ledger"))
        try:
            fire = Fire(home, world)
            yield fire
            fire.mend()
            fire.records = fire.proved
            holds(fire)
        finally:
            world.close()


def orderer(*msps: str) -> list[Node]:
    return [Node(msp, Kind.ORDERER) for msp in msps]


def peer(*msps: str) -> list[Node]:
    return [Node(msp, Kind.PEER) for msp in msps]


def chaincode(*msps: str) -> list[Node]:
    return [Node(msp, Kind.CHAINCODE) for msp in msps]


def holds(fire: Fire) -> None:
    """What must be so after every case, on a network that is whole again: nothing acknowledged is lost,
    nothing is there twice, nothing is wrong, and all four organisations vouch for it."""
    world = fire.world
    settled(fire)
    assert checked(world.ledger, lambda stage, done, total: None, offline=False).findings == ()
    with reading(world.ledger.engine) as connection:
        batches = connection.execute(select(batch.c.number).order_by(batch.c.number)).scalars().all()
    assert anchors_on_chain(fire) == Counter(batches)
    for record, contents in fire.records.items():
        report = world.verify(world.evidence(record).data, contents)
        assert report.verdict is Verdict.CONSISTENT, report
        assert sorted(w.msp for w in report.witnesses if w.attested) == sorted(fire.chain.organisations)
    fire.proved |= fire.records
    fire.records.clear()


def anchors_on_chain(fire: Fire) -> Counter[int]:
    """How often each batch's anchor was written by a transaction that the peers found valid."""
    found: Counter[int] = Counter()
    ours = anchor_key(fire.world.ledger.id, 0).removesuffix("0")
    for block in _blocks(fire.chain):
        flags = block.metadata.metadata[_FLAGS]
        for flag, data in zip(flags, block.data.data, strict=True):
            payload = common_pb2.Envelope.FromString(data).payload
            header = common_pb2.Payload.FromString(payload).header.channel_header
            extension = common_pb2.ChannelHeader.FromString(header).extension
            called = proposal_pb2.ChaincodeHeaderExtension.FromString(extension).chaincode_id.name
            if flag == _VALID and called == fire.chain.connection.chaincode:
                writes = read_transaction(payload, "block").writes
                found.update(int(w.key.removeprefix(ours)) for w in writes if w.key.startswith(ours))
    return found


def _blocks(chain: Chain) -> Iterator[common_pb2.Block]:
    number = 0
    while True:
        try:
            yield common_pb2.Block.FromString(block_by_number(chain, number))
        except ChainError:
            assert number > 0
            return
        number += 1


def settled(fire: Fire) -> None:
    """By hand what the worker does: tried again until nothing is left to do."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            if len(_attesters(fire)) == len(fire.chain.organisations):
                return
        except ChainError:
            if time.monotonic() > deadline:
                raise
        assert time.monotonic() < deadline, _attesters(fire)
        time.sleep(0.3)


def _attesters(fire: Fire) -> set[str]:
    settle(fire.world.ledger, fire.chain)
    newest = counts(fire.world.ledger)
    assert newest.last_anchor_batch == newest.last_attested_batch
    assert newest.pending == 0
    return set(newest.last_attested_by)
