"""Entries, markers, anchors and certificates: what is read, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.verifier.evidence_attacks import line
from tests.verifier.fabric.forge_keys import END, START, new_key, orgs
from tests.verifier.forge_evidence import LAST_BATCH, LEDGER, good, previous_anchor
from tests.verifier.forge_log import Lines, sha256
from tests.verifier.forge_people import identifier, person
from verifier.anchor import (
    absent,
    anchor_digest,
    anchor_key,
    encode_anchor,
    head_key,
    ledger_key,
    parse_anchor,
)
from verifier.certificate import check_issuer, check_validity, issued_by, read_signer
from verifier.entry import encode_entry, parse_entry
from verifier.errors import EvidenceError
from verifier.marker import encode_marker, parse_marker

H = "ab" * 32
Edit = Callable[[Lines], object]


def _code(call: Callable[[], object]) -> str:
    with pytest.raises(EvidenceError) as refused:
        call()
    return refused.value.code


def _edited(text: str, edit: Edit) -> str:
    lines = text.split("\n")[:-1]
    edit(lines)
    return "\n".join(lines) + "\n"


ENTRY = good().log.leaves[good().log.entries["scan", None]]
MARKER = good().log.leaves[good().log.markers[LAST_BATCH]]
ANCHOR = "\n".join(
    [
        "archive-ledger anchor v1", LEDGER, "5", "20", H, "cd" * 32, "2026-01-12T09:29:59.000Z",
        "ef" * 32, "01" * 32, "2026-01-12T09:30:00.123Z", "",
    ]
)  # fmt: skip


@pytest.mark.parametrize("leaf", good().log.leaves)
def test_leaves_are_read(leaf: str) -> None:
    if leaf.startswith("archive-ledger batch"):
        assert encode_marker(parse_marker(leaf)) == leaf
    else:
        assert encode_entry(parse_entry(leaf)) == leaf


def test_anchor_is_read() -> None:
    anchor = parse_anchor(ANCHOR.encode())
    assert encode_anchor(anchor) == ANCHOR.encode()
    assert anchor_digest(ANCHOR.encode()) == sha256(ANCHOR.encode())
    assert (anchor.batch, anchor.size, anchor.time) == (5, 20, "2026-01-12T09:30:00.123Z")
    ledger = bytes.fromhex(LEDGER)
    assert anchor_key(ledger, 5) == f"anchor/{LEDGER}/5"
    assert (head_key(ledger), ledger_key(ledger)) == (f"head/{LEDGER}", f"ledger/{LEDGER}")
    assert absent("head/x") == b"archive-ledger absent v1\nhead/x\n"


COMMON: dict[str, Edit] = {
    "another first line": line(0, "archive-ledger entry v2"),
    "a line more": lambda lines: lines.append("x"),
    "a blank line": lambda lines: lines.append(""),
    "a carriage return": lambda lines: line(0, lines[0] + "\r")(lines),
    "a number with a sign": line(1, "+1"),
    "a number with a zero before it": line(1, "01"),
    "a number beyond 2^53-1": line(1, "9007199254740992"),
    "a number in other digits": line(1, "１"),
}


@pytest.mark.parametrize("name", COMMON)
def test_leaves_refused(name: str) -> None:
    for text, read in ((ENTRY, parse_entry), (MARKER, parse_marker)):
        assert _code(lambda text=text, read=read: read(_edited(text, COMMON[name]))) == "LINE_FORM"  # type: ignore[misc]


@pytest.mark.parametrize("text", ["", "\n", "archive-ledger entry v1", "archive-ledger entry v1\n"])
def test_cut_short(text: str) -> None:
    for read in (parse_entry, parse_marker, lambda t: parse_anchor(t.encode())):
        assert _code(lambda read=read: read(text)) == "LINE_FORM"  # type: ignore[misc]
    for whole, read in ((ENTRY, parse_entry), (MARKER, parse_marker)):
        assert _code(lambda whole=whole, read=read: read(whole[:-1])) == "LINE_FORM"  # type: ignore[misc]


def _previous(*four: str) -> Edit:
    """An edit of batch number, digest, time and transaction id."""
    return lambda lines: lines.__setitem__(slice(3, 7), four)


MARKERS: dict[str, tuple[Edit, str]] = {
    "a line less": (lambda lines: lines.pop(), "LINE_FORM"),
    "three lines less": (lambda lines: lines.__delitem__(slice(4, 7)), "LINE_FORM"),
    "a ledger in upper case": (line(2, LEDGER.upper()), "LINE_FORM"),
    "a digest without a time": (line(5, "-"), "SHAPE_VALUE"),
    "a time without a digest": (line(4, "-"), "MARKER_PREVIOUS"),
    "a digest without a transaction": (line(6, "-"), "MARKER_PREVIOUS"),
    "an anchor before batch 0": (line(3, "0"), "MARKER_PREVIOUS"),
    "no anchor before batch 5": (
        lambda lines: lines.__setitem__(slice(4, 7), ["-", "-", "-"]),
        "MARKER_PREVIOUS",
    ),
    "a time in batch 0": (
        lambda lines: lines.__setitem__(slice(3, 7), ["0", "-", previous_anchor(5)[1], "-"]),
        "LINE_FORM",
    ),
}


@pytest.mark.parametrize("name", MARKERS)
def test_markers_refused(name: str) -> None:
    edit, code = MARKERS[name]
    assert _code(lambda: parse_marker(_edited(MARKER, edit))) == code


ENTRIES: dict[str, tuple[Edit, str]] = {
    "a trail of no kind": (lambda lines: lines.append(f"zone {H} 0 -"), "ENTRY_LINKS"),
    "no trail": (lambda lines: lines.__delitem__(slice(5, None)), "LINE_FORM"),
    "a trail without its seq": (lambda lines: lines.append(f"record {H} -"), "LINE_FORM"),
    "a statement without its SM3": (line(3, H), "LINE_FORM"),
    "an item without its SM3": (line(4, f"0 {H}"), "LINE_FORM"),
    "an item without its number": (line(4, f"- {H} {H}"), "LINE_FORM"),
}


@pytest.mark.parametrize("name", ENTRIES)
def test_entries_refused(name: str) -> None:
    edit, code = ENTRIES[name]
    assert _code(lambda: parse_entry(_edited(ENTRY, edit))) == code


ANCHORS: dict[str, tuple[Edit, str]] = {
    "another first line": (line(0, "archive-ledger anchor v2"), "LINE_FORM"),
    "a line more": (lambda lines: lines.append("x"), "LINE_FORM"),
    "a line less": (lambda lines: lines.pop(), "LINE_FORM"),
    "no anchor before batch 5": (line(7, "-"), "ANCHOR_PREVIOUS"),
    "an anchor before batch 0": (line(2, "0"), "ANCHOR_PREVIOUS"),
    "no time": (line(9, "-"), "SHAPE_VALUE"),
    "a time without milliseconds": (line(9, "2026-01-12T09:30:00Z"), "SHAPE_VALUE"),
    "no transaction": (line(8, "-"), "LINE_FORM"),
    "a size with a blank": (line(3, "20 "), "LINE_FORM"),
}


@pytest.mark.parametrize("name", ANCHORS)
def test_anchors_refused(name: str) -> None:
    edit, code = ANCHORS[name]
    assert _code(lambda: parse_anchor(_edited(ANCHOR, edit).encode())) == code


def test_anchor_of_a_log_without_entries() -> None:
    """Its markers have no recorded time."""
    text = _edited(ANCHOR, line(6, "-")).encode()
    anchor = parse_anchor(text)
    assert anchor.last_recorded_at is None
    assert encode_anchor(anchor) == text


def test_anchor_that_is_not_utf8() -> None:
    assert _code(lambda: parse_anchor(b"\xff")) == "LINE_FORM"


# Certificates


def _certificate(
    names: list[tuple[x509.ObjectIdentifier, str]], key: Any = None, algorithm: Any = None, **more: Any
) -> bytes:
    ca = orgs()[0].person_ca
    built = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(oid, text) for oid, text in names]))
        .issuer_name(ca.certificate.subject)
        .public_key((key or new_key()).public_key())
        .serial_number(more.get("serial", 7))
        .not_valid_before(START)
        .not_valid_after(END)
        .sign(ca.key, algorithm or hashes.SHA256())
    )
    return built.public_bytes(Encoding.DER)


CN, OU, O = NameOID.COMMON_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME, NameOID.ORGANIZATION_NAME  # noqa: E741
ME = identifier("clerk")

CERTIFICATES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "CERTIFICATE_FORM"),
    "not DER": (b"certificate", "CERTIFICATE_FORM"),
    "something behind": (person("clerk").der + b"\x00", "CERTIFICATE_FORM"),
    "no subject": (_certificate([]), "CERTIFICATE_SUBJECT"),
    "no OU": (_certificate([(CN, ME)]), "CERTIFICATE_SUBJECT"),
    "two OUs": (_certificate([(CN, ME), (OU, "person"), (OU, "service")]), "CERTIFICATE_SUBJECT"),
    "two CNs": (_certificate([(CN, ME), (CN, ME)]), "CERTIFICATE_SUBJECT"),
    "an organisation": (_certificate([(CN, ME), (OU, "person"), (O, "镇")]), "CERTIFICATE_SUBJECT"),
    "a name for a uuid": (_certificate([(CN, "张三"), (OU, "person")]), "CERTIFICATE_SUBJECT"),
    "a node's OU": (_certificate([(CN, ME), (OU, "admin")]), "CERTIFICATE_SUBJECT"),
    "a larger curve": (
        _certificate([(CN, ME), (OU, "person")], ec.generate_private_key(ec.SECP384R1())),
        "CERTIFICATE_FORM",
    ),
    "Ed25519": (
        _certificate([(CN, ME), (OU, "person")], ed25519.Ed25519PrivateKey.generate()),
        "CERTIFICATE_FORM",
    ),
    "SHA-384": (_certificate([(CN, ME), (OU, "person")], algorithm=hashes.SHA384()), "CERTIFICATE_FORM"),
    "a CA": (person("clerk", ca=True).der, "CERTIFICATE_FORM"),
}


@pytest.mark.parametrize("name", CERTIFICATES)
def test_certificates_refused(name: str) -> None:
    der, code = CERTIFICATES[name]
    assert _code(lambda: read_signer(der)) == code


@pytest.mark.parametrize("role", ["person", "service", "registrar"])
def test_signers_are_read(role: str) -> None:
    signer = read_signer(person(f"a {role}", role=role).der)
    assert (signer.agent, signer.role) == (identifier(f"a {role}"), role)
    assert signer.sha256 == sha256(signer.der)


def test_issuer() -> None:
    signer = read_signer(person("clerk").der)
    town, county = orgs()[0], orgs()[1]
    check_issuer(signer, [county.person_ca.certificate, town.person_ca.certificate])
    assert _code(lambda: check_issuer(signer, [])) == "CERTIFICATE_ISSUER"
    assert _code(lambda: check_issuer(signer, [town.node_ca.certificate])) == "CERTIFICATE_ISSUER"
    assert not issued_by(x509.load_der_x509_certificate(signer.der), county.person_ca.certificate)
    # The subject of a CA says nothing without its key.
    assert not issued_by(town.person_ca.certificate, county.person_ca.certificate)


def test_validity_includes_its_ends() -> None:
    signer = read_signer(person("clerk", start=START, end=END).der)
    for when in ("2025-01-01T00:00:00.000Z", "2035-01-01T00:00:00.000Z"):
        check_validity(signer, when)
    for when in ("2024-12-31T23:59:59.999Z", "2035-01-01T00:00:00.001Z"):
        assert _code(lambda when=when: check_validity(signer, when)) == "CERTIFICATE_DATE"  # type: ignore[misc]
