"""The channel's configuration changes between batches, by real updates: a client is revoked, a person CA
joins, the orderers' times change. Evidence from before and after verifies against one trust root; no part of
the chain of configurations can be left out or moved.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import pytest
from cryptography import x509

from ledger.accept import SubmissionsRefusedError, accept
from ledger.anchor import anchor, in_flight
from ledger.attest import attest
from ledger.chain_state import head
from ledger.configurations import kept_configurations, sync_configurations
from ledger.evidence import build_evidence
from ledger.fabric.connection import read_connection
from ledger.fabric.gateway import close, connect, submit
from ledger.fabric.refusal import RefusedError
from ledger.refused_batch import set_aside, take_up
from ledger.seal import seal
from ledger.sign import Draft, sign_statement
from ledger.trust import build_trust_root
from network.ca import load_authority
from network.certificates import (
    Authority,
    certificate_pem,
    issue_node,
    key_pem,
    make_authority,
)
from network.layout import Kind, Node, layout
from network.up import up
from tests.api.asking import asker
from tests.conftest import RunningNetwork, network_at
from tests.e2e.invalid import VALID, held, order
from tests.e2e.world import ORIGIN, World, file_claims, given, make_world, signer_of
from tests.network.reconfigure import add_person_ca, change_orderer_times, restart, revoke
from verifier.canonical import encode, parse
from verifier.errors import EvidenceError
from verifier.fabric.block import CarriedBlock
from verifier.report import CheckName, Outcome, Verdict
from verifier.verify import verify

ALL = ("QingheTownship", "YunlingArchives", "YunlingAudit", "YunlingJustice")
FILES = {"a.txt": b"a"}
T = TypeVar("T")
Body = dict[str, Any]


@pytest.fixture(scope="module")
def own_network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNetwork]:
    home = tmp_path_factory.mktemp("reconfigured")
    with network_at(home) as network:
        yield network


@pytest.fixture
def world(own_network: RunningNetwork, tmp_path: Path) -> Iterator[World]:
    made = make_world(own_network, tmp_path)
    yield made
    made.close()


def test_a_revoked_client_is_refused_and_its_successor_goes_on(
    world: World, own_network: RunningNetwork
) -> None:
    """The operator's key was stolen. What it had endorsed before is not ordered any more; what it had
    anchored stays proved."""
    record = world.receive("户档", FILES)
    world.anchor_all()
    before = world.evidence(record).data
    seal(world.ledger, empty=True)
    kept = held(world)
    folder = layout(own_network.home).identity("QingheTownship", "ledger")
    old = x509.load_pem_x509_certificate((folder / "certificate.pem").read_bytes())
    revoke(own_network.home, "QingheTownship", old.serial_number)
    calls: list[Callable[[], object]] = [
        lambda: submit(world.chain, kept),
        lambda: held(world),
        lambda: head(world.ledger, world.chain),
        lambda: anchor(world.ledger, world.chain),
    ]
    for call in calls:
        with pytest.raises(RefusedError) as refused:
            call()
        assert refused.value.code == "CLIENT_DENIED", refused.value
        # So many that one which did not answer in time does not matter.
        assert len({one.msp for one in refused.value.refusals if one.code == "CLIENT_DENIED"}) >= 3
    node = load_authority(layout(own_network.home), "QingheTownship", "node")
    new = issue_node(node, "ledger.QingheTownship", ("client", "ledger"))
    (folder / "certificate.pem").write_bytes(certificate_pem(new.certificate))
    (folder / "key.pem").write_bytes(key_pem(new.key))
    up(own_network.home)
    chain = connect(read_connection(own_network.connection))
    successor = replace(world, chain=chain)
    successor.anchor_all()
    for evidence in (before, world.evidence(record).data):
        assert world.verify(evidence, FILES).verdict is Verdict.CONSISTENT
    close(chain)


@dataclass(frozen=True)
class Story:
    """Evidence of one record: before any change, after each of three, and, made from the newest configuration
    block on, after the last. `trust` pins the genesis block, `later` the newest."""

    evidence: tuple[bytes, ...]
    trust: bytes
    later_evidence: bytes
    later: bytes

    @property
    def last(self) -> Body:
        value = parse(self.evidence[-1], "evidence")
        assert isinstance(value, dict)
        return value


@pytest.fixture(scope="module")
def story(own_network: RunningNetwork, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    home = own_network.home
    world = make_world(own_network, tmp_path_factory.mktemp("story"))
    record = world.receive("户档", FILES)
    changes: list[Callable[[], None]] = [
        lambda: None,
        lambda: revoke(home, "YunlingAudit", 0x7EA5ED),
        lambda: add_person_ca(home, "YunlingJustice", make_authority("司法局", "person CA 2").pem),
        lambda: change_orderer_times(home, ALL[:3], "4s"),
    ]
    evidence = []
    for change in changes:
        change()
        world.act("shelve", record, state="in_place", location="02库-03架")
        world.anchor_all()
        evidence.append(world.evidence(record).data)
    newest = kept_configurations(world.ledger)[-1]
    later = build_evidence(world.ledger, (record,), basis=newest.number).data
    yield Story(tuple(evidence), world.trust_root(), later, pinned_at(world, newest))
    world.close()


def pinned_at(world: World, block: CarriedBlock) -> bytes:
    settings, key = world.ledger.settings, world.ledger.public_key
    return build_trust_root(settings.origin, key, settings.channel, settings.chaincode, block).data


def test_evidence_from_before_and_after_verifies_against_one_trust_root(story: Story) -> None:
    carried: list[list[Any]] = []
    for number, evidence in enumerate(story.evidence):
        report = verify(evidence, story.trust, given(FILES), None)
        assert report.verdict is Verdict.CONSISTENT, report
        assert len(report.records[0].steps) == number + 2
        body: Body = parse(evidence, "evidence")  # type: ignore[assignment]  # an object, as it was verified
        carried.append(body["configurations"])
    for before, after in pairwise(carried):
        assert len(after) == len(before) + 1
        assert after[:-1] == before


def test_a_trust_root_that_pins_a_later_block_has_evidence_of_its_own(story: Story) -> None:
    assert verify(story.later_evidence, story.later, given(FILES), None).verdict is Verdict.CONSISTENT
    for evidence, trust in ((story.evidence[-1], story.later), (story.later_evidence, story.trust)):
        report = verify(evidence, trust, given(FILES), None)
        assert report.verdict is Verdict.CANNOT_CHECK
        assert {r.code for r in report.reasons} == {"BASIS_OTHER"}
    assert len(story.later_evidence) < len(story.evidence[-1])


Break = Callable[[list[Any]], list[Any]]
BROKEN: list[tuple[str, Break, CheckName, str]] = [
    ("the newest left out", lambda c: c[:-1], CheckName.BLOCK, "BLOCK_LAST_CONFIG"),
    ("all left out", lambda _: [], CheckName.BLOCK, "BLOCK_LAST_CONFIG"),
    ("one between left out", lambda c: [*c[:-2], c[-1]], CheckName.CONFIGURATION, "CONFIG_SEQUENCE"),
    ("the first left out", lambda c: c[1:], CheckName.CONFIGURATION, "CONFIG_SEQUENCE"),
    (
        "another's signatures",
        lambda c: [*c[:-1], {**c[-1], "signatures": c[-2]["signatures"]}],
        CheckName.CONFIGURATION,
        "NODE_SIGNATURE",
    ),
    (
        "an older one under the newest's number",
        lambda c: [*c[:-1], {**c[-1], "envelopes": c[-2]["envelopes"]}],
        CheckName.CONFIGURATION,
        "NODE_SIGNATURE",
    ),
]


@pytest.mark.parametrize(("name", "change", "check", "code"), BROKEN, ids=[c[0] for c in BROKEN])
def test_no_configuration_can_be_left_out_or_replaced(
    story: Story, name: str, change: Break, check: CheckName, code: str
) -> None:
    body = story.last
    report = verify(
        encode({**body, "configurations": change(body["configurations"])}), story.trust, given(FILES), None
    )
    assert report.verdict is Verdict.CANNOT_CHECK, name
    failed = next(c for c in report.checks if c.check is check)
    assert failed.outcome is Outcome.FAILED
    assert {r.code for r in failed.reasons} == {code}


MOVED: list[tuple[str, Break]] = [
    ("two changed about", lambda c: [*c[:-2], c[-1], c[-2]]),
    ("one twice", lambda c: [*c, c[-1]]),
]


@pytest.mark.parametrize(("name", "change"), MOVED, ids=[c[0] for c in MOVED])
def test_no_configuration_can_be_moved(story: Story, name: str, change: Break) -> None:
    """There is one order; anything else is no evidence file."""
    body = story.last
    report = verify(
        encode({**body, "configurations": change(body["configurations"])}), story.trust, given(FILES), None
    )
    assert report.verdict is Verdict.CANNOT_CHECK, name
    assert [r.code for r in report.reasons] == ["EVIDENCE_UNREADABLE", "SHAPE_ORDER"]


def test_a_configuration_after_the_anchor_can_be_left_out_unseen(
    world: World, own_network: RunningNetwork
) -> None:
    """Nothing signed names it: docs/threat-model.md says what that lends to whom."""
    record = world.receive("户档", FILES)
    world.anchor_all()
    before = world.evidence(record).data
    revoke(own_network.home, "YunlingJustice", 0xF00D)
    assert sync_configurations(world.ledger, world.chain) == 1
    after = world.evidence(record).data
    assert len(after) > len(before)
    for evidence in (before, after):
        assert world.verify(evidence, FILES).verdict is Verdict.CONSISTENT


def test_evidence_for_the_trust_root_that_the_reader_has(
    world: World,
    own_network: RunningNetwork,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By the command: until something is anchored after the block that is pinned, there is none."""
    monkeypatch.setenv("ARCHIVE_LEDGER_HOME", str(world.ledger.paths.home))
    ask = asker(capsys, monkeypatch)
    record = world.receive("户档", FILES)
    world.anchor_all()
    revoke(own_network.home, "YunlingAudit", 0xBEEF)
    assert sync_configurations(world.ledger, world.chain) == 1
    trust, evidence = tmp_path / "later.trust.json", tmp_path / "case.evidence.json"
    assert ask("trust-root", "--newest", "-o", trust).exit == 0
    assert trust.read_bytes() == pinned_at(world, kept_configurations(world.ledger)[-1])
    early = ask("evidence", record, "-o", evidence, "--trust", trust)
    assert early.code == "BASIS_NOT_ANCHORED", early
    assert not evidence.exists()
    world.anchor_all_empty()
    assert ask("evidence", record, "-o", evidence, "--trust", trust).exit == 0
    report = verify(evidence.read_bytes(), trust.read_bytes(), given(FILES), None)
    assert report.verdict is Verdict.CONSISTENT, report


