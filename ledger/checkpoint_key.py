"""The ledger's own Ed25519 key: signs receipts and checkpoints; its public half makes the ledger's id."""

from __future__ import annotations

from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from ledger.durable import write_durably
from ledger.paths import LedgerPaths
from verifier.canonical import hex_bytes
from verifier.errors import EvidenceError, LedgerError


def create_checkpoint_key(path: Path) -> None:
    """PKCS8 PEM, for the owner only. Not encrypted: the service must start by itself."""
    key = Ed25519PrivateKey.generate()
    write_durably(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), 0o600)


def keep_public_key(path: Path, public: bytes) -> None:
    """The public half alone, hex, of a key that is lost."""
    write_durably(path, public.hex().encode() + b"\n")


def load_keys(paths: LedgerPaths) -> tuple[Ed25519PrivateKey | None, bytes]:
    """The key, None if it is lost, and its public half, 32 octets. Raises LedgerError CHECKPOINT_KEY."""
    if not paths.public_key.is_file():
        key = load_checkpoint_key(paths.checkpoint_key.read_bytes(), str(paths.checkpoint_key))
        return key, key.public_key().public_bytes_raw()
    found = paths.public_key.read_text(errors="replace").removesuffix("\n")
    try:
        return None, hex_bytes(found, 32, "checkpoint.pub")
    except EvidenceError as error:
        raise LedgerError("CHECKPOINT_KEY", str(paths.public_key), error.expected, error.found) from error


def load_checkpoint_key(data: bytes, at: str) -> Ed25519PrivateKey:
    """Raises LedgerError CHECKPOINT_KEY."""
    try:
        key = load_pem_private_key(data, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise LedgerError("CHECKPOINT_KEY", at, "PKCS8 PEM") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise LedgerError("CHECKPOINT_KEY", at, "an Ed25519 key", type(key).__name__)
    return key
