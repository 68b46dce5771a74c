"""An envelope that only the named keys open: disclosures of a sealed inquiry. docs/adr/0017.

Canonical JSON. The content is under AES-256-GCM with a key of its own; that key is wrapped for each recipient
under a key agreed upon (ECDH on P-256 with a fresh key, HKDF-SHA256), both bound to the statement's digest.
The content is padded, so that its length tells nothing of a name or a number.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ledger.keys import public_octets
from verifier.canonical import Json, base64_bytes, base64_text, encode, parse
from verifier.certificate import Signer
from verifier.errors import CallerError, EvidenceError
from verifier.shape import UUID, members

VERSION = "archive-ledger sealed v1"
# Of the plain octets: whatever is shorter looks as long as this.
_STEP = 8192
_NONCE = 12
MOST_RECIPIENTS = 100
MAX_ENVELOPE = 4 << 20


@dataclass(frozen=True)
class Recipient:
    """`key_sha256`: of the key's SubjectPublicKeyInfo, 32 octets."""

    agent: str
    key_sha256: bytes


def seal_envelope(statement: bytes, disclosures: Sequence[str], recipients: Sequence[Signer]) -> bytes:
    """`statement`: SHA-256 of the statement that bears the disclosures."""
    key = AESGCM.generate_key(256)
    plain = encode([*sorted(disclosures)])
    padded = plain + b" " * (-len(plain) % _STEP)
    value: dict[str, Json] = {
        "content": base64_text(_encrypt(key, padded, statement)),
        "recipients": [_wrapped(key, statement, one) for one in _in_order(recipients)],
        "statement": statement.hex(),
        "version": VERSION,
    }
    return encode(value)


def recipients_of(envelope: bytes) -> tuple[Recipient, ...]:
    """Who can open it."""
    m = members(parse(envelope, "envelope"), "envelope", ("content", "recipients", "statement", "version"))
    found = (
        members(one, at, ("agent", "ephemeral", "key", "wrapped"))
        for at, one in m.objects("recipients", MOST_RECIPIENTS, 1)
    )
    return tuple(Recipient(one.text("agent", UUID), one.hex32("key")) for one in found)


def open_envelope(
    envelope: bytes, statement: bytes, key: ec.EllipticCurvePrivateKey, key_sha256: bytes
) -> tuple[str, ...]:
    """The disclosures. Raises CallerError ENVELOPE_NOT_FOR_KEY, ENVELOPE_DAMAGED."""
    try:
        return _open(envelope, statement, key, key_sha256)
    except (EvidenceError, InvalidTag, ValueError) as error:
        raise CallerError("ENVELOPE_DAMAGED", statement.hex()) from error


def _open(
    envelope: bytes, statement: bytes, key: ec.EllipticCurvePrivateKey, key_sha256: bytes
) -> tuple[str, ...]:
    m = members(parse(envelope, "envelope"), "envelope", ("content", "recipients", "statement", "version"))
    m.constant("version", VERSION)
    for at, one in m.objects("recipients", MOST_RECIPIENTS, 1):
        r = members(one, at, ("agent", "ephemeral", "key", "wrapped"))
        if r.hex32("key") != key_sha256:
            continue
        point = base64_bytes(r.text("ephemeral"), at)
        ephemeral = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        wrapping = _agreed(key.exchange(ec.ECDH(), ephemeral), statement, key_sha256)
        content = _decrypt(wrapping, base64_bytes(r.text("wrapped"), at), statement)
        plain = _decrypt(content, base64_bytes(m.text("content"), "content"), statement)
        value = parse(plain.rstrip(b" "), "content")
        if not isinstance(value, list):
            raise ValueError("content")
        return tuple(text for text in value if isinstance(text, str))
    raise CallerError("ENVELOPE_NOT_FOR_KEY", statement.hex(), found=key_sha256.hex())


def _wrapped(key: bytes, statement: bytes, to: Signer) -> dict[str, Json]:
    ephemeral = ec.generate_private_key(ec.SECP256R1())
    wrapping = _agreed(ephemeral.exchange(ec.ECDH(), to.key), statement, to.key_sha256)
    return {
        "agent": to.agent,
        "ephemeral": base64_text(public_octets(ephemeral.public_key())),
        "key": to.key_sha256.hex(),
        "wrapped": base64_text(_encrypt(wrapping, key, statement)),
    }


def _in_order(recipients: Sequence[Signer]) -> list[Signer]:
    return [one for _, one in sorted({signer.key_sha256: signer for signer in recipients}.items())]


def _agreed(secret: bytes, statement: bytes, key_sha256: bytes) -> bytes:
    return HKDF(SHA256(), 32, None, VERSION.encode() + statement + key_sha256).derive(secret)


def _encrypt(key: bytes, plain: bytes, beside: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, beside)


def _decrypt(key: bytes, data: bytes, beside: bytes) -> bytes:
    return AESGCM(key).decrypt(data[:_NONCE], data[_NONCE:], beside)
