"""Node certificates that X.509 libraries choke on are refused by their code, never with a traceback."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from network.certificates import new_key
from tests.differential.forge_certificate import (
    BIT_STRING,
    CN,
    GENERALIZED_TIME,
    INTEGER,
    NO_CA,
    SEQUENCE,
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
from verifier.errors import EvidenceError
from verifier.fabric.certificates import read_certificate

Make = Callable[[Forged], Forged]
_KEY = new_key()

ODD: dict[str, Make] = {
    "version 2": lambda plain: replace(plain, version=tlv(0xA0, tlv(INTEGER, b"\x01"))),
    "version 4": lambda plain: replace(plain, version=tlv(0xA0, tlv(INTEGER, b"\x03"))),
    "year 0": lambda plain: replace(plain, begins=tlv(GENERALIZED_TIME, b"00000101000000Z")),
    "a BIT STRING for a name": lambda plain: replace(
        plain, subject=tlv(SEQUENCE, rdn(attribute(CN, BIT_STRING, b"\x00peer")))
    ),
    "an unknown kind of key": lambda plain: replace(
        plain, key=tlv(SEQUENCE, tlv(SEQUENCE, oid("1.2.3.4")), tlv(BIT_STRING, b"\x00\x04"))
    ),
    "an inherited curve": lambda plain: replace(
        plain,
        key=tlv(SEQUENCE, tlv(SEQUENCE, oid("1.2.840.10045.2.1"), b"\x05\x00"), tlv(BIT_STRING, b"\x00\x04")),
    ),
    "an extension twice": lambda plain: with_extensions(plain, NO_CA, NO_CA),
    "x400Address": lambda plain: with_extensions(plain, extension("2.5.29.17", tlv(SEQUENCE, tlv(0xA3)))),
    "another curve": lambda plain: replace(plain, key=_other_curve()),
}


def _other_curve() -> bytes:
    key = ec.generate_private_key(ec.SECP384R1())
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _pem(der: bytes) -> bytes:
    text = base64.b64encode(der).decode()
    lines = [text[n : n + 64] for n in range(0, len(text), 64)]
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""]).encode()


def _plain() -> Forged:
    return Forged(
        tlv(SEQUENCE, rdn(attribute(CN, 0x0C, b"node CA"))), subject("peer0", "peer"), key_info(_KEY)
    )


def test_the_plain_one_is_read() -> None:
    assert read_certificate(_pem(_plain().sign(_KEY)), "node").version.name == "v3"


@pytest.mark.parametrize("name", ODD)
def test_odd_ones_are_refused(name: str) -> None:
    with pytest.raises(EvidenceError) as refused:
        read_certificate(_pem(ODD[name](_plain()).sign(_KEY)), "node")
    assert refused.value.code == "NODE_CERTIFICATE_FORM"
