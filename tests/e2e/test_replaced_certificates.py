"""`network revoke`: a stolen certificate of a node or service is listed in the channel's configuration, and
another takes its place. The network goes on with all four organisations; evidence from before still holds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509

import network.revoke
from api.checking import checked
from ledger.anchor import anchor
from ledger.attest import AttestedBatch
from ledger.fabric.connection import read_connection
from ledger.fabric.gateway import close, connect
from ledger.fabric.refusal import RefusedError
from ledger.seal import seal
from network.errors import NetworkError
from network.layout import layout
from network.revoke import revoke
from tests.conftest import RunningNetwork, network_at
from tests.e2e.world import World, make_world
from verifier.report import Outcome, Verdict

ALL = ("QingheTownship", "YunlingArchives", "YunlingAudit", "YunlingJustice")
FILES = {"a.txt": b"a"}


@pytest.fixture(scope="module")
def own_network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNetwork]:
    with network_at(tmp_path_factory.mktemp("replaced")) as network:
        yield network


@pytest.fixture
def world(own_network: RunningNetwork, tmp_path: Path) -> Iterator[World]:
    made = make_world(own_network, tmp_path)
    yield made
    made.close()


def serial_of(home: Path, msp: str, identity: str) -> int:
    path = layout(home).identity(msp, identity) / "certificate.pem"
    return x509.load_pem_x509_certificate(path.read_bytes()).serial_number


def anchored(world: World, own_network: RunningNetwork) -> AttestedBatch:
    """By a ledger that has read its connection anew: what is sealed already, or else a heartbeat."""
    chain = connect(read_connection(own_network.connection))
    seal(world.ledger, empty=True)
    try:
        return replace(world, chain=chain).anchor_all()
    finally:
        close(chain)


def await_all(world: World, own_network: RunningNetwork) -> None:
    """A peer that has just been started again reads first what it missed; the others go on without it."""
    deadline = time.monotonic() + 300
    while (attested := anchored(world, own_network)).organisations != ALL:
        assert time.monotonic() < deadline, attested
        time.sleep(1)


@pytest.mark.parametrize(
    ("msp", "identity"),
    [
        ("QingheTownship", "ledger"),
        ("YunlingAudit", "peer"),
        pytest.param("YunlingJustice", "admin", marks=pytest.mark.long),
        pytest.param("YunlingArchives", "reader", marks=pytest.mark.long),
        ("YunlingJustice", "orderer"),
    ],
)
def test_all_four_go_on(world: World, own_network: RunningNetwork, msp: str, identity: str) -> None:
    record = world.receive("户档", FILES)
    world.anchor_all()
    before = world.evidence(record).data
    old = serial_of(own_network.home, msp, identity)
    found = revoke(own_network.home, msp, identity)
    assert found.serial == old
    assert found.successor == serial_of(own_network.home, msp, identity) != old
    await_all(world, own_network)
    for evidence in (before, world.evidence(record).data):
        assert world.verify(evidence, FILES).verdict is Verdict.CONSISTENT
    told = checked(world.ledger, lambda *_: None, offline=True).findings
    assert [one for one in told if one.outcome is Outcome.FAILED] == [], "what it signed before stands"


def test_the_stolen_key_is_refused(world: World, own_network: RunningNetwork) -> None:
    seal(world.ledger, empty=True)
    revoke(own_network.home, "QingheTownship", "ledger")
    with pytest.raises(RefusedError) as refused:
        anchor(world.ledger, world.chain)
    assert refused.value.code == "CLIENT_DENIED"
    await_all(world, own_network)


def test_one_that_was_broken_off_goes_on(
    own_network: RunningNetwork, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the update, before the new certificate is in its place: the same command finishes the work, and
    revokes no second one."""
    old = serial_of(own_network.home, "YunlingAudit", "peer")

    def broken_off(*_: object) -> None:
        raise KeyboardInterrupt

    for seam in ("put_in_place", "up"):
        with monkeypatch.context() as patched:
            patched.setattr(network.revoke, seam, broken_off)
            with pytest.raises(KeyboardInterrupt):
                revoke(own_network.home, "YunlingAudit", "peer")
    found = revoke(own_network.home, "YunlingAudit", "peer")
    assert found.serial == old
    await_all(world, own_network)


@pytest.mark.parametrize(
    ("msp", "identity", "named"),
    [("Nobody", "peer", "YunlingAudit"), ("YunlingAudit", "chaincode", "orderer peer admin ledger reader")],
)
def test_unknown_names_are_told(own_network: RunningNetwork, msp: str, identity: str, named: str) -> None:
    with pytest.raises(NetworkError) as refused:
        revoke(own_network.home, msp, identity)
    assert named in refused.value.zh
    assert named in refused.value.en


def test_without_a_network(tmp_path: Path) -> None:
    with pytest.raises(NetworkError) as refused:
        revoke(tmp_path, "YunlingAudit", "peer")
    assert "没有内置网络" in refused.value.zh
