"""Rules that hold already because of others: each is broken here with the other taken away.

They are there so that no conclusion hangs on the completeness of one rule alone. No evidence reaches them, so
a test takes the first line of defence off and sees the second one stand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from tests.verifier.evidence_attacks import line, report_on
from tests.verifier.fabric.forge import anchor_of
from tests.verifier.fabric.forge_keys import END, START, name, orgs, sign
from tests.verifier.forge_evidence import CURRENT, LAST_BATCH, Script, forge, good
from tests.verifier.judging import judge
from verifier import anchor, entry, marker, verify
from verifier.anchor import encode_anchor, parse_anchor
from verifier.entry import parse_entry
from verifier.errors import EvidenceError
from verifier.fabric import certificates, wire
from verifier.fabric.attestation import Attested
from verifier.fabric.certificates import check_node_signature
from verifier.fabric.messages import LastConfig
from verifier.marker import parse_marker
from verifier.parts import Parts
from verifier.report import CheckName, Outcome, Verdict
from verifier.tally import Tally
from verifier.verify_times import check_times

ENTRY = good().log.leaves[good().log.entries["scan", None]]
MARKER = good().log.leaves[good().log.markers[LAST_BATCH]]
ANCHOR = encode_anchor(anchor_of(bytes(32))).decode()


def _code(call: Callable[[], object]) -> str:
    with pytest.raises(EvidenceError) as refused:
        call()
    return refused.value.code


@pytest.mark.parametrize(
    ("module", "text", "read"),
    [
        (entry, ENTRY, parse_entry),
        (marker, MARKER, parse_marker),
        (anchor, ANCHOR, lambda text: parse_anchor(text.encode())),
    ],
    ids=["entry", "marker", "anchor"],
)
def test_a_leaf_is_what_it_encodes_to(
    module: object, text: str, read: Callable[[str], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if a reader of numbers let 007 pass."""
    lines = text.split("\n")
    place = 2 if module is anchor else 1
    line(place, "00" + lines[place])(lines)
    monkeypatch.setattr(module, "number", lambda text, at: int(text))
    assert _code(lambda: read("\n".join(lines))) == "LINE_FORM"


def test_a_message_is_what_it_encodes_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if the reader of varints let 5 in two octets pass."""
    monkeypatch.setattr(wire, "_varint", _lenient_varint)
    assert wire.read(LastConfig, b"\x08\x05", "here") == LastConfig(5)
    assert _code(lambda: wire.read(LastConfig, b"\x08\x85\x00", "here")) == "WIRE_NOT_CANONICAL"


def _lenient_varint(data: bytes, position: int, at: str) -> tuple[int, int]:
    value = shift = 0
    while True:
        octet = data[position]
        value |= (octet & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if octet < 0x80:
            return value, position


@pytest.mark.parametrize("rule", ["every check passed", "files the same, or none recorded"])
def test_consistent_is_earned(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if the verdict came out wrong: then the verifier is at fault, and says so."""
    monkeypatch.setattr(verify, "decide", lambda checks, receipt: Verdict.CONSISTENT)
    with pytest.raises(AssertionError, match=rule):
        judge(files=[])


def test_an_organisation_did_not_attest_before_the_anchor() -> None:
    """Even if an attestation of such a time had been taken."""
    tally = Tally(CheckName.TIME)
    made = replace(anchor_of(bytes(32)), time="2026-01-12T09:30:00.123Z")
    attested = Attested({"A": "2026-01-12T09:30:00.123Z", "B": "2026-01-12T09:30:00.122Z"})
    check_times(Parts((), (), (), {}, frozenset()), made, attested, None, tally)
    (reason,) = tally.failed
    assert (reason.code, reason.at, reason.found) == (
        "TIME_ATTESTATION",
        "attestations B",
        "2026-01-12T09:30:00.122Z",
    )


def test_a_check_that_looked_at_nothing_has_not_passed() -> None:
    result = Tally(CheckName.LOG).result()
    assert result.outcome is Outcome.NOT_RUN
    assert [reason.code for reason in result.reasons] == ["NOTHING_TO_CHECK"]


def test_a_nodes_key_is_on_the_curve() -> None:
    """Even if a certificate with another kind of key had been read."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name(None, "peer0", ("peer",)))
        .issuer_name(name(None, "CA"))
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(START)
        .not_valid_after(END)
        .sign(key, hashes.SHA256())
    )
    signature = bytes.fromhex("3006020101020101")
    assert _code(lambda: check_node_signature(certificate, signature, b"", "here")) == "NODE_CERTIFICATE_FORM"


def test_a_signature_has_one_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if the library's reader of DER let something stand behind the two numbers."""
    holder, data = orgs()[0].peer, b"data"
    signature = sign(holder, data)
    numbers = decode_dss_signature(signature)
    check_node_signature(holder.certificate, signature, data, "here")
    monkeypatch.setattr(certificates, "decode_dss_signature", lambda _: numbers)
    refused = _code(lambda: check_node_signature(holder.certificate, signature + b"\x00", data, "here"))
    assert refused == "NODE_SIGNATURE_FORM"


def test_what_is_wrong_is_said_before_a_file_is_looked_at() -> None:
    """The file check names the checks in its way, all of them."""
    report = report_on(Script(anchor=line(4, "ab" * 32), withhold=frozenset({("receive", "holder")})))
    (reason,) = report.checks[0].reasons
    assert (reason.code, reason.expected) == ("PREREQUISITE", "log")
    forged = forge(Script(configurations=lambda blocks: blocks.pop(0)))
    report = verify.verify(forged.octets, forged.trust_octets, CURRENT)
    assert report.checks[0].reasons[0].expected == "configuration"
