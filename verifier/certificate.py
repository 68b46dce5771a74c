"""The certificate of a person or service that signs statements. docs/formats.md section 9."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from verifier.certificate_form import CertificateForm, read_form, subject_of
from verifier.digests import sha256
from verifier.errors import EvidenceError, found_text
from verifier.shape import UUID, datetime_of

ROLES = ("person", "registrar", "service")
# RFC 5480: id-ecPublicKey on prime256v1, before the uncompressed point.
_P256_KEY = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")


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
    form: CertificateForm

    @functools.cached_property
    def key_sha256(self) -> bytes:
        """SHA-256 of the SubjectPublicKeyInfo, by which a key is enrolled."""
        return sha256(_P256_KEY + self.form.point)


def read_signer(der: bytes, at: str = "certificate") -> Signer:
    """Raises EvidenceError CERTIFICATE_FORM, CERTIFICATE_SUBJECT."""
    form = read_form(der, at)
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), form.point)
    except ValueError:
        raise EvidenceError("CERTIFICATE_FORM", at, "a point of P-256") from None
    agent, role = form.common_name, form.unit
    if not UUID.match(agent) or role not in ROLES:
        raise EvidenceError("CERTIFICATE_SUBJECT", at, f"uuid, {' '.join(ROLES)}", found_text((agent, role)))
    return Signer(
        der=der,
        sha256=sha256(der),
        agent=agent,
        role=role,
        key=key,
        not_before=datetime_of(form.not_before),
        not_after=datetime_of(form.not_after),
        form=form,
    )


def check_issuer(
    signer: Signer, person_cas: Iterable[x509.Certificate], at: str = "certificate", when: str | None = None
) -> None:
    """One of the organisation's person CAs issued it and, if an instant is given, was then in date itself.

    An expired CA's key may have been let go: what it signs after that date is nobody's word.
    Raises EvidenceError CERTIFICATE_ISSUER, CERTIFICATE_ISSUER_DATE.
    """
    issuing = issuer_of(signer, person_cas)
    if issuing is None:
        raise EvidenceError("CERTIFICATE_ISSUER", at, "a person CA of the organisation")
    first, last = issuing.not_valid_before_utc, issuing.not_valid_after_utc
    if when is not None and not first <= datetime_of(when) <= last:
        span = f"{first.isoformat()} … {last.isoformat()}"
        raise EvidenceError("CERTIFICATE_ISSUER_DATE", at, span, when)


def issuer_of(signer: Signer, person_cas: Iterable[x509.Certificate]) -> x509.Certificate | None:
    """No two CAs have one key, so there is no choice."""
    return next((ca for ca in person_cas if _issued(signer.form, ca)), None)


def _issued(form: CertificateForm, ca: x509.Certificate) -> bool:
    """Directly: the issuer is the CA's subject, octet for octet, and the CA's key made the signature."""
    key = ca.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or form.issuer != subject_of(
        ca.tbs_certificate_bytes, "ca"
    ):
        return False
    try:
        key.verify(form.signature, form.body, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


# Of the same few certificates it is asked for each configuration, and for each signature of a node.
@functools.lru_cache(maxsize=256)
def issued_by(certificate: x509.Certificate, ca: x509.Certificate) -> bool:
    """Issuer name and ECDSA signature, directly under `ca`."""
    try:
        certificate.verify_directly_issued_by(ca)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def check_validity(signer: Signer, instant: str, at: str = "certificate") -> None:
    """Raises EvidenceError CERTIFICATE_DATE unless in date at `instant`."""
    first, last = signer.form.not_before, signer.form.not_after
    if not first <= instant <= last:
        raise EvidenceError("CERTIFICATE_DATE", at, f"{first} … {last}", instant)
