"""One process after another is killed, frozen or made unable to write while a ledger works: what it says,
that it goes on or waits, and that nothing is lost or there twice.

A network of its own, and one ledger that goes through it all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import grpc
import pytest
from sqlalchemy import select

from api.rounds import Round, settle
from ledger.anchor import anchor
from ledger.attest import AttestedBatch
from ledger.fabric import asking, gateway
from ledger.fabric.gateway import close, connect
from ledger.fabric.refusal import RefusedError
from ledger.seal import seal
from ledger.settle_anchor import Anchored
from ledger.store.engine import reading
from ledger.store.tables import anchor_attempt
from network.layout import Node, layout
from tests.e2e.fire import PATIENCE, Fire, burning_network, chaincode, holds, orderer, peer, settled
from tests.e2e.gateway_between import between

OPERATOR, ARCHIVES, AUDIT, JUSTICE = ALL = (
    "QingheTownship",
    "YunlingArchives",
    "YunlingAudit",
    "YunlingJustice",
)


@pytest.fixture(scope="module")
def burning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fire]:
    with burning_network(tmp_path_factory) as made:
        yield made


@pytest.fixture
def fire(burning: Fire) -> Iterator[Fire]:
    """When the case is over the network is brought up again, and all must hold."""
    try:
        yield burning
    finally:
        burning.mend()
    holds(burning)


def one_round(fire: Fire) -> tuple[Anchored, AttestedBatch]:
    """A record is registered and goes all the way."""
    fire.receive("着火时登记")
    done: Round = settle(fire.world.ledger, fire.chain)
    assert done.attested is not None
    assert len(done.anchored) == 1
    return done.anchored[0], done.attested


# Of an organisation whose orderer does not lead: what the leader's end costs is a case of its own.
DOWN: dict[str, Callable[[str], tuple[list[Node], set[str]]]] = {
    "an orderer": lambda msp: (orderer(msp), set()),
    "a peer": lambda msp: (peer(msp), {msp}),
    "a chaincode process": lambda msp: (chaincode(msp), {msp}),
    "the gateway's own peer": lambda _: (peer(OPERATOR), {OPERATOR}),
    "the gateway's own chaincode process": lambda _: (chaincode(OPERATOR), {OPERATOR}),
    "a whole organisation": lambda msp: (orderer(msp) + peer(msp) + chaincode(msp), {msp}),
}


@pytest.mark.parametrize("case", DOWN)
def test_one_down_is_named_and_the_others_go_on(fire: Fire, case: str) -> None:
    nodes, missing = DOWN[case](JUSTICE if fire.leader() == AUDIT else AUDIT)
    fire.kill(*nodes)
    anchored, attested = one_round(fire)
    assert {one.msp for one in anchored.refusals} == missing
    assert set(attested.missing) == missing
    assert {one.msp for one in attested.refusals} == missing
    assert all(one.found for one in (*anchored.refusals, *attested.refusals))


@pytest.mark.long
def test_a_peer_so_long_away_that_the_others_forgot_it(fire: Fire) -> None:
    """Ten seconds after it was last heard of (gossip aliveExpirationTimeout) no peer lists it any more."""
    fire.kill(*peer(AUDIT))
    time.sleep(25)
    anchored, attested = one_round(fire)
    assert [one.msp for one in anchored.refusals] == [AUDIT]
    assert attested.missing == (AUDIT,)


def test_the_leader_down(fire: Fire) -> None:
    leader = fire.leader()
    fire.kill(*orderer(leader))
    fire.receive("主节点停了")
    settled(fire)
    assert fire.leader() != leader


def test_two_orderers_down_waits_and_names_the_quorum_then_goes_on(fire: Fire) -> None:
    fire.kill(*orderer(AUDIT, JUSTICE))
    fire.receive("两个排序节点停了")
    seal(fire.world.ledger)
    # A peer that saw an orderer gone in an earlier case says so until it dials again: gRPC waits up to two
    # minutes between tries. So it tries at least twice, until only those that are gone are named.
    deadline = time.monotonic() + PATIENCE
    tries = 0
    named: set[str] = set(ALL)
    while tries < 2 or named != {AUDIT, JUSTICE}:
        assert time.monotonic() < deadline, named
        with pytest.raises(RefusedError) as waits:
            anchor(fire.world.ledger, fire.chain)
        assert waits.value.code == "CHAIN_NO_QUORUM"
        assert waits.value.expected == "≥ 3 / 4"
        named = {msp for msp in ALL if msp in waits.value.found}
        assert {AUDIT, JUSTICE} <= named
        tries += 1
        time.sleep(0.2)
    fire.receive("仍可登记")


def test_all_twelve_killed_and_brought_up(fire: Fire) -> None:
    fire.receive("全停之前")
    seal(fire.world.ledger)
    fire.kill()
    with pytest.raises(RefusedError) as nobody:
        anchor(fire.world.ledger, fire.chain)
    assert nobody.value.code == "CHAIN_UNREACHABLE"
    assert all(msp in nobody.value.found for msp in ALL)


def test_a_gateway_that_forwards_and_says_unavailable(fire: Fire) -> None:
    """The transaction is ordered; every gateway says that it could not be."""
    failed: list[str] = []

    def lies(method: str, forward: Callable[[], bytes], context: grpc.ServicerContext) -> bytes:
        answer = forward()
        if method.endswith("/Submit"):
            failed.append(method)
            context.abort(grpc.StatusCode.UNAVAILABLE, "request already processed")
        return answer

    fire.receive("谎称未成")
    seal(fire.world.ledger)
    with between(fire.chain.connection, lies) as connection:
        chain = connect(connection)
        done = anchor(fire.world.ledger, chain)
        close(chain)
    assert done is not None
    assert failed
    with reading(fire.world.ledger.engine) as rows:
        tried = rows.execute(select(anchor_attempt).where(anchor_attempt.c.batch == done.anchor.batch)).all()
    assert [row.outcome for row in tried] == ["VALID"]


def test_gateways_that_lose_every_answer_of_a_commit(fire: Fire) -> None:
    """Submitted and committed, but nobody says so: the chain's state decides."""

    def lies(method: str, forward: Callable[[], bytes], context: grpc.ServicerContext) -> bytes:
        answer = forward()
        if method.endswith("/CommitStatus"):
            context.abort(grpc.StatusCode.UNAVAILABLE, "lost")
        return answer

    fire.receive("答复丢失")
    seal(fire.world.ledger)
    with between(fire.chain.connection, lies) as connection:
        chain = connect(connection)
        assert anchor(fire.world.ledger, chain) is not None
        close(chain)


