"""Certificates: what Python would accept a statement under, the chaincode anchors, and nothing else.

X.509 libraries differ in what they let pass, so each case here is one that some library takes.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.differential.explicit_curve import EXPLICIT_P256, EXPLICIT_P256_WITH_SEED
from tests.differential.forge_certificate import (
    AUTHORITY_KEY,
    BIT_STRING,
    BMP,
    CN,
    CRITICAL,
    ECDSA_SHA256,
    GENERALIZED_TIME,
    IA5,
    INTEGER,
    NO_CA,
    NULL,
    NUMERIC,
    OCTET_STRING,
    ORGANISATION,
    OU,
    PRINTABLE,
    SEQUENCE,
    SUBJECT_KEY,
    T61,
    UNIVERSAL,
    USAGE,
    UTC_TIME,
    UTF8,
    VISIBLE,
    Forged,
    attribute,
    extension,
    key_info,
    oid,
    rdn,
    subject,
    tlv,
    with_extensions,
    wrapped,
)
from tests.differential.forge_statement import OTHER, RECORD
from tests.differential.judge import Judge
from tests.differential.scene import Scene, by_go, by_python, claims_of, make_scene, submission
from tests.verifier.fabric.forge_keys import SAME_EACH_TIME, named_key
from verifier.anchor import encode_anchor
from verifier.statement import P256_ORDER

Make = Callable[[Scene, Forged], Forged]


def _changed(**parts: bytes | int) -> Make:
    return lambda _, plain: replace(plain, **parts)  # type: ignore[arg-type]  # parts of Forged


def _extended(*extensions: bytes) -> Make:
    return lambda _, plain: with_extensions(plain, *extensions)


def _named(*relatives: Callable[[str], bytes]) -> Make:
    """A subject of these RDNs, each made from the agent."""
    return lambda scene, plain: replace(
        plain, subject=tlv(SEQUENCE, *(make(scene.person.agent) for make in relatives))
    )


def _cn(tag: int = UTF8, encoding: str = "ascii") -> Callable[[str], bytes]:
    return lambda agent: rdn(attribute(CN, tag, agent.encode(encoding)))


def _ou(text: str = "person", tag: int = UTF8, encoding: str = "ascii") -> Callable[[str], bytes]:
    return lambda _: rdn(attribute(OU, tag, text.encode(encoding)))


def _keyed(algorithm: bytes, prefix: bytes | None = None, point: Callable[[bytes], bytes] = bytes) -> Make:
    """A key info of this algorithm; `point` is made from the 64 octets of the coordinates."""

    def make(scene: Scene, plain: Forged) -> Forged:
        coordinates = key_info(scene.person.key)[-64:]
        key = (b"\x04" if prefix is None else prefix) + point(coordinates)
        return replace(plain, key=tlv(SEQUENCE, algorithm, tlv(BIT_STRING, b"\x00", key)))

    return make


_P256 = tlv(SEQUENCE, oid("1.2.840.10045.2.1"), oid("1.2.840.10045.3.1.7"))
_NULL_ALGORITHM = tlv(SEQUENCE, oid("1.2.840.10045.4.3.2"), tlv(NULL))
_SHA384 = tlv(SEQUENCE, oid("1.2.840.10045.4.3.3"))


def _time(tag: int, text: str) -> bytes:
    return tlv(tag, text.encode())


HOLD: dict[str, Make] = {
    "as the tables change it": _changed(),
    "without extensions": _changed(extensions=b""),
    "usage with contentCommitment": _extended(extension("2.5.29.15", tlv(BIT_STRING, b"\x06\xc0"))),
    "constraints not critical": _extended(extension("2.5.29.19", tlv(SEQUENCE))),
    "no attributes of Fabric's CA": _extended(extension("1.2.3.4.5.6.7.8.1", b'{"attrs":{}}')),
    "extensions in another order": _extended(AUTHORITY_KEY, USAGE, NO_CA, SUBJECT_KEY),
    "longest key identifier": _extended(extension("2.5.29.14", tlv(OCTET_STRING, bytes(64)))),
    "shortest key identifier": _extended(extension("2.5.29.14", tlv(OCTET_STRING, b"a"))),
    "longest serial number": _changed(serial=tlv(INTEGER, b"\x7f" + b"\xff" * 19)),
    "serial number with its sign octet": _changed(serial=tlv(INTEGER, b"\x00\x80")),
    "until the last second of 2049": _changed(ends=_time(UTC_TIME, "491231235959Z")),
    "since 1950": _changed(begins=_time(UTC_TIME, "500101000000Z")),
    "until 2050": _changed(ends=_time(GENERALIZED_TIME, "20500101000000Z")),
    "for ever": _changed(ends=_time(GENERALIZED_TIME, "99991231235959Z")),
    "from this very moment": _changed(begins=_time(UTC_TIME, "260112093000Z")),
    "printable strings": lambda scene, plain: replace(
        plain, subject=subject(scene.person.agent, tag=PRINTABLE)
    ),
    "OU first": _named(_ou(), _cn()),
    "a service": _named(_cn(), _ou("service")),
    "a registrar": _named(_cn(), _ou("registrar")),
}

FORM, SUBJECT = "CERTIFICATE_FORM", "CERTIFICATE_SUBJECT"
BROKEN: dict[str, tuple[str, Make]] = {
    "version 1": (FORM, _changed(version=b"", extensions=b"")),
    "version 1 with extensions": (FORM, _changed(version=b"")),
    "version 1 written": (FORM, _changed(version=tlv(0xA0, tlv(INTEGER, b"\x00")), extensions=b"")),
    "version 2": (FORM, _changed(version=tlv(0xA0, tlv(INTEGER, b"\x01")), extensions=b"")),
    "version 4": (FORM, _changed(version=tlv(0xA0, tlv(INTEGER, b"\x03")))),
    "an issuer's unique id": (FORM, _changed(unique=tlv(0x81, b"\x00\x01"))),
    "serial number 0": (FORM, _changed(serial=tlv(INTEGER, b"\x00"))),
    "negative serial number": (FORM, _changed(serial=tlv(INTEGER, b"\xff"))),
    "serial number of 21 octets": (FORM, _changed(serial=tlv(INTEGER, b"\x01" * 21))),
    "padded serial number": (FORM, _changed(serial=tlv(INTEGER, b"\x00\x01"))),
    "empty serial number": (FORM, _changed(serial=tlv(INTEGER))),
    "algorithm with NULL": (FORM, _changed(algorithm=_NULL_ALGORITHM)),
    "outer algorithm with NULL": (FORM, _changed(outer_algorithm=_NULL_ALGORITHM)),
    "another outer algorithm": (FORM, _changed(outer_algorithm=_SHA384)),
    "another algorithm": (FORM, _changed(algorithm=_SHA384)),
    "unused bits of the signature": (FORM, _changed(unused_bits=1)),
    "a fourth element": (FORM, _changed(behind=tlv(NULL))),
    "GeneralizedTime before 2050": (FORM, _changed(begins=_time(GENERALIZED_TIME, "20250101000000Z"))),
    "year 0": (FORM, _changed(begins=_time(GENERALIZED_TIME, "00000101000000Z"))),
    "a fraction": (FORM, _changed(ends=_time(GENERALIZED_TIME, "20500101000000.5Z"))),
    "an offset": (FORM, _changed(ends=_time(GENERALIZED_TIME, "20500101000000+0800"))),
    "no seconds": (FORM, _changed(begins=_time(UTC_TIME, "2501010000Z"))),
    "no seconds and an offset": (FORM, _changed(begins=_time(UTC_TIME, "2501010000+0800"))),
    "UTCTime with an offset": (FORM, _changed(begins=_time(UTC_TIME, "250101000000+0800"))),
    "local time": (FORM, _changed(begins=_time(UTC_TIME, "250101000000"))),
    "24 o'clock": (FORM, _changed(ends=_time(UTC_TIME, "351231240000Z"))),
    "a leap second": (FORM, _changed(ends=_time(UTC_TIME, "351231235960Z"))),
    "30 February": (FORM, _changed(ends=_time(UTC_TIME, "350230000000Z"))),
    "ends before it begins": ("CERTIFICATE_DATE", _changed(ends=_time(UTC_TIME, "240101000000Z"))),
    "a moment too late": ("CERTIFICATE_DATE", _changed(ends=_time(UTC_TIME, "260112092959Z"))),
    "a moment too early": ("CERTIFICATE_DATE", _changed(begins=_time(UTC_TIME, "260112093001Z"))),
    "IA5String": (SUBJECT, _named(_cn(IA5), _ou())),
    "T61String": (SUBJECT, _named(_cn(T61), _ou())),
    "VisibleString": (SUBJECT, _named(_cn(), _ou(tag=VISIBLE))),
    "NumericString": (SUBJECT, _named(_cn(NUMERIC), _ou())),
    "BMPString": (SUBJECT, _named(_cn(BMP, "utf-16-be"), _ou())),
    "UniversalString": (SUBJECT, _named(_cn(), _ou(tag=UNIVERSAL, encoding="utf-32-be"))),
    "BIT STRING": (SUBJECT, _named(_cn(BIT_STRING), _ou())),
    "CN behind NUL": (SUBJECT, _named(_cn(), _ou("person\x00"))),
    "CN with a line end": (
        SUBJECT,
        lambda scene, plain: replace(plain, subject=subject(scene.person.agent + "\n")),
    ),
    "two CNs": (SUBJECT, _named(_cn(), _cn())),
    "three names": (SUBJECT, _named(_cn(), _ou(), _ou())),
    "an O beside": (SUBJECT, _named(_cn(), _ou(), lambda _: rdn(attribute(ORGANISATION, UTF8, b"o")))),
    "an empty RDN": (SUBJECT, _named(_cn(), lambda _: rdn(), _ou())),
    "one RDN": (
        SUBJECT,
        _named(lambda agent: rdn(attribute(OU, UTF8, b"person"), attribute(CN, UTF8, agent.encode()))),
    ),
    "a node's OU": (SUBJECT, _named(_cn(), _ou("client"))),
    "no subject": (SUBJECT, _named()),
    "compressed point": (
        FORM,
        _keyed(_P256, b"", lambda c: bytes([2 + c[-1] % 2]) + c[:32]),
    ),
    "hybrid point": (FORM, _keyed(_P256, b"", lambda c: bytes([6 + c[-1] % 2]) + c)),
    "a point beside the curve": (FORM, _keyed(_P256, point=lambda c: c[:63] + bytes([c[63] ^ 1]))),
    "the point 0 0": (FORM, _keyed(_P256, point=lambda _: bytes(64))),
    "the point at infinity": (FORM, _keyed(_P256, b"\x00", lambda _: b"")),
    "explicit curve": (FORM, _keyed(tlv(SEQUENCE, oid("1.2.840.10045.2.1"), EXPLICIT_P256))),
    "explicit curve with a seed": (
        FORM,
        _keyed(tlv(SEQUENCE, oid("1.2.840.10045.2.1"), EXPLICIT_P256_WITH_SEED)),
    ),
    "inherited curve": (FORM, _keyed(tlv(SEQUENCE, oid("1.2.840.10045.2.1"), tlv(NULL)))),
    "a key for ECDH": (FORM, _keyed(tlv(SEQUENCE, oid("1.3.132.1.12"), oid("1.2.840.10045.3.1.7")))),
    "issuer in another string type": (
        "CERTIFICATE_ISSUER",
        lambda _, plain: replace(
            plain, issuer=plain.issuer.replace(tlv(UTF8, b"person CA"), tlv(PRINTABLE, b"person CA"))
        ),
    ),
    "issuer in another case": (
        "CERTIFICATE_ISSUER",
        lambda _, plain: replace(plain, issuer=plain.issuer.replace(b"person CA", b"Person CA")),
    ),
    "another organisation's CA": (
        "CERTIFICATE_ISSUER",
        lambda scene, plain: replace(plain, issuer=scene.other.certificate.subject.public_bytes()),
    ),
    "another agent's": (
        "CERTIFICATE_AGENT",
        lambda _, plain: replace(plain, subject=subject(OTHER)),
    ),
}

_AUTHORITY = "2.5.29.35"
_OTHER_NAME = tlv(0xA1, tlv(0x82, b"a.example"))
EXTENSIONS: dict[str, tuple[bytes, ...]] = {
    "one twice": (NO_CA, NO_CA),
    "an unknown one": (extension("1.2.3.4", b"\x05\x00"),),
    "an unknown critical one": (extension("1.2.3.4", b"\x05\x00", critical=CRITICAL),),
    "an unknown one twice": (extension("1.2.3.4", b""), extension("1.2.3.4", b"")),
    "a long OID": (extension("1.2.99999999999999999999", b""),),
    "an OID over 31 bits": (extension("1.2.2147483648", b""),),
    "critical FALSE": (extension("2.5.29.19", tlv(SEQUENCE), critical=tlv(1, b"\x00")),),
    "critical 1": (extension("2.5.29.19", tlv(SEQUENCE), critical=tlv(1, b"\x01")),),
    "cA FALSE written": (extension("2.5.29.19", tlv(SEQUENCE, tlv(1, b"\x00"))),),
    "a CA": (extension("2.5.29.19", tlv(SEQUENCE, tlv(1, b"\xff"))),),
    "path length without CA": (extension("2.5.29.19", tlv(SEQUENCE, tlv(INTEGER, b"\x01"))),),
    "something behind constraints": (extension("2.5.29.19", tlv(SEQUENCE) + b"\x00"),),
    "no usage": (extension("2.5.29.15", tlv(BIT_STRING, b"\x00")),),
    "usage with zero bits behind": (extension("2.5.29.15", tlv(BIT_STRING, b"\x00\x80")),),
    "usage certSign": (extension("2.5.29.15", tlv(BIT_STRING, b"\x02\x84")),),
    "usage encipherOnly": (extension("2.5.29.15", tlv(BIT_STRING, b"\x00\x81")),),
    "usage without signing": (extension("2.5.29.15", tlv(BIT_STRING, b"\x05\x20")),),
    "critical subject key": (extension("2.5.29.14", tlv(OCTET_STRING, b"a"), critical=CRITICAL),),
    "empty subject key": (extension("2.5.29.14", tlv(OCTET_STRING)),),
    "long subject key": (extension("2.5.29.14", tlv(OCTET_STRING, bytes(65))),),
    "critical authority key": (extension(_AUTHORITY, tlv(SEQUENCE, tlv(0x80, b"a")), critical=CRITICAL),),
    "empty authority key": (extension(_AUTHORITY, tlv(SEQUENCE)),),
    "authority key by name": (extension(_AUTHORITY, tlv(SEQUENCE, _OTHER_NAME)),),
    "authority key and name": (
        extension(_AUTHORITY, tlv(SEQUENCE, tlv(0x80, b"a"), _OTHER_NAME, tlv(0x82, b"\x01"))),
    ),
    "authority key and serial": (extension(_AUTHORITY, tlv(SEQUENCE, tlv(0x80, b"a"), tlv(0x82, b"\x01"))),),
    "authority key and more": (extension(_AUTHORITY, tlv(SEQUENCE, tlv(0x80, b"a"), tlv(0x85, b"\x01"))),),
    "bad URI": (extension("2.5.29.17", tlv(SEQUENCE, tlv(0x86, b"http://[::1"))),),
    "a host name": (extension("2.5.29.17", tlv(SEQUENCE, tlv(0x82, b"a.example"))),),
    "x400Address": (extension("2.5.29.17", tlv(SEQUENCE, tlv(0xA3))),),
    "extended usage": (extension("2.5.29.37", tlv(SEQUENCE, oid("1.3.6.1.5.5.7.3.2"))),),
    "empty extended usage": (extension("2.5.29.37", tlv(SEQUENCE)),),
    "policy constraints": (extension("2.5.29.36", tlv(SEQUENCE)),),
    "transparency": (extension("1.3.6.1.4.1.11129.2.4.2", b"junk"),),
    "an attribute of Fabric's CA": (extension("1.2.3.4.5.6.7.8.1", b'{"attrs":{"a":"b"}}'),),
    "no attributes, with a space": (extension("1.2.3.4.5.6.7.8.1", b'{"attrs": {}}'),),
}


def _both(scene: Scene, judge: Judge, der: bytes) -> tuple[list[str], str]:
    """Reasons of Python and refusal of Go for a statement signed under the certificate."""
    person = replace(scene.person, der=der)
    submitted = submission(person, claims_of(person, record=RECORD))
    answer, expected = by_go(scene, judge, [submitted])
    if not answer.code:
        assert answer.anchor == encode_anchor(expected).decode()
    return [reason.code for reason in by_python(scene, submitted)], answer.code


@pytest.mark.parametrize("name", HOLD)
def test_certificates_that_hold(scene: Scene, judge: Judge, name: str) -> None:
    der = HOLD[name](scene, scene.forged()).sign(scene.ca.key)
    assert _both(scene, judge, der) == ([], "")


@pytest.mark.parametrize("name", BROKEN)
def test_certificates_refused(scene: Scene, judge: Judge, name: str) -> None:
    code, make = BROKEN[name]
    reasons, refusal = _both(scene, judge, make(scene, scene.forged()).sign(scene.ca.key))
    # A certificate that has ended is refused for its receipt's due time as well.
    assert (set(reasons) - {"CERTIFICATE_ENDS_BEFORE_DUE"}, refusal) == ({code}, code)


@pytest.mark.parametrize("name", EXTENSIONS)
def test_extensions_refused(scene: Scene, judge: Judge, name: str) -> None:
    der = with_extensions(scene.forged(), *EXTENSIONS[name]).sign(scene.ca.key)
    assert _both(scene, judge, der) == ([FORM], FORM)


def _moment(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("begins", "ends", "refusal"),
    [
        ("2026-01-12T09:30:00Z", "2035-01-01T00:00:00Z", ""),
        ("2025-01-01T00:00:00Z", "2026-01-12T09:30:00Z", ""),
        ("2026-01-12T09:30:01Z", "2035-01-01T00:00:00Z", "CERTIFICATE_ISSUER_DATE"),
        ("2025-01-01T00:00:00Z", "2026-01-12T09:29:59Z", "CERTIFICATE_ISSUER_DATE"),
    ],
)
def test_the_dates_of_the_ca(judge: Judge, begins: str, ends: str, refusal: str) -> None:
    """Accepted is only what ends before its CA, whose dates need then not be looked at again to seal it."""
    scene = make_scene((_moment(begins), _moment(ends)))
    assert _both(scene, judge, scene.person.der) == (["CERTIFICATE_BEYOND_ISSUER"], refusal)
    within = make_scene((_moment("2025-01-01T00:00:00Z"), _moment("2035-01-01T00:00:00Z")))
    assert _both(within, judge, within.person.der) == ([], "")


def test_empty_extensions(scene: Scene, judge: Judge) -> None:
    der = replace(scene.forged(), extensions=tlv(0xA3, tlv(SEQUENCE))).sign(scene.ca.key)
    assert _both(scene, judge, der) == ([FORM], FORM)


def test_lengths_and_what_follows(scene: Scene, judge: Judge) -> None:
    der = scene.person.der
    assert der[:2] == b"\x30\x82"
    for other in (
        der + b"\x00",
        b"\x30\x83\x00" + der[2:],
        b"\x30\x80" + der[4:] + b"\x00\x00",
        b"\x30\x84\x00\x00" + der[2:],
        der[:-1],
        b"\x31" + der[1:],
        b"",
    ):
        assert _both(scene, judge, other) == ([FORM], FORM)


def test_signatures_of_the_ca(scene: Scene, judge: Judge) -> None:
    body = scene.forged().to_be_signed()
    r, s = decode_dss_signature(scene.ca.key.sign(body, SAME_EACH_TIME))
    plain = encode_dss_signature(r, s)
    for signature in (plain, encode_dss_signature(r, P256_ORDER - s)):
        assert _both(scene, judge, wrapped(body, signature)) == ([], "")
    padded = tlv(SEQUENCE, tlv(INTEGER, bytes(3) + r.to_bytes(32, "big")), tlv(INTEGER, b"\x01"))
    for signature in (
        plain + b"\x00",
        b"\x30\x81" + plain[1:],
        plain[:-1],
        padded,
        encode_dss_signature(r + P256_ORDER, s),
        encode_dss_signature(r, s + P256_ORDER),
        encode_dss_signature(0, s),
        encode_dss_signature(r, 0),
        named_key("a stranger").sign(body, SAME_EACH_TIME),
        b"",
    ):
        assert _both(scene, judge, wrapped(body, signature)) == (["CERTIFICATE_ISSUER"], "CERTIFICATE_ISSUER")
    assert wrapped(body, plain).endswith(tlv(BIT_STRING, b"\x00", plain))
    assert ECDSA_SHA256 in wrapped(body, plain)


_EDITS = st.lists(
    st.tuples(
        st.integers(0, 500),
        st.sampled_from(["put", "change", "drop"]),
        st.one_of(st.integers(0, 255), st.sampled_from([0x00, 0x30, 0x7F, 0x80, 0x81, 0x82, 0xA3, 0xFF])),
    ),
    min_size=1,
    max_size=3,
)


def _edited(data: bytes, edits: list[tuple[int, str, int]]) -> bytes:
    for place, what, octet in edits:
        n = place % len(data)
        data = data[:n] + (b"" if what == "drop" else bytes([octet])) + data[n + (what != "put") :]
    return data


@settings(max_examples=600)
@given(edits=_EDITS)
def test_changed_octets(scene: Scene, judge: Judge, edits: list[tuple[int, str, int]]) -> None:
    """In what the CA signs, and in the whole."""
    body = _edited(scene.forged().to_be_signed(), edits)
    resigned = wrapped(body, scene.ca.key.sign(body, SAME_EACH_TIME))
    for der in (resigned, _edited(scene.person.der, edits)):
        reasons, refusal = _both(scene, judge, der)
        assert bool(reasons) == bool(refusal), (reasons, refusal, der.hex())
