"""The certificate of a person or service that signs statements. docs/formats.md section 9."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID, SignatureAlgorithmOID

from verifier.digests import sha256
from verifier.errors import EvidenceError, found_text
from verifier.shape import UUID, datetime_of

ROLES = ("person", "registrar", "service")


@dataclass(frozen=True)
class Signer:
    """What a signer's certificate says. `sha256` is of the DER."""

    der: bytes
    sha256: bytes
    agent: str
    role: str
    key: ec.EllipticCurvePublicKey
    not_before: datetime.datetime
    not_after: datetime.datetime
    certificate: x509.Certificate


def read_signer(der: bytes, at: str = "certificate") -> Signer:
    """Raises EvidenceError CERTIFICATE_FORM, CERTIFICATE_SUBJECT."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        key = certificate.public_key()
        subject = [(a.oid, a.value) for a in certificate.subject]
        algorithm = certificate.signature_algorithm_oid
        is_ca = _is_ca(certificate)
    except (ValueError, x509.UnsupportedGeneralNameType, x509.DuplicateExtension) as error:
        raise EvidenceError("CERTIFICATE_FORM", at, found=found_text(str(error))) from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise EvidenceError("CERTIFICATE_FORM", at, "a P-256 key")
    if algorithm != SignatureAlgorithmOID.ECDSA_WITH_SHA256 or is_ca:
        raise EvidenceError("CERTIFICATE_FORM", at, "ecdsa-with-SHA256, not a CA")
    names = {oid: value for oid, value in subject}
    if len(subject) != 2 or set(names) != {NameOID.COMMON_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME}:
        raise EvidenceError("CERTIFICATE_SUBJECT", at, "CN and OU, nothing else", found_text(len(subject)))
    agent, role = str(names[NameOID.COMMON_NAME]), str(names[NameOID.ORGANIZATIONAL_UNIT_NAME])
    if not UUID.match(agent) or role not in ROLES:
        raise EvidenceError("CERTIFICATE_SUBJECT", at, f"uuid, {' '.join(ROLES)}", found_text((agent, role)))
    return Signer(
        der=der,
        sha256=sha256(der),
        agent=agent,
        role=role,
        key=key,
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        certificate=certificate,
    )


def _is_ca(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def check_issuer(signer: Signer, person_cas: Iterable[x509.Certificate], at: str = "certificate") -> None:
    """Raises EvidenceError CERTIFICATE_ISSUER unless one of the organisation's person CAs issued it."""
    for ca in person_cas:
        if issued_by(signer.certificate, ca):
            return
    raise EvidenceError("CERTIFICATE_ISSUER", at, "a person CA of the organisation")


def issued_by(certificate: x509.Certificate, ca: x509.Certificate) -> bool:
    """Issuer name and ECDSA signature, directly under `ca`."""
    try:
        certificate.verify_directly_issued_by(ca)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def check_validity(signer: Signer, instant: str, at: str = "certificate") -> None:
    """Raises EvidenceError CERTIFICATE_DATE unless in date at `instant`."""
    when = datetime_of(instant)
    if not signer.not_before <= when <= signer.not_after:
        span = f"{signer.not_before.isoformat()} … {signer.not_after.isoformat()}"
        raise EvidenceError("CERTIFICATE_DATE", at, span, instant)
