"""Certificates made octet by octet, so that each can break one rule and no other."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from network.certificates import Authority, name
from tests.verifier.fabric.forge_keys import SAME_EACH_TIME, named_key

INTEGER, BIT_STRING, OCTET_STRING, NULL, OID = 0x02, 0x03, 0x04, 0x05, 0x06
UTF8, PRINTABLE, NUMERIC, IA5, VISIBLE, BMP, UNIVERSAL, T61 = 0x0C, 0x13, 0x12, 0x16, 0x1A, 0x1E, 0x1C, 0x14
UTC_TIME, GENERALIZED_TIME, SEQUENCE, SET = 0x17, 0x18, 0x30, 0x31


def tlv(tag: int, *parts: bytes) -> bytes:
    """DER: definite length in its shortest form."""
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def oid(dotted: str) -> bytes:
    first, second, *rest = (int(part) for part in dotted.split("."))
    out = b""
    for number in (40 * first + second, *rest):
        octets = [number & 0x7F]
        while number := number >> 7:
            octets.insert(0, 0x80 | number & 0x7F)
        out += bytes(octets)
    return tlv(OID, out)


def attribute(kind: str, tag: int, value: bytes) -> bytes:
    return tlv(SEQUENCE, oid(kind), tlv(tag, value))


def extension(kind: str, value: bytes, *, critical: bytes = b"") -> bytes:
    """`critical`: the octets of the BOOLEAN, none if it is to be absent."""
    return tlv(SEQUENCE, oid(kind), critical, tlv(OCTET_STRING, value))


CN, OU, ORGANISATION = "2.5.4.3", "2.5.4.11", "2.5.4.10"
CRITICAL = tlv(1, b"\xff")
NO_CA = extension("2.5.29.19", tlv(SEQUENCE), critical=CRITICAL)
USAGE = extension("2.5.29.15", tlv(BIT_STRING, b"\x07\x80"), critical=CRITICAL)
SUBJECT_KEY = extension("2.5.29.14", tlv(OCTET_STRING, bytes(20)))
AUTHORITY_KEY = extension("2.5.29.35", tlv(SEQUENCE, tlv(0x80, bytes(20))))
ECDSA_SHA256 = tlv(SEQUENCE, oid("1.2.840.10045.4.3.2"))


def rdn(*attributes: bytes) -> bytes:
    return tlv(SET, *attributes)


def subject(agent: str, role: str = "person", tag: int = UTF8) -> bytes:
    return tlv(SEQUENCE, rdn(attribute(CN, tag, agent.encode())), rdn(attribute(OU, tag, role.encode())))


def key_info(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@dataclass(frozen=True)
class Forged:
    """The parts of a certificate, each in DER. `unique`: issuerUniqueID and subjectUniqueID."""

    issuer: bytes
    subject: bytes
    key: bytes
    version: bytes = tlv(0xA0, tlv(INTEGER, b"\x02"))
    serial: bytes = tlv(INTEGER, b"\x05")
    algorithm: bytes = ECDSA_SHA256
    outer_algorithm: bytes | None = None
    begins: bytes = tlv(UTC_TIME, b"250101000000Z")
    ends: bytes = tlv(UTC_TIME, b"350101000000Z")
    unique: bytes = b""
    extensions: bytes = tlv(0xA3, tlv(SEQUENCE, NO_CA, USAGE, SUBJECT_KEY, AUTHORITY_KEY))
    unused_bits: int = 0
    behind: bytes = b""

    def to_be_signed(self) -> bytes:
        validity = tlv(SEQUENCE, self.begins, self.ends)
        head = (self.version, self.serial, self.algorithm, self.issuer, validity)
        return tlv(SEQUENCE, *head, self.subject, self.key, self.unique, self.extensions)

    def sign(self, key: ec.EllipticCurvePrivateKey) -> bytes:
        body = self.to_be_signed()
        signature = key.sign(body, SAME_EACH_TIME)
        parts = (tlv(BIT_STRING, bytes([self.unused_bits]), signature), self.behind)
        return tlv(SEQUENCE, body, self.outer_algorithm or self.algorithm, *parts)


def wrapped(body: bytes, signature: bytes) -> bytes:
    """The certificate of this body with any signature."""
    return tlv(SEQUENCE, body, ECDSA_SHA256, tlv(BIT_STRING, b"\x00", signature))


def with_extensions(plain: Forged, *extensions: bytes) -> Forged:
    return replace(plain, extensions=tlv(0xA3, tlv(SEQUENCE, *extensions)) if extensions else b"")


def authority(organisation: str, begins: datetime.datetime, ends: datetime.datetime) -> Authority:
    """A person CA that is in date just then."""
    key = named_key("person CA", organisation)
    subject = name((NameOID.ORGANIZATION_NAME, organisation), (NameOID.COMMON_NAME, "person CA"))
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), 4)
    builder = builder.not_valid_before(begins).not_valid_after(ends)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return Authority(builder.sign(key, SHA256(), ecdsa_deterministic=True), key)


def name_of(ca: x509.Certificate) -> bytes:
    return ca.subject.public_bytes()
