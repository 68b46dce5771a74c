"""The key of a person or service: made, kept under a passphrase, certified, renewed."""

from __future__ import annotations

import base64
import datetime
import re
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from ledger.durable import create_durably
from verifier.certificate import Signer, read_signer
from verifier.der import SEQUENCE, Der
from verifier.errors import CallerError, EvidenceError, found_text

LEAST_PASSPHRASE = 8  # octets
_LABEL = rb"ENCRYPTED PRIVATE KEY-----"
_ENCRYPTED = re.compile(rb"-----BEGIN " + _LABEL + rb"\s([A-Za-z0-9+/=\s]+)-----END " + _LABEL + rb"\s*")


@dataclass(frozen=True)
class SigningKey:
    """Everything that signing needs. `iss` is the MSP id of the signer's organisation."""

    agent: str
    iss: str
    role: str
    key: ec.EllipticCurvePrivateKey
    certificate_der: bytes
    not_after: datetime.datetime


def create_key(path: Path, passphrase: bytes) -> ec.EllipticCurvePrivateKey:
    """A new P-256 key, kept at `path` as encrypted PKCS8 PEM for the owner only; never over another file.

    Raises CallerError KEY_PASSPHRASE_SHORT, KEY_EXISTS.
    """
    if len(passphrase) < LEAST_PASSPHRASE:
        raise CallerError(
            "KEY_PASSPHRASE_SHORT", expected=f"≥ {LEAST_PASSPHRASE}", found=str(len(passphrase))
        )
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase))
    try:
        create_durably(path, pem)
    except FileExistsError:
        raise CallerError("KEY_EXISTS", str(path)) from None
    return key


def load_key(path: Path, passphrase: bytes) -> ec.EllipticCurvePrivateKey:
    """Raises CallerError KEY_ABSENT, KEY_PASSPHRASE, KEY_FORM."""
    try:
        pem = path.read_bytes()
    except FileNotFoundError:
        raise CallerError("KEY_ABSENT", str(path)) from None
    try:
        key = load_pem_private_key(pem, passphrase)
    except TypeError as error:
        raise CallerError("KEY_FORM", str(path), "an encrypted key") from error
    except ValueError as error:
        raise CallerError("KEY_PASSPHRASE" if _encrypted(pem) else "KEY_FORM", str(path)) from error
    except UnsupportedAlgorithm as error:
        raise CallerError("KEY_FORM", str(path), "PKCS8 PEM") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise CallerError("KEY_FORM", str(path), "a P-256 key", type(key).__name__)
    return key


def _encrypted(pem: bytes) -> bool:
    """Whether this is a whole EncryptedPrivateKeyInfo: then only its passphrase can be wrong.

    What OpenSSL says is no guide: under one wrong passphrase in some 256 the padding happens to be right, and
    it is the octets found that it cannot read.
    """
    found = _ENCRYPTED.fullmatch(pem)
    try:
        outer = Der(base64.b64decode(found[1]) if found else b"", "")
        outer.element(SEQUENCE)
        outer.end()
    except (ValueError, EvidenceError):
        return False
    return True


def certificate_request(key: ec.EllipticCurvePrivateKey, agent: str) -> bytes:
    """A certificate request (PEM). The CA takes the public key from it and nothing else."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, agent)])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, SHA256())
    return request.public_bytes(Encoding.PEM)


def load_signing_key(key_path: Path, certificate_path: Path, passphrase: bytes, iss: str) -> SigningKey:
    """Raises CallerError: those of `load_key` and `read_certificate`, KEY_CERTIFICATE (another key's)."""
    key = load_key(key_path, passphrase)
    signer = read_certificate(certificate_path)
    if public_octets(signer.key) != public_octets(key.public_key()):
        raise CallerError("KEY_CERTIFICATE", str(certificate_path), "a certificate of this key")
    return SigningKey(
        agent=signer.agent,
        iss=iss,
        role=signer.role,
        key=key,
        certificate_der=signer.der,
        not_after=signer.not_after,
    )


def read_certificate(path: Path) -> Signer:
    """The certificate in a PEM file. Raises CallerError CERTIFICATE_ABSENT, CERTIFICATE_UNREADABLE."""
    try:
        return certificate_of(path.read_bytes(), str(path))
    except FileNotFoundError:
        raise CallerError("CERTIFICATE_ABSENT", str(path)) from None


def certificate_of(pem: bytes, at: str) -> Signer:
    """Raises CallerError CERTIFICATE_UNREADABLE."""
    try:
        return read_signer(x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER), at)
    except (ValueError, x509.InvalidVersion, EvidenceError) as error:
        raise CallerError("CERTIFICATE_UNREADABLE", at, found=found_text(str(error))) from error


def public_octets(key: ec.EllipticCurvePublicKey) -> bytes:
    """The uncompressed point, to compare keys by."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