FROZEN = {
    "a peer": peer(JUSTICE),
    "a chaincode process": chaincode(AUDIT),
    "the gateway's own peer": peer(OPERATOR),
}


@pytest.mark.parametrize("case", FROZEN)
def test_one_that_hangs_costs_a_little_time_and_no_more(
    fire: Fire, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Long enough for those that do not hang, on a machine that is busy with other tests.
    monkeypatch.setattr(asking, "GRACE_SECONDS", 3.0)
    monkeypatch.setattr(gateway, "CALL_SECONDS", 6.0)
    nodes = FROZEN[case]
    with fire.frozen(*nodes):
        begin = time.monotonic()
        anchored, attested = one_round(fire)
        taken = time.monotonic() - begin
    assert taken < PATIENCE
    assert {one.msp for one in anchored.refusals} == {nodes[0].msp}
    assert attested.missing == (nodes[0].msp,)


def test_an_organisation_that_cannot_write_its_replica_does_not_sign(fire: Fire) -> None:
    """A file in the folder's place: even the superuser cannot write there."""
    replica = layout(fire.home).replica(AUDIT)
    aside = replica.with_name("replica-aside")
    replica.rename(aside)
    replica.write_bytes(b"")
    try:
        anchored, attested = one_round(fire)
    finally:
        replica.unlink()
        aside.rename(replica)
    (refusal,) = anchored.refusals
    assert (refusal.msp, refusal.code) == (AUDIT, "REPLICA_WRITE")
    assert refusal.found
    # It keeps no copy, but it holds the chain: it may well say what stands there.
    assert attested.missing == ()
