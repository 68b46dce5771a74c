"""An operator that lies: every organisation's own peer refuses each lie by its code, and keeps nothing of it.

The chaincode's unit tests show that each rule is judged; here each lie goes to the four real peers, signed
with the real operator's certificate, and every one of them must say no by itself.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace

import pytest

from ledger.anchor import anchor
from ledger.attest import attest
from tests.conftest import RunningNetwork
from tests.e2e import lies_about_batches as batches
from tests.e2e import lies_about_statements as statements
from tests.e2e.dishonest import FILES, RECORD, Lie, Scene, make_scene, newest, refusals_of
from tests.e2e.world import ORIGIN, World, make_world
from verifier.report import Verdict


@pytest.fixture(scope="module")
def scene(network_home: RunningNetwork, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    world = make_world(network_home, tmp_path_factory.mktemp("dishonest"))
    yield make_scene(world, network_home)
    world.close()


LIES: list[tuple[str, Lie, str]] = [
    *batches.CALLS,
    *batches.BATCHES,
    *batches.LOGS,
    *batches.MARKERS,
    *batches.TIMES,
    *statements.CERTIFICATES,
    *statements.STATEMENTS,
    *statements.ITEMS,
    *statements.LINKS,
]


@pytest.mark.parametrize(("name", "lie", "code"), LIES, ids=[f"{c[2]}: {c[0]}" for c in LIES])
def test_every_organisation_refuses_it_by_its_code(scene: Scene, name: str, lie: Lie, code: str) -> None:
    refused = scene.refusals(lie(scene))
    assert refused == {msp: {code} for msp in scene.world.chain.organisations}, name
    assert not any(scene.replicas(2).values())
    assert not any(scene.replicas(3).values())
    assert newest(scene.world) == scene.anchored


def test_the_same_batch_told_truthfully_is_endorsed_by_all_and_proved(
    world: World, network_home: RunningNetwork
) -> None:
    scene = make_scene(world, network_home)
    assert scene.refusals(scene.told()) == {}
    assert {msp: len(kept) for msp, kept in scene.replicas(2).items()} == dict.fromkeys(
        world.chain.organisations, 1
    )
    assert anchor(world.ledger, world.chain) is not None
    attested = attest(world.ledger, world.chain)
    assert attested is not None
    assert attested.organisations == attested.asked
    assert world.verify(world.evidence(RECORD).data, FILES).verdict is Verdict.CONSISTENT


OPENINGS: list[tuple[str, str, str, str, str]] = [
    ("an origin that no policy names", "other.example/archives", "ledger", "QingheTownship", "POLICY_ORIGIN"),
    ("in another organisation's name", ORIGIN, "ledger", "YunlingAudit", "POLICY_OPERATOR"),
    ("with another role", ORIGIN, "client", "QingheTownship", "POLICY_ROLE"),
    ("an origin of a wrong form", "https://qinghe", "ledger", "QingheTownship", "ARGUMENT"),
]


@pytest.mark.parametrize(
    ("name", "origin", "role", "msp", "code"), OPENINGS, ids=[f"{c[4]}: {c[0]}" for c in OPENINGS]
)
def test_no_organisation_opens_a_ledger_that_its_policy_does_not_name(
    scene: Scene, name: str, origin: str, role: str, msp: str, code: str
) -> None:
    arguments = ["Open", origin, secrets.token_hex(32), role]
    refused = refusals_of(scene.as_client(scene.client(msp, "ledger")), arguments)
    assert refused == {one: {code} for one in scene.world.chain.organisations}, name


def test_a_ledger_is_opened_once(scene: Scene) -> None:
    arguments = ["Open", ORIGIN, scene.world.ledger.public_key.hex(), "ledger"]
    refused = refusals_of(scene.world.chain, arguments)
    assert refused == {msp: {"LEDGER_EXISTS"} for msp in scene.world.chain.organisations}


def test_a_person_has_no_voice_on_the_network(scene: Scene) -> None:
    """What a person CA issues signs statements; the peers themselves refuse it as a client."""
    told = scene.refusals(replace(scene.told(), client=scene.person_client("王五")))
    assert told == {msp: {"CLIENT_DENIED"} for msp in scene.world.chain.organisations}
    assert not any(scene.replicas(2).values())
