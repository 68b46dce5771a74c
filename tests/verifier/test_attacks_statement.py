"""Attacks on statements and their signers (check 2)."""

from __future__ import annotations

import base64
import datetime
from dataclasses import replace
from typing import Any

import pytest

from tests.verifier.evidence_attacks import Attacks, assert_refused, resigned, setting
from tests.verifier.fabric.forge_keys import authority, certificate, orgs
from tests.verifier.forge_evidence import Object, Script
from tests.verifier.forge_log import sha256
from tests.verifier.forge_people import (
    Person,
    Signed,
    canonical,
    header_of,
    identifier,
    person,
    sign_bytes,
    url,
)

EXPIRED = datetime.datetime(2026, 1, 12, 9, 19, 0, tzinfo=datetime.UTC)


def _forged_payload(signed: Signed) -> Signed:
    """Another payload under the old signature."""
    header, _, signature = signed.data.split(b".")
    body = url(canonical({**signed.payload, "pages": 45})).encode()
    return replace(signed, data=b".".join((header, body, signature)))


def _by_another_key(signed: Signed) -> Signed:
    """The right certificate is named, another key signs."""
    other = person("somebody else")
    header = header_of(signed.signer)
    return replace(signed, data=sign_bytes(other, header, canonical(signed.payload)))


def _payload_spelled_otherwise(signed: Signed) -> Signed:
    spaced = canonical(signed.payload).replace(b",", b", ", 1)
    return replace(signed, data=sign_bytes(signed.signer, header_of(signed.signer), spaced))


def _claim_twice(signed: Signed) -> Signed:
    """Readers that keep the last would see 45 pages, those that keep the first 44."""
    octets = canonical(signed.payload).replace(b'"pages":44', b'"pages":44,"pages":45', 1)
    return replace(signed, data=sign_bytes(signed.signer, header_of(signed.signer), octets))


def _with_header(signed: Signed, header: bytes) -> Signed:
    return replace(signed, data=sign_bytes(signed.signer, header, canonical(signed.payload)))


def _drop_certificate(evidence: Object) -> None:
    reviewer = base64.b64encode(person("reviewer", 1).der).decode()
    evidence["certificates"].remove(reviewer)


def _add_certificate(evidence: Object) -> None:
    certificates = [base64.b64decode(c) for c in evidence["certificates"]] + [person("somebody else").der]
    evidence["certificates"] = [base64.b64encode(c).decode() for c in sorted(certificates, key=sha256)]


def _spoil_certificate(evidence: Object) -> None:
    """The signature of one carried certificate, one bit changed: another certificate."""
    octets = bytearray(base64.b64decode(evidence["certificates"][0]))
    octets[-1] ^= 1
    certificates = [bytes(octets), *(base64.b64decode(c) for c in evidence["certificates"][1:])]
    evidence["certificates"] = [base64.b64encode(c).decode() for c in sorted(certificates, key=sha256)]


def _clerk(**changes: Any) -> Script:
    return Script(people={"clerk": person("clerk", **changes)})


SIGNATURE = "signature STATEMENT_SIGNATURE"


def _by_namesake() -> Script:
    """The clerk's certificate, issued by a CA with the name of the township's person CA and another key."""
    town = orgs()[0]
    theirs, own = authority(town.title, "person CA"), person("clerk").holder
    made = certificate(own.certificate.subject, own.key, theirs.certificate.subject, theirs.key, ca=False)
    return Script(people={"clerk": Person(person("clerk").agent, town.msp, made)})


def _under_another_name() -> Script:
    """The person CA's key made the signature, the certificate names the node CA as its issuer."""
    town, own = orgs()[0], person("clerk").holder
    named = town.node_ca.certificate.subject
    made = certificate(own.certificate.subject, own.key, named, town.person_ca.key, ca=False)
    return Script(people={"clerk": Person(person("clerk").agent, town.msp, made)})


