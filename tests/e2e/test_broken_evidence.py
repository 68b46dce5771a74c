"""Evidence from the real network, broken in one place: each of the ten checks says so by its own code.

What the organisations signed cannot be changed without breaking their signatures, so a case may fail
later checks as well; the exact, isolated attacks are in tests/verifier.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ledger.seal import seal
from tests.conftest import RunningNetwork
from tests.e2e.invalid import ENDORSEMENT_POLICY_FAILURE, held, order
from tests.e2e.world import World, given, make_world
from verifier.canonical import (
    base64_bytes,
    base64_text,
    base64url_bytes,
    base64url_text,
    encode,
    parse,
)
from verifier.digests import sha256
from verifier.report import CheckName, Outcome, Verdict
from verifier.verify import verify

FILES = {"01_合同.txt": "承包合同".encode(), "02_调查表.txt": "调查表".encode()}
Body = dict[str, Any]


class Case:
    """Two valid pieces of evidence for one record, of two anchors; and the trust root."""

    def __init__(self, world: World) -> None:
        record = world.receive("张三户土地承包户档", FILES)
        world.act("shelve", record, state="in_place", location="02库-03架")
        world.anchor_all()
        self.older: Body = _body(world.evidence(record).data)
        seal(world.ledger, empty=True)
        self.unendorsed = order(world.chain, held(world, ("QingheTownship",)))
        assert self.unendorsed.code == ENDORSEMENT_POLICY_FAILURE
        world.anchor_all()
        self.newer: Body = _body(world.evidence(record).data)
        self.trust = world.trust_root()


def _body(data: bytes) -> Body:
    value = parse(data, "evidence")
    assert isinstance(value, dict)
    return value


@pytest.fixture(scope="module")
def case(network_home: RunningNetwork, tmp_path_factory: pytest.TempPathFactory) -> Case:
    world = make_world(network_home, tmp_path_factory.mktemp("broken"))
    made = Case(world)
    world.close()
    return made


def other_signature(body: Body, _: Case) -> None:
    """One digit of the signature: of the right form, by nobody."""
    statement = body["statements"][0]
    head, _, signature = statement["statement"].rpartition(".")
    flipped = ("B" if signature[0] == "A" else "A") + signature[1:]
    statement["statement"] = f"{head}.{flipped}"
    body["statements"].sort(key=lambda s: sha256(s["statement"].encode()))


def other_disclosure(body: Body, _: Case) -> None:
    shown = body["statements"][0]["disclosures"]
    parts = parse(base64url_bytes(shown[0], "d"), "d")
    assert isinstance(parts, list)
    salt, name, value = parts
    shown[0] = base64url_text(encode([salt, name, f"{value}改"]))
    shown.sort()


def other_trail_position(body: Body, _: Case) -> None:
    body["entries"][-1]["text"] = body["entries"][-1]["text"].replace(" 1 ", " 2 ")


def other_log_proof(body: Body, _: Case) -> None:
    proof = body["entries"][0]["sm3"]
    proof[0] = proof[0][::-1]


def other_block_signature(body: Body, case: Case) -> None:
    body["anchor"]["block"]["signatures"] = case.older["anchor"]["block"]["signatures"]


def other_endorsement(body: Body, _: Case) -> None:
    """One octet of the last endorser's signature inside the envelope."""
    envelope = bytearray(base64_bytes(body["anchor"]["block"]["envelopes"][0], "envelope"))
    envelope[len(envelope) // 2] ^= 1
    body["anchor"]["block"]["envelopes"][0] = base64_text(bytes(envelope))


def older_attestation(body: Body, case: Case) -> None:
    body["attestations"] = case.older["attestations"]


def block_as_configuration(body: Body, case: Case) -> None:
    body["configurations"] = [case.older["anchor"]["block"]]


def one_endorser(body: Body, case: Case) -> None:
    """What the orderers signed, and every peer marked invalid."""
    body["anchor"] = case.unendorsed.anchor


def moved_marker_time(body: Body, _: Case) -> None:
    marker = body["markers"][0]
    lines = marker["text"].split("\n")
    lines[5] = "2999" + lines[5][4:]
    marker["text"] = "\n".join(lines)


Breaks = Callable[[Body, Case], None]

CASES: list[tuple[str, Breaks, CheckName, str]] = [
    ("signature of nobody", other_signature, CheckName.SIGNATURE, "STATEMENT_SIGNATURE"),
    ("disclosure changed", other_disclosure, CheckName.DISCLOSURE, "SD_NOT_BOUND"),
    ("entry moved on its trail", other_trail_position, CheckName.ENTRY, "TRAIL_GAP"),
    ("log proof changed", other_log_proof, CheckName.LOG, "LOG_INCLUSION"),
    ("another block's signatures", other_block_signature, CheckName.BLOCK, "NODE_SIGNATURE"),
    ("envelope changed", other_endorsement, CheckName.BLOCK, "NODE_SIGNATURE"),
    ("endorsed by one organisation", one_endorser, CheckName.ENDORSEMENT, "ENDORSEMENT_MAJORITY"),
    ("attestation of another anchor", older_attestation, CheckName.COMMITTED, "TX_ARGUMENTS"),
    (
        "ordinary block as configuration",
        block_as_configuration,
        CheckName.CONFIGURATION,
        "CONFIG_LAST_CONFIG",
    ),
    ("marker's time moved", moved_marker_time, CheckName.TIME, "TIME_BEFORE_MARKER"),
]


@pytest.mark.parametrize(("name", "breaks", "check", "code"), CASES, ids=[c[0] for c in CASES])
def test_one_break_fails_its_check_by_its_code(
    case: Case, name: str, breaks: Breaks, check: CheckName, code: str
) -> None:
    body = _body(encode(case.newer))
    breaks(body, case)
    report = verify(encode(body), case.trust, given(FILES), None)
    result = next(c for c in report.checks if c.check is check)
    assert report.verdict is Verdict.CANNOT_CHECK, name
    assert result.outcome is Outcome.FAILED, report
    assert code in {reason.code for reason in result.reasons}, result


def test_unbroken_it_holds(case: Case) -> None:
    report = verify(encode(case.newer), case.trust, given(FILES), None)
    assert report.verdict is Verdict.CONSISTENT


def test_a_changed_file_fails_the_first_check(case: Case) -> None:
    report = verify(encode(case.newer), case.trust, given(FILES | {"01_合同.txt": b"?"}), None)
    assert report.verdict is Verdict.INCONSISTENT
    assert report.checks[0].outcome is Outcome.FAILED
    assert "FILE_DIFFERENT" in {reason.code for reason in report.checks[0].reasons}
