"""Signed notes with one Ed25519 signature (C2SP signed-note), and receipts. docs/formats.md section 10."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from verifier.canonical import base64_bytes, base64_text
from verifier.digests import sha256
from verifier.errors import EvidenceError
from verifier.lines import hex32, split_lines
from verifier.shape import instant

_MARK = "\u2014 "  # C2SP signed-note: each signature line starts with an em dash and a space
RECEIPT_FIRST_LINE = "archive-ledger receipt v1"
MAX_NOTE = 4096


@dataclass(frozen=True)
class Receipt:
    """The ledger's promise to log a statement by `due`."""

    origin: str
    ledger: bytes
    statement: bytes
    accepted_at: str
    due: str


def key_hash(origin: str, key: bytes) -> bytes:
    """C2SP signed-note: the first 4 octets of SHA-256(name || 0x0A || 0x01 || key)."""
    return sha256(origin.encode() + b"\n\x01" + key)[:4]


def note_text(text: str, origin: str, key: bytes, signature: bytes) -> str:
    """The note of `text` (ending in LF) with its signature line."""
    return f"{text}\n{_MARK}{origin} {base64_text(key_hash(origin, key) + signature)}\n"


def open_note(note: str, origin: str, key: bytes, at: str = "note") -> str:
    """The text of a note signed by `key`. Raises EvidenceError NOTE_FORM, NOTE_SIGNATURE."""
    if len(note) > MAX_NOTE:
        raise EvidenceError("NOTE_FORM", at, f"≤ {MAX_NOTE}", str(len(note)))
    text, mark, line = note.rpartition(f"\n{_MARK}")
    name, space, encoded = line.removesuffix("\n").partition(" ")
    if not mark or not text.endswith("\n") or not space or not line.endswith("\n") or name != origin:
        raise EvidenceError("NOTE_FORM", at, f"one signature line of {origin}")
    blob = base64_bytes(encoded, at)
    if len(blob) != 68 or blob[:4] != key_hash(origin, key):
        raise EvidenceError("NOTE_FORM", at, "a signature by the ledger's key")
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(blob[4:], text.encode())
    except InvalidSignature:
        raise EvidenceError("NOTE_SIGNATURE", at) from None
    return text


def receipt_text(receipt: Receipt) -> str:
    lines = [
        RECEIPT_FIRST_LINE,
        receipt.origin,
        receipt.ledger.hex(),
        receipt.statement.hex(),
        receipt.accepted_at,
        receipt.due,
    ]
    return "\n".join(lines) + "\n"


def open_receipt(note: str, origin: str, ledger: bytes, key: bytes, at: str = "receipt") -> Receipt:
    """Raises EvidenceError NOTE_FORM, NOTE_SIGNATURE, LINE_FORM, RECEIPT_LEDGER."""
    lines = split_lines(open_note(note, origin, key, at), RECEIPT_FIRST_LINE, at)
    if len(lines) != 5:
        raise EvidenceError("LINE_FORM", at, "6 lines", str(len(lines) + 1))
    receipt = Receipt(
        origin=lines[0],
        ledger=hex32(lines[1], at),
        statement=hex32(lines[2], at),
        accepted_at=instant(lines[3], at),
        due=instant(lines[4], at),
    )
    if receipt.origin != origin or receipt.ledger != ledger:
        raise EvidenceError("RECEIPT_LEDGER", at, ledger.hex(), receipt.ledger.hex())
    return receipt


def checkpoint_text(origin: str, size: int, root: bytes) -> str:
    """C2SP tlog-checkpoint: origin, size, root."""
    return f"{origin}\n{size}\n{base64_text(root)}\n"
