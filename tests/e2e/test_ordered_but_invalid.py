"""Ordered is not committed: a real conflict and a real lack of endorsements, and evidence that hides it.

The orderers sign both transactions into blocks like any other; that every peer marked them invalid stands
nowhere in what they signed. So each case builds the best evidence that a dishonest operator has, and check 8
must say that it is not shown to be committed.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from ledger.anchor import anchor
from ledger.attest import attest
from ledger.fabric.gateway import Chain, proposal, submit
from ledger.seal import seal
from tests.conftest import RunningNetwork
from tests.e2e.endorsing import endorse
from tests.e2e.invalid import (
    ENDORSEMENT_POLICY_FAILURE,
    MVCC_READ_CONFLICT,
    VALID,
    Ordered,
    found,
    held,
    order,
)
from tests.e2e.world import World, given, make_world
from verifier.canonical import base64_text, encode, parse
from verifier.report import CheckName, CheckResult, Outcome, Report, Verdict
from verifier.verify import verify

FILES = {"01_合同.txt": "承包合同".encode()}
Body = dict[str, Any]


@dataclass(frozen=True)
class Scene:
    """`true` is honest evidence as of batch 2. `beside` and `late` lost its number to the true anchor of that
    very batch: sent at the same moment, and so most often in the same block, and sent afterwards. `lone` one
    organisation endorsed, `pair` two. `absent` is the organisations' attestation, made before, that batch 2
    has no anchor; `older` that of batch 1; `itself` the transaction that came late."""

    true: Body
    trust: bytes
    beside: Ordered
    late: Ordered
    lone: Ordered
    pair: Ordered
    absent: str
    older: str
    itself: str


@pytest.fixture(scope="module")
def scene(network_home: RunningNetwork, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    world = make_world(network_home, tmp_path_factory.mktemp("invalid"))
    record = world.receive("张三户土地承包户档", FILES)
    world.anchor_all()
    older = _body(world, record)["attestations"][0]
    seal(world.ledger, empty=True)
    absent = _read(world.chain, ["Get", world.ledger.id.hex(), "2"])
    lone = order(world.chain, held(world, ("QingheTownship",)))
    pair = order(world.chain, held(world, ("QingheTownship", "YunlingAudit")))
    *at_once, kept = [held(world) for _ in range(3)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda one: submit(world.chain, one), at_once))
    beside, taken = sorted((found(world.chain, one) for one in at_once), key=lambda one: -one.code)
    assert taken.code == VALID
    assert anchor(world.ledger, world.chain) is not None
    assert attest(world.ledger, world.chain) is not None
    late = order(world.chain, kept)
    made = Scene(
        _body(world, record),
        world.trust_root(),
        beside,
        late,
        lone,
        pair,
        absent,
        older,
        base64_text(kept.payload),
    )
    world.close()
    return made


def _body(world: World, record: str) -> Body:
    value = parse(world.evidence(record).data, "evidence")
    assert isinstance(value, dict)
    return value


def _read(chain: Chain, arguments: list[str]) -> str:
    return base64_text(endorse(chain, proposal(chain, arguments), chain.organisations).payload)


def test_the_peers_found_them_invalid(scene: Scene) -> None:
    assert scene.beside.code == scene.late.code == MVCC_READ_CONFLICT
    assert scene.lone.code == scene.pair.code == ENDORSEMENT_POLICY_FAILURE


def test_the_true_anchor_of_the_same_batch_holds(scene: Scene) -> None:
    assert _judge(scene, scene.true).verdict is Verdict.CONSISTENT


def _judge(scene: Scene, body: Body) -> Report:
    return verify(encode(body), scene.trust, given(FILES), None)


Choose = Callable[[Scene], str]


def true(scene: Scene) -> str:
    text: str = scene.true["attestations"][0]
    return text


# What is put beside the anchor, and the code by which check 8 fails.
ATTESTATIONS: list[tuple[str, Choose, str]] = [
    ("the attestation of the anchor that took its number", true, "ATTESTATION_VERSION"),
    ("the attestation of the anchor before", lambda s: s.older, "TX_ARGUMENTS"),
    ("the organisations' word that there was none", lambda s: s.absent, "ATTESTATION_VERSION"),
    ("the transaction itself", lambda s: s.itself, "TX_ARGUMENTS"),
]
INVALID: list[tuple[str, Callable[[Scene], Ordered], CheckName | None]] = [
    ("conflict at the same moment", lambda s: s.beside, None),
    ("conflict afterwards", lambda s: s.late, None),
    ("endorsed by one", lambda s: s.lone, CheckName.ENDORSEMENT),
    ("endorsed by two", lambda s: s.pair, CheckName.ENDORSEMENT),
]
CASES = [
    (f"{of}: {name}", which, also, choose, code)
    for of, which, also in INVALID
    for name, choose, code in ATTESTATIONS
]


@pytest.mark.parametrize(("name", "which", "also", "choose", "code"), CASES, ids=[c[0] for c in CASES])
def test_it_is_never_shown_as_committed(
    scene: Scene,
    name: str,
    which: Callable[[Scene], Ordered],
    also: CheckName | None,
    choose: Choose,
    code: str,
) -> None:
    report = _judge(scene, {**scene.true, "anchor": which(scene).anchor, "attestations": [choose(scene)]})
    assert report.verdict is Verdict.CANNOT_CHECK, name
    committed = result(report, CheckName.COMMITTED)
    assert committed.outcome is Outcome.FAILED
    # The one attestation failed, so that too few attested.
    assert {r.code for r in committed.reasons} == {code, "ATTESTERS_FEW"}
    failed = {c.check for c in report.checks if c.outcome is Outcome.FAILED}
    assert failed == {CheckName.COMMITTED} | ({also} if also else set())


@pytest.mark.parametrize(("name", "which", "also"), INVALID, ids=[c[0] for c in INVALID])
def test_without_any_attestation_it_is_not_shown_either(
    scene: Scene, name: str, which: Callable[[Scene], Ordered], also: CheckName | None
) -> None:
    report = _judge(scene, {**scene.true, "anchor": which(scene).anchor, "attestations": []})
    committed = result(report, CheckName.COMMITTED)
    assert committed.outcome is Outcome.NOT_RUN, name
    assert {r.code for r in committed.reasons} == {"ATTESTERS_FEW"}
    assert report.verdict is (Verdict.CANNOT_CHECK if also else Verdict.INCOMPLETE)
    if also:
        reasons = result(report, also).reasons
        assert {r.code for r in reasons} == {"ENDORSEMENT_MAJORITY"}


def result(report: Report, check: CheckName) -> CheckResult:
    return next(c for c in report.checks if c.check is check)