def test_a_person_of_a_new_ca_counts_once_channel_and_organisations_allow_it(
    world: World, own_network: RunningNetwork
) -> None:
    home, msp = own_network.home, "YunlingArchives"
    added = make_authority("云岭县档案馆", f"{msp} person CA 2")
    record = str(uuid.uuid4())
    files, names = file_claims(FILES)
    fields = {"agent_name": "陈七", "title": "户档", "number": "QC03-1", **names}
    draft = Draft("receive", "2026-01-08", record, files, fields, late="offline")
    submission = sign_statement(world.enrol(signer_of(added, msp)), ORIGIN, draft)

    # Unknown to the channel: the ledger itself does not take it.
    with pytest.raises(SubmissionsRefusedError) as unknown:
        accept(world.ledger, [submission])
    assert {r.code for one in unknown.value.refusals for r in one.reasons} == {"CERTIFICATE_ISSUER"}
    add_person_ca(home, msp, added.pem)
    assert sync_configurations(world.ledger, world.chain) >= 1
    accept(world.ledger, [submission])
    seal(world.ledger)
    # In the channel, and in no organisation's policy; then in two; then in all.
    assert refusing(world) == dict.fromkeys(ALL, "CERTIFICATE_ISSUER")
    for allowing in ("YunlingArchives", "YunlingJustice"):
        allow(home, allowing, msp, added)
    refused = dict.fromkeys(("QingheTownship", "YunlingAudit"), "CERTIFICATE_ISSUER")
    eventually(lambda: refusing(world), lambda found: found == refused)
    (layout(home).authority(msp) / "person-2.pem").write_bytes(added.pem)
    assert up(home).healthy
    assert in_flight(world.ledger) == 1
    assert world.anchor_all().organisations == ALL
    assert world.verify(world.evidence(record).data, FILES).verdict is Verdict.CONSISTENT


