"""Signing receipts and checkpoints; `verifier/note.py` opens them. docs/formats.md section 10."""

from __future__ import annotations

from ledger.handle import Ledger
from verifier.errors import LedgerError
from verifier.note import Receipt, checkpoint_text, note_text, receipt_text


def sign_receipt(ledger: Ledger, statement_sha256: bytes, accepted_at: str, due: str) -> str:
    """The signed promise to log the statement by `due`. Raises LedgerError CHECKPOINT_KEY_LOST."""
    receipt = Receipt(ledger.origin, ledger.id, statement_sha256, accepted_at, due)
    return _note(ledger, receipt_text(receipt))


def sign_checkpoint(ledger: Ledger, size: int, sha256_root: bytes) -> str:
    """A C2SP tlog-checkpoint of the log at `size`."""
    return _note(ledger, checkpoint_text(ledger.origin, size, sha256_root))


def _note(ledger: Ledger, text: str) -> str:
    if ledger.checkpoint_key is None:
        raise LedgerError("CHECKPOINT_KEY_LOST", "checkpoint.key", ledger.public_key.hex(), "none")
    signature = ledger.checkpoint_key.sign(text.encode())
    return note_text(text, ledger.origin, ledger.public_key, signature)
