"""Statements, entries, markers, anchors and certificates: what is read, and what is refused."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from jwcrypto.jwk import JWK
from sd_jwt.verifier import SDJWTVerifier

from tests.verifier.evidence_attacks import line
from tests.verifier.fabric.forge_keys import END, START, new_key, orgs
from tests.verifier.forge_evidence import LAST_BATCH, LEDGER, LIST, ZHANG, good, previous_anchor
from tests.verifier.forge_log import Lines, sha256, trail_key
from tests.verifier.forge_people import (
    Signed,
    canonical,
    disclosure,
    header_of,
    identifier,
    item,
    person,
    sign_bytes,
    sm3,
    state,
)
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
from verifier.disclosure import file_field, parse_disclosure
from verifier.entry import encode_entry, parse_entry
from verifier.errors import EvidenceError
from verifier.item import list_roots, parse_item
from verifier.marker import encode_marker, parse_marker
from verifier.statement import check_signature, header_bytes, parse_statement
from verifier.trail import trail, trails_of_item, trails_of_statement

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


# Statements


def _signed(name: str) -> Signed:
    return next(act.signed for act in good().acts if act.name == name)


@pytest.mark.parametrize("name", [act.name for act in good().acts])
def test_statements_are_read(name: str) -> None:
    signed = _signed(name)
    statement = parse_statement(signed.data)
    payload = signed.payload
    assert statement.data == signed.data
    assert (statement.digests.sha256, statement.digests.sm3) == (sha256(signed.data), sm3(signed.data))
    for claim in ("aud", "jti", "iss", "agent", "event", "occurred_at"):
        assert getattr(statement, claim) == payload[claim]
    assert statement.record == payload.get("record")
    assert len(statement.claims.files) == len(payload.get("files", []))
    signer = read_signer(signed.signer.der)
    assert header_bytes(signer.sha256) == base64.urlsafe_b64decode(signed.data.split(b".")[0] + b"==")
    check_signature(statement, signer.key)


@pytest.mark.parametrize("name", ["receive", "resubmit", "view", "list"])
def test_statements_are_sd_jwts(name: str) -> None:
    """An implementation of RFC 9901 that is not ours accepts them, and finds the same disclosures."""
    signed = _signed(name)
    presented = "~".join([signed.data.decode(), *signed.disclosures, ""])
    key = JWK.from_pyca(signed.signer.holder.key.public_key())
    verified: dict[str, Any] = SDJWTVerifier(presented, lambda *_: key).get_verified_payload()
    shown = {d.name for d in map(parse_disclosure, signed.disclosures)}
    clear = {k: v for k, v in signed.payload.items() if k not in ("_sd", "_sd_alg")}
    assert verified.keys() == clear.keys() | shown
    assert {k: verified[k] for k in clear} == clear


def test_every_claim() -> None:
    signed = state(
        person("clerk"), "all", "disclosure.erase", {}, record=ZHANG, answers=[H], basis="statute",
        due="2026-06", erased=["holder"], late="old_paper", outcome="approved", reason="statutory_order",
        pages=3, version=2, state="in_place", seen={"root": H, "size": 7}, subject=identifier("x"),
        files=[{"carrier": "paper", "copy": "original", "format": "text/plain", "role": "page"}],
    )  # fmt: skip
    statement = parse_statement(signed.data)
    claims = statement.claims
    assert (claims.basis, claims.late, claims.outcome, claims.reason) == (
        "statute", "old_paper", "approved", "statutory_order",
    )  # fmt: skip
    assert (claims.pages, claims.version, claims.state, claims.answers) == (
        3,
        2,
        "in_place",
        (bytes.fromhex(H),),
    )
    assert (statement.due, statement.erased, statement.subject) == ("2026-06", ("holder",), identifier("x"))
    assert statement.seen is not None
    assert (statement.seen.size, statement.seen.root.hex()) == (7, H)
    assert claims.files[0].digests is None


CLAIMS: dict[str, tuple[dict[str, Any], str]] = {
    "answers out of order": ({"answers": ["b" * 64, "a" * 64]}, "SHAPE_ORDER"),
    "no answers": ({"answers": []}, "SHAPE_VALUE"),
    "65 answers": ({"answers": [f"{n:064x}" for n in range(65)]}, "SHAPE_VALUE"),
    "a code in upper case": ({"basis": "Statute"}, "SHAPE_VALUE"),
    "a due date that is a span": ({"due": "1998/1999"}, "SHAPE_VALUE"),
    "a negative count": ({"pages": -1}, "JSON_NUMBER"),
    "no files": ({"files": []}, "SHAPE_VALUE"),
    "a file with half its digests": (
        {"files": [{"carrier": "paper", "copy": "scan", "format": "a/b", "role": "page", "sha256": H}]},
        "SHAPE_MEMBERS",
    ),
    "an unknown carrier": (
        {"files": [{"carrier": "stone", "copy": "scan", "format": "a/b", "role": "page"}]},
        "SHAPE_VALUE",
    ),
    "an unknown copy": (
        {"files": [{"carrier": "paper", "copy": "clone", "format": "a/b", "role": "page"}]},
        "SHAPE_VALUE",
    ),
    "a format in upper case": (
        {"files": [{"carrier": "paper", "copy": "scan", "format": "A/B", "role": "page"}]},
        "SHAPE_VALUE",
    ),
    "erased without erasing": ({"erased": ["holder"]}, "ERASED_CLAIM"),
    "erasing without erased": ({"event": "disclosure.erase"}, "ERASED_CLAIM"),
    "a list and a record": (
        {"record": ZHANG, "list": {"id": LIST, "sha256": H, "size": 1, "sm3": H}},
        "LIST_CLAIM_OUTSIDE_ITEM",
    ),
    "a list and files": (
        {
            "files": [{"carrier": "paper", "copy": "scan", "format": "a/b", "role": "page"}],
            "list": {"id": LIST, "sha256": H, "size": 1, "sm3": H},
        },
        "LIST_CLAIM_OUTSIDE_ITEM",
    ),
    "a list of more than the cap": (
        {"list": {"id": LIST, "sha256": H, "size": 40_001, "sm3": H}},
        "SHAPE_VALUE",
    ),
    "something seen without root": ({"seen": {"size": 1}}, "SHAPE_MEMBERS"),
    "a record that is no uuid": ({"record": ZHANG.upper()}, "SHAPE_VALUE"),
    "an organisation with a blank": ({"iss": "A B"}, "SHAPE_VALUE"),
    "an origin in upper case": ({"aud": "Example"}, "SHAPE_VALUE"),
    "a digest of 42 characters": ({"_sd": ["A" * 42], "fields": ["title"]}, "SHAPE_VALUE"),
    "a digest with stray bits": ({"_sd": ["A" * 42 + "B"], "fields": ["title"]}, "SHAPE_VALUE"),
    "a field in upper case": ({"_sd": ["A" * 43], "fields": ["Title"]}, "SHAPE_VALUE"),
    "fields without digests": ({"_sd": None, "fields": ["title"]}, "SD_COUNT"),
    "digests without fields": ({"fields": None}, "SD_COUNT"),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_claims_refused(name: str) -> None:
    claims, code = CLAIMS[name]
    signer = person("clerk")
    payload = {**_signed("scan").payload, **claims}
    payload = {k: v for k, v in payload.items() if v is not None}
    if "list" in claims:
        for claim in {"record", "files", "pages"} - claims.keys():
            del payload[claim]
    data = sign_bytes(signer, header_of(signer), canonical(payload))
    assert _code(lambda: parse_statement(data)) == code


@pytest.mark.parametrize("signature", [b"", bytes(63), bytes(64), bytes(65), b"\xff" * 64])
def test_signature_forms_refused(signature: bytes) -> None:
    head, _, _ = _signed("scan").data.rpartition(b".")
    encoded = base64.urlsafe_b64encode(signature).rstrip(b"=")
    assert _code(lambda: parse_statement(head + b"." + encoded)) == "STATEMENT_SIGNATURE_FORM"


def test_statement_that_is_not_ascii() -> None:
    assert _code(lambda: parse_statement("é.é.é".encode())) == "STATEMENT_FORM"


# Trails, items, disclosures


def test_trails() -> None:
    receive = parse_statement(_signed("receive").data)
    found = {(t.kind, t.key) for t in trails_of_statement(receive)}
    clear = receive.claims.files[0].digests
    assert clear is not None
    assert found == {
        ("agent", trail_key("agent", receive.agent)),
        ("record", trail_key("record", ZHANG)),
        ("content", trail_key("content", clear.sha256.hex())),
    }
    listed = parse_statement(_signed("list").data)
    assert {t.kind for t in trails_of_statement(listed)} == {"agent", "list"}
    data, _ = _signed("list").items[0]
    assert trails_of_item(parse_item(data, 0)) == (trail("record", ZHANG),)


def test_the_same_content_twice_is_one_trail() -> None:
    claim = {
        "carrier": "both", "copy": "scan", "format": "a/b", "role": "page", "sha256": H, "size": 1, "sm3": H,
    }  # fmt: skip
    body, _ = item("two", "record zhang", files=[claim, claim])
    assert [t.kind for t in trails_of_item(parse_item(body, 0))] == ["content", "record"]


def test_list_roots() -> None:
    bodies = [data for data, _ in _signed("list").items]
    listing = parse_statement(_signed("list").data).list
    assert listing is not None
    assert list_roots(bodies) == listing.roots


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("file.0.name", (0, "name")),
        ("file.999.digests", (999, "digests")),
        ("file.01.name", None),
        ("file.0.size", None),
        ("file.name", None),
        ("title", None),
    ],
)
def test_file_fields(name: str, place: tuple[int, str] | None) -> None:
    assert file_field(name) == place


@pytest.mark.parametrize("value", [1, {}, [], True, "字" * 11_000])
def test_disclosed_values_refused(value: Any) -> None:
    assert _code(lambda: parse_disclosure(disclosure("note", value))) == "SD_FORM"


@pytest.mark.parametrize("name", ["Title", "", "a" * 65, "a-b", 1])
def test_disclosed_names_refused(name: Any) -> None:
    assert _code(lambda: parse_disclosure(disclosure(name, "text"))) == "SD_FORM"


@pytest.mark.parametrize("name", ["record", "iss", "cnf", "status", "_sd_alg", "_sd", "fields", "nbf", "vct"])
def test_clear_claims_are_not_disclosed(name: str) -> None:
    assert _code(lambda: parse_disclosure(disclosure(name, "text"))) in ("SD_CLEAR_CLAIM", "SD_FORM")


def test_digests_are_the_only_object() -> None:
    value = {"sha256": H, "size": 1, "sm3": H}
    assert parse_disclosure(disclosure("file.0.digests", value)).name == "file.0.digests"
    for wrong in ("text", {**value, "x": 1}, {"sha256": H}):
        assert _code(lambda wrong=wrong: parse_disclosure(disclosure("file.0.digests", wrong))).startswith(  # type: ignore[misc]
            "SHAPE_"
        )


# Entries, markers, anchors


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
