"""Authorities, certificates and signatures of an invented consortium, as Fabric makes them.

The consortium's keys, certificates and signatures are the same in every run: what a test does to the octets
of a forgery, or a sample that it takes of them, meets the same octets each time.
"""

from __future__ import annotations

import datetime
import functools
import hashlib
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
START = datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC)
END = datetime.datetime(2035, 1, 1, tzinfo=datetime.UTC)
# Another makes strangers of the same names: another key of every holder.
SEED = "the consortium"
# RFC 6979: the same signature of the same data.
SAME_EACH_TIME = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)


@dataclass(frozen=True)
class Holder:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def named_key(*names: object) -> ec.EllipticCurvePrivateKey:
    """The same key for the same names in every run."""
    octets = hashlib.sha256(repr((SEED, *names)).encode()).digest()
    return ec.derive_private_key(1 + int.from_bytes(octets) % (P256_ORDER - 1), ec.SECP256R1())


def name(organisation: str | None, common_name: str, units: tuple[str, ...] = ()) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit) for unit in units]
    if organisation is not None:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation))
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def certificate(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    ca: bool,
    start: datetime.datetime = START,
    end: datetime.datetime = END,
    serial: int | None = None,
    algorithm: hashes.SHA256 | hashes.SHA384 | None = None,
) -> Holder:
    public = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    said = repr((subject, issuer, public, start, end, ca)).encode()
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        # 159 bits: a longer number, or one whose highest bit is set, is no serial number.
        .serial_number(serial or 1 + (int.from_bytes(hashlib.sha256(said).digest()[:20]) >> 1))
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .sign(issuer_key, algorithm or hashes.SHA256(), ecdsa_deterministic=True)
    )
    return Holder(built, key)


def authority(
    organisation: str | None, common_name: str, key: ec.EllipticCurvePrivateKey | None = None
) -> Holder:
    key = key or new_key()
    subject = name(organisation, common_name)
    return certificate(subject, key, subject, key, ca=True)


def node(ca: Holder, common_name: str, *units: str, key: ec.EllipticCurvePrivateKey | None = None) -> Holder:
    key = key or new_key()
    return certificate(name(None, common_name, units), key, ca.certificate.subject, ca.key, ca=False)


def revocations(ca: Holder, *serials: int, key: ec.EllipticCurvePrivateKey | None = None) -> bytes:
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(ca.certificate.subject)
        .last_update(START)
        .next_update(END)
    )
    for serial in serials:
        revoked = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(START).build()
        builder = builder.add_revoked_certificate(revoked)
    return builder.sign(key or ca.key, hashes.SHA256(), ecdsa_deterministic=True).public_bytes(Encoding.PEM)


def sign(holder: Holder, data: bytes) -> bytes:
    """DER, low S, as Fabric demands."""
    r, s = decode_dss_signature(holder.key.sign(data, SAME_EACH_TIME))
    return encode_dss_signature(r, min(s, P256_ORDER - s))


def other_s(signature: bytes) -> bytes:
    """The second signature that ECDSA accepts for the same data."""
    r, s = decode_dss_signature(signature)
    return encode_dss_signature(r, P256_ORDER - s)


@dataclass(frozen=True)
class Org:
    msp: str
    title: str
    node_ca: Holder
    person_ca: Holder
    orderer: Holder
    peer: Holder
    peer2: Holder
    client: Holder


def org(msp: str, title: str) -> Org:
    def holder(name: str, *units: str) -> Holder:
        return node(node_ca, name, *units, key=named_key(msp, name))

    node_ca, person_ca = (authority(title, name, named_key(msp, name)) for name in ("node CA", "person CA"))
    return Org(
        msp,
        title,
        node_ca,
        person_ca,
        orderer=holder("orderer0", "orderer"),
        peer=holder("peer0", "peer"),
        peer2=holder("peer1", "peer"),
        client=holder("gateway", "client", "ledger"),
    )


@functools.cache
def orgs() -> tuple[Org, ...]:
    """Four organisations, the same in every test run."""
    titles = ("镇档案馆", "县档案馆", "村委会", "县司法局")
    names = ("TownshipMSP", "CountyMSP", "VillageMSP", "JusticeMSP")
    return tuple(org(msp, title) for msp, title in zip(names, titles, strict=True))