def test_set_aside_while_they_refuse_and_taken_up_once_they_allow_it(
    world: World, own_network: RunningNetwork
) -> None:
    """The channel knows the CA, the organisations' policies do not yet: what else was accepted goes on."""
    home, msp = own_network.home, "YunlingJustice"
    added = make_authority("云岭县司法局", f"{msp} person CA 3")
    record, other = str(uuid.uuid4()), world.receive("同批的户档", FILES)
    files, names = file_claims(FILES)
    fields = {"agent_name": "陈七", "title": "户档", "number": "QC03-2", **names}
    draft = Draft("receive", "2026-01-08", record, files, fields, late="offline")
    add_person_ca(home, msp, added.pem)
    assert sync_configurations(world.ledger, world.chain) >= 1
    kept = accept(world.ledger, [sign_statement(world.enrol(signer_of(added, msp)), ORIGIN, draft)])[0]
    seal(world.ledger)
    assert refusing(world) == dict.fromkeys(ALL, "CERTIFICATE_ISSUER")
    set_aside(world.ledger, world.chain, kept.statement, "the policies follow next week")
    world.anchor_all()
    assert world.verify(world.evidence(other).data, FILES).verdict is Verdict.CONSISTENT
    (layout(home).authority(msp) / "person-3.pem").write_bytes(added.pem)
    assert up(home).healthy
    take_up(world.ledger, kept.statement, "they have followed")
    eventually(lambda: world.anchor_all().batch, lambda number: number == 2)
    report = world.verify(world.evidence(record).data, FILES, kept.receipt)
    assert report.verdict is Verdict.CONSISTENT, report


