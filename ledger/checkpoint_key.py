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
from verifier.errors import LedgerError


def create_checkpoint_key(path: Path) -> None:
    """PKCS8 PEM, for the owner only. Not encrypted: the service must start by itself."""
    key = Ed25519PrivateKey.generate()
    write_durably(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), 0o600)


def load_checkpoint_key(path: Path) -> Ed25519PrivateKey:
    """Raises LedgerError CHECKPOINT_KEY."""
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise LedgerError("CHECKPOINT_KEY", str(path), "PKCS8 PEM") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise LedgerError("CHECKPOINT_KEY", str(path), "an Ed25519 key", type(key).__name__)
    return key
