"""Certificates octet by octet: wherever something stands beside or behind, the form is not the one form.

How the chaincode judges certificates is compared in `tests/differential`; this needs no other judge.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.differential.forge_certificate import (
    AUTHORITY_KEY,
    BIT_STRING,
    CN,
    CRITICAL,
    GENERALIZED_TIME,
    INTEGER,
    NO_CA,
    NULL,
    OCTET_STRING,
    OU,
    SEQUENCE,
    SUBJECT_KEY,
    USAGE,
    UTC_TIME,
    UTF8,
    Forged,
    attribute,
    extension,
    key_info,
    oid,
    rdn,
    subject,
    tlv,
    with_extensions,
)
from tests.verifier.fabric.forge_keys import new_key
from tests.verifier.forge_people import identifier
from verifier.certificate import read_signer
from verifier.errors import EvidenceError

KEY = new_key()
AGENT = identifier("clerk")
ISSUER = tlv(SEQUENCE, rdn(attribute(CN, UTF8, b"person CA")))
PLAIN = Forged(issuer=ISSUER, subject=subject(AGENT), key=key_info(KEY))
FORM, SUBJECT = "CERTIFICATE_FORM", "CERTIFICATE_SUBJECT"
STRAY = tlv(NULL)


def _code(der: bytes) -> str:
    with pytest.raises(EvidenceError) as refused:
        read_signer(der)
    return refused.value.code


def _plain(**parts: bytes) -> bytes:
    return replace(PLAIN, **parts).sign(KEY)  # type: ignore[arg-type]  # parts of Forged


def _extensions(*each: bytes) -> bytes:
    return with_extensions(PLAIN, *each).sign(KEY)


def _names(*relatives: bytes) -> bytes:
    return _plain(subject=tlv(SEQUENCE, *relatives))


def test_read() -> None:
    signer = read_signer(_plain())
    assert (signer.agent, signer.role) == (AGENT, "person")


COMMON_NAME, UNIT = attribute(CN, UTF8, AGENT.encode()), attribute(OU, UTF8, b"person")
BESIDE: dict[str, tuple[bytes, str]] = {
    "behind the whole": (_plain() + STRAY, FORM),
    "behind the signature": (_plain(behind=STRAY), FORM),
    "behind the two times": (_plain(ends=PLAIN.ends + STRAY), FORM),
    "behind the extensions": (_plain(extensions=PLAIN.extensions + STRAY), FORM),
    "behind the list of extensions": (
        _plain(extensions=tlv(0xA3, tlv(SEQUENCE, NO_CA, USAGE), STRAY)),
        FORM,
    ),
    "in an extension, behind its value": (
        _extensions(tlv(SEQUENCE, oid("2.5.29.19"), tlv(OCTET_STRING, tlv(SEQUENCE)), STRAY)),
        FORM,
    ),
    "in a value, behind the subject's key": (
        _extensions(extension("2.5.29.14", tlv(OCTET_STRING, b"a") + STRAY)),
        FORM,
    ),
    "in a value, behind the authority's key": (
        _extensions(extension("2.5.29.35", tlv(SEQUENCE, tlv(0x80, b"a")) + STRAY)),
        FORM,
    ),
    "beside the authority's key": (
        _extensions(extension("2.5.29.35", tlv(SEQUENCE, tlv(0x80, b"a"), STRAY))),
        FORM,
    ),
    "beside an attribute in its RDN": (_names(rdn(COMMON_NAME, STRAY), rdn(UNIT)), SUBJECT),
    "a second attribute in an RDN": (_names(rdn(COMMON_NAME, UNIT), rdn(UNIT)), SUBJECT),
    "in an attribute, behind its text": (
        _names(rdn(tlv(SEQUENCE, oid(CN), tlv(UTF8, AGENT.encode()), STRAY)), rdn(UNIT)),
        SUBJECT,
    ),
    "a third RDN": (_names(rdn(COMMON_NAME), rdn(UNIT), rdn(UNIT)), SUBJECT),
    "no extensions in the list": (_plain(extensions=tlv(0xA3, tlv(SEQUENCE))), FORM),
    "the same extension twice": (_extensions(SUBJECT_KEY, SUBJECT_KEY), FORM),
    "constraints as an authority's key": (
        _extensions(extension("2.5.29.35", tlv(SEQUENCE))),
        FORM,
    ),
    "a key identifier as constraints": (
        _extensions(extension("2.5.29.19", tlv(OCTET_STRING, b"a")), AUTHORITY_KEY),
        FORM,
    ),
}


@pytest.mark.parametrize("name", BESIDE)
def test_something_beside(name: str) -> None:
    der, code = BESIDE[name]
    assert _code(der) == code


ODD = {
    "serial number 0": _plain(serial=tlv(INTEGER, b"\x00")),
    "a negative serial number": _plain(serial=tlv(INTEGER, b"\x80")),
    "no serial number": _plain(serial=tlv(INTEGER)),
    "a padded serial number": _plain(serial=tlv(INTEGER, b"\x00\x7f")),
    "a serial number of 21 octets": _plain(serial=tlv(INTEGER, b"\x01" * 21)),
    "a serial number that is no number": _plain(serial=tlv(OCTET_STRING, b"\x05")),
    "a key for something else": _plain(key=PLAIN.key.replace(b"\x3d\x02\x01", b"\x3d\x02\x02", 1)),
    "a point beside the curve": _plain(key=PLAIN.key[:-1] + bytes([PLAIN.key[-1] ^ 1])),
    "an empty key identifier": _extensions(extension("2.5.29.14", tlv(OCTET_STRING))),
    "a key identifier of 65 octets": _extensions(extension("2.5.29.14", tlv(OCTET_STRING, bytes(65)))),
    "a critical key identifier": _extensions(
        extension("2.5.29.14", tlv(OCTET_STRING, b"a"), critical=CRITICAL)
    ),
    "constraints of a CA": _extensions(extension("2.5.29.19", tlv(SEQUENCE, CRITICAL))),
    "usage without signing": _extensions(extension("2.5.29.15", tlv(BIT_STRING, b"\x05\x20"))),
    "an extension nobody knows": _extensions(extension("1.2.3.4", b"")),
    "an attribute of Fabric's CA": _extensions(extension("1.2.3.4.5.6.7.8.1", b'{"attrs":{"a":"b"}}')),
}
EVEN = {
    "a serial number of 20 octets": _plain(serial=tlv(INTEGER, b"\x7f" * 20)),
    "a serial number with its sign octet": _plain(serial=tlv(INTEGER, b"\x00\x80")),
    "a key identifier of 64 octets": _extensions(extension("2.5.29.14", tlv(OCTET_STRING, bytes(64)))),
    "no attributes of Fabric's CA": _extensions(extension("1.2.3.4.5.6.7.8.1", b'{"attrs":{}}')),
    "a key identifier of one": _extensions(extension("2.5.29.35", tlv(SEQUENCE, tlv(0x80, b"a")))),
    "from 1950": _plain(begins=tlv(UTC_TIME, b"500101000000Z")),
    "to the last second of 2049": _plain(ends=tlv(UTC_TIME, b"491231235959Z")),
    "to the first of 2050": _plain(ends=tlv(GENERALIZED_TIME, b"20500101000000Z")),
}


@pytest.mark.parametrize("name", ODD)
def test_odd(name: str) -> None:
    assert _code(ODD[name]) == FORM


@pytest.mark.parametrize("name", EVEN)
def test_at_the_limit_of_what_is_read(name: str) -> None:
    assert read_signer(EVEN[name]).agent == AGENT


def test_years_are_told_apart() -> None:
    signer = read_signer(EVEN["from 1950"])
    assert (signer.not_before.year, signer.not_after.year) == (1950, 2035)


def _utc(text: str) -> bytes:
    return tlv(UTC_TIME, text.encode())


TIMES = {
    "no Z": _utc("350101000000"),
    "another letter": _utc("350101000000A"),
    "a Z too early": _utc("3501010000Z00"),
    "a blank before": _utc(" 50101000000Z"),
    "a year 2049 in four digits": tlv(GENERALIZED_TIME, b"20491231235959Z"),
    "a year 2050 with a fraction": tlv(GENERALIZED_TIME, b"20500101000000.0Z"),
    "two digits for a year beyond 2049": tlv(GENERALIZED_TIME, b"500101000000Z"),
    "four digits where two are due": _utc("20350101000000Z"),
    "the thirteenth month": _utc("351301000000Z"),
    "text": _utc("person CA ...Z"),
}


@pytest.mark.parametrize("name", TIMES)
def test_times(name: str) -> None:
    assert _code(_plain(ends=TIMES[name])) == FORM


def _long(size: bytes) -> Callable[[bytes], bytes]:
    """The certificate with the length of its outermost element written so."""
    return lambda der: der[:1] + size + der[4:]


def test_lengths() -> None:
    der = _plain()
    assert der[:2] == b"\x30\x82", "two octets of length, for which the other spellings stand"
    size = der[2:4]
    assert _long(b"\x82" + size)(der) == der
    for spelled in (
        b"\x83\x00" + size,
        b"\x84\x00\x00" + size,
        b"\x80",
        b"\xff" + size,
        b"\x81" + size[1:],
        b"",
    ):
        assert _code(_long(spelled)(der)) == FORM, spelled.hex()
    assert _code(_plain(serial=b"\x02\x81\x01\x05")) == FORM, "a short content in the long form"
    for cut in (1, 2, 3, 4, 5, len(der) // 2, len(der) - 1):
        assert _code(der[:cut]) == FORM, cut


def test_unused_bits() -> None:
    assert _code(replace(PLAIN, unused_bits=1).sign(KEY)) == FORM
    body = PLAIN.to_be_signed()
    assert _code(tlv(SEQUENCE, body, PLAIN.algorithm, tlv(BIT_STRING))) == FORM