def refusing(world: World) -> dict[str, str]:
    """By organisation the code with which it refuses the batch in flight."""
    with pytest.raises(RefusedError) as refused:
        anchor(world.ledger, world.chain)
    return {one.msp: one.code for one in refused.value.refusals}


def allow(home: Path, msp: str, of: str, authority: Authority) -> None:
    """One organisation's own decision: its policy.json, and its chaincode started again."""
    path = layout(home).policy(msp)
    policy = json.loads(path.read_bytes())
    policy["person_cas"][of].append(authority.pem.decode())
    path.write_bytes(encode(policy))
    restart(home, Node(msp, Kind.CHAINCODE))


def eventually(look: Callable[[], T], enough: Callable[[T], bool], seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while not enough(found := look()):
        assert time.monotonic() < deadline, found
        time.sleep(0.2)


def test_endorsed_before_a_change_and_ordered_after_it(world: World, own_network: RunningNetwork) -> None:
    """The block is signed under the new configuration, and the endorsements are judged under it."""
    record = world.receive("户档", FILES)
    seal(world.ledger)
    kept = held(world)
    change_orderer_times(own_network.home, ALL[1:], "5s")
    assert order(world.chain, kept).code == VALID
    assert world.anchor_all().organisations == ALL
    assert world.verify(world.evidence(record).data, FILES).verdict is Verdict.CONSISTENT


def test_a_revoked_orderer_does_not_count(world: World, own_network: RunningNetwork) -> None:
    """Three of four orderers are a quorum, and their signatures alone are carried."""
    record = world.receive("户档", FILES)
    world.anchor_all()
    before = world.evidence(record).data
    folder = layout(own_network.home).identity("YunlingJustice", "orderer")
    orderer = x509.load_pem_x509_certificate((folder / "certificate.pem").read_bytes())
    revoke(own_network.home, "YunlingJustice", orderer.serial_number, ("YunlingJustice",))
    for n in range(3):
        world.act("shelve", record, state="in_place", location=f"02库-0{n}架")
        world.anchor_all()
    for evidence in (before, world.evidence(record).data):
        report = world.verify(evidence, FILES)
        assert report.verdict is Verdict.CONSISTENT, report


def test_a_revoked_peer_is_left_out(world: World, own_network: RunningNetwork) -> None:
    """An organisation's node key was stolen. What that node had signed and was not yet ordered does not hold,
    although the network takes it: no evidence rests on such an anchor, but on the next one.

    The last test here, as that peer stays out.
    """
    record = world.receive("户档", FILES)
    seal(world.ledger)
    kept = held(world)
    folder = layout(own_network.home).identity("YunlingAudit", "peer")
    peer = x509.load_pem_x509_certificate((folder / "certificate.pem").read_bytes())
    revoke(own_network.home, "YunlingAudit", peer.serial_number, ("YunlingAudit",))
    assert order(world.chain, kept).code == VALID
    assert anchor(world.ledger, world.chain) is not None
    with pytest.raises(EvidenceError) as spoiled:
        attest(world.ledger, world.chain)
    assert spoiled.value.code == "NODE_CERTIFICATE_REVOKED"
    attested = world.anchor_all_empty()
    assert attested.missing == ("YunlingAudit",)
    assert [one.msp for one in attested.refusals] == ["YunlingAudit"]
    report = world.verify(world.evidence(record).data, FILES)
    assert report.verdict is Verdict.CONSISTENT
    assert [w.msp for w in report.witnesses if not w.attested] == ["YunlingAudit"]
