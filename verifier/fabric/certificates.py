"""X.509 on the network: one certificate in PEM, the key it must have, a signature under it.

Fabric writes identities and authorities as PEM and signs with ECDSA P-256, SHA-256, low S.
"""

from __future__ import annotations

import functools

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import SignatureAlgorithmOID

from verifier.certificate import issued_by
from verifier.errors import EvidenceError, found_text

# What reading X.509 raises: none of it may reach a person as a traceback.
UNREADABLE = (
    ValueError,
    TypeError,  # a BIT STRING in a name
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def read_certificate(pem: bytes, at: str) -> x509.Certificate:
    """One certificate with a P-256 key, signed with ecdsa-with-SHA256, in the PEM that Fabric writes.

    PEM readers pass over text around the block; here `pem` must be what the certificate encodes to, so that
    no two texts stand for one identity. Raises EvidenceError NODE_CERTIFICATE_FORM.
    """
    try:
        return _certificate(pem)
    except EvidenceError as error:
        raise EvidenceError(error.code, at, error.expected, error.found) from None


# A configuration holds each CA twice, and evidence the same CAs and nodes again and again.
@functools.lru_cache(maxsize=256)
def _certificate(pem: bytes) -> x509.Certificate:
    at = "certificate"
    try:
        certificate = x509.load_pem_x509_certificate(pem)
        key = certificate.public_key()
        algorithm = certificate.signature_algorithm_oid
        # Parsed only when asked for: asked for here, so that nothing below meets an unreadable part.
        _ = (certificate.extensions, certificate.subject, certificate.issuer, certificate.serial_number)
        _ = (certificate.not_valid_before_utc, certificate.not_valid_after_utc)
    except UNREADABLE as error:
        raise EvidenceError("NODE_CERTIFICATE_FORM", at, found=found_text(str(error))) from None
    if certificate.public_bytes(Encoding.PEM) != pem:
        raise EvidenceError("NODE_CERTIFICATE_FORM", at, "one PEM block, nothing else")
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise EvidenceError("NODE_CERTIFICATE_FORM", at, "a P-256 key")
    if algorithm != SignatureAlgorithmOID.ECDSA_WITH_SHA256:
        raise EvidenceError("NODE_CERTIFICATE_FORM", at, "ecdsa-with-SHA256", algorithm.dotted_string)
    return certificate


def read_authority(pem: bytes, at: str) -> x509.Certificate:
    """A self-signed CA certificate. Raises EvidenceError AUTHORITY_FORM."""
    try:
        certificate = read_certificate(pem, at)
    except EvidenceError as error:
        raise EvidenceError("AUTHORITY_FORM", at, error.expected, error.found) from None
    if not is_authority(certificate) or not issued_by(certificate, certificate):
        raise EvidenceError("AUTHORITY_FORM", at, "a self-signed CA certificate")
    return certificate


def is_authority(certificate: x509.Certificate) -> bool:
    """A CA by its basic constraints, that may sign certificates if its key usage is limited at all."""
    try:
        ca = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
    try:
        return ca and certificate.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    except x509.ExtensionNotFound:
        return ca


def public_key(certificate: x509.Certificate) -> bytes:
    """What tells one key holder from another: certificates can differ for one key."""
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def check_node_signature(certificate: x509.Certificate, signature: bytes, data: bytes, at: str) -> None:
    """`signature`: DER. Raises EvidenceError NODE_SIGNATURE_FORM, NODE_SIGNATURE.

    Fabric refuses a high S but ignores octets after the DER; both forms would be second encodings here.
    """
    try:
        r, s = decode_dss_signature(signature)
    except ValueError:
        raise EvidenceError("NODE_SIGNATURE_FORM", at, "DER SEQUENCE of two INTEGER") from None
    # The library's reader of DER is strict today; this rule does not hang on it.
    if not (0 < r < _P256_ORDER and 0 < s <= _P256_ORDER // 2) or encode_dss_signature(r, s) != signature:
        raise EvidenceError("NODE_SIGNATURE_FORM", at, "0 < r < n, 0 < s ≤ n/2, DER")
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise EvidenceError("NODE_CERTIFICATE_FORM", at, "a P-256 key")
    try:
        key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        expected = found_text(certificate.subject.rfc4514_string())
        raise EvidenceError("NODE_SIGNATURE", at, expected) from None