ATTACKS: Attacks = {
    "a certificate that names another issuer than signed it": (
        _under_another_name(),
        {"signature CERTIFICATE_ISSUER"},
    ),
    "a certificate by a CA of the same name": (_by_namesake(), {"signature CERTIFICATE_ISSUER"}),
    "a certificate's digest of 31 octets": (
        Script(signed={"receive": resigned({"x5t#S256": url(bytes(31))})}),
        {"signature SHAPE_VALUE"},
    ),
    "a claim twice": (
        Script(signed={"receive": _claim_twice}),
        {"signature JSON_REPEATED_MEMBER"},
    ),
    "a payload changed after signing": (Script(signed={"receive": _forged_payload}), {SIGNATURE}),
    "signed by another key": (Script(signed={"receive": _by_another_key}), {SIGNATURE}),
    "high S": (
        Script(signed={"receive": resigned(high=True)}),
        {"signature STATEMENT_SIGNATURE_FORM"},
    ),
    "no algorithm": (
        Script(signed={"receive": resigned({"alg": "none"})}),
        {"signature SHAPE_VALUE"},
    ),
    "another type": (
        Script(signed={"receive": resigned({"typ": "dc+sd-jwt"})}),
        {"signature SHAPE_VALUE"},
    ),
    "a header more": (
        Script(signed={"receive": resigned({"kid": "1"})}),
        {"signature SHAPE_MEMBERS"},
    ),
    "critical header": (
        Script(signed={"receive": resigned({"crit": ["b64"], "b64": False})}),
        {"signature SHAPE_MEMBERS"},
    ),
    "a payload that is not canonical": (
        Script(signed={"receive": _payload_spelled_otherwise}),
        {"signature JSON_NOT_CANONICAL"},
    ),
    "a fourth part": (
        Script(signed={"receive": lambda s: replace(s, data=s.data + b".")}),
        {"signature STATEMENT_FORM"},
    ),
    "disclosures behind the statement": (
        Script(signed={"receive": lambda s: replace(s, data=s.data + b"~" + s.disclosures[0].encode())}),
        {"signature BASE64URL"},
    ),
    "another ledger's statement": (
        Script(claims={"receive": setting(aud="elsewhere.example/archive")}),
        {"signature STATEMENT_AUDIENCE"},
    ),
    "in another's name": (
        Script(claims={"receive": setting(agent=identifier("reviewer"))}),
        {"signature CERTIFICATE_AGENT", "signature KEY_NOT_ENROLLED"},
    ),
    "in another organisation's name": (
        Script(claims={"receive": setting(iss="CountyMSP")}),
        {"signature CERTIFICATE_ISSUER", "signature KEY_OTHER_ORGANISATION"},
    ),
    "of an organisation that is not there": (
        Script(claims={"receive": setting(iss="NobodyMSP")}),
        {"signature STATEMENT_ISSUER", "signature KEY_OTHER_ORGANISATION"},
    ),
    "the same jti twice": (
        Script(claims={"scan": setting(jti=identifier("jti receive"))}),
        {"signature STATEMENT_JTI_REPEATED"},
    ),
    "a claim that nobody knows": (
        Script(claims={"receive": setting(nonce="1")}),
        {"signature SHAPE_MEMBERS"},
    ),
    "an expiry": (Script(claims={"receive": setting(exp=1)}), {"signature SHAPE_MEMBERS"}),
    "a uuid of version 1": (
        Script(claims={"receive": setting(jti="00000000-0000-1000-8000-000000000000")}),
        {"signature SHAPE_VALUE"},
    ),
    "another digest algorithm": (
        Script(claims={"receive": setting(_sd_alg="sha-512")}),
        {"signature SHAPE_VALUE"},
    ),
    "a date that is none": (
        Script(claims={"receive": setting(occurred_at="2026-02-30")}),
        {"signature SHAPE_VALUE"},
    ),
    "a certificate of the node CA": (_clerk(issuer="node_ca"), {"signature CERTIFICATE_ISSUER"}),
    "a certificate that is a CA": (_clerk(ca=True), {"signature CERTIFICATE_FORM"}),
    "a certificate with a node's role": (_clerk(role="peer"), {"signature CERTIFICATE_SUBJECT"}),
    "a certificate of another agent": (_clerk(subject="reviewer"), {"signature CERTIFICATE_AGENT"}),
    "expired when recorded": (_clerk(end=EXPIRED), {"signature CERTIFICATE_DATE"}),
    "not valid yet when recorded": (
        _clerk(start=EXPIRED + datetime.timedelta(seconds=2)),
        {"signature CERTIFICATE_DATE"},
    ),
    "a certificate not carried": (Script(evidence=_drop_certificate), {"signature CERTIFICATE_MISSING"}),
    "a certificate that nobody used": (Script(evidence=_add_certificate), {"signature CERTIFICATE_UNUSED"}),
    "a certificate changed": (
        Script(evidence=_spoil_certificate),
        {"signature CERTIFICATE_MISSING", "signature CERTIFICATE_UNUSED"},
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_refused(attack: str) -> None:
    script, expected = ATTACKS[attack]
    assert_refused(script, expected)
