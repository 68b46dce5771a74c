"""Anchors: what a batch leaves on Fabric, and the keys it stands under. docs/formats.md section 7."""

from __future__ import annotations

from dataclasses import dataclass

from verifier.digests import Digests, sha256
from verifier.errors import EvidenceError
from verifier.lines import hex32, hex32_or_dash, number, or_dash, split_lines
from verifier.shape import instant

FIRST_LINE = "archive-ledger anchor v1"


@dataclass(frozen=True)
class Anchor:
    ledger: bytes
    batch: int
    size: int
    roots: Digests
    last_recorded_at: str | None
    previous: bytes | None
    txid: bytes
    time: str


def ledger_id(origin: str, checkpoint_key: bytes) -> bytes:
    """`checkpoint_key`: 32 octets of an Ed25519 public key."""
    return sha256(f"archive-ledger ledger v1\n{origin}\n{checkpoint_key.hex()}\n".encode())


def anchor_key(ledger: bytes, batch: int) -> str:
    return f"anchor/{ledger.hex()}/{batch}"


def head_key(ledger: bytes) -> str:
    return f"head/{ledger.hex()}"


def ledger_key(ledger: bytes) -> str:
    return f"ledger/{ledger.hex()}"


def absent(key: str) -> bytes:
    """What the chaincode answers for a key that has no value."""
    return f"archive-ledger absent v1\n{key}\n".encode()


def encode_anchor(anchor: Anchor) -> bytes:
    lines = [
        FIRST_LINE,
        anchor.ledger.hex(),
        str(anchor.batch),
        str(anchor.size),
        anchor.roots.sha256.hex(),
        anchor.roots.sm3.hex(),
        anchor.last_recorded_at or "-",
        or_dash(anchor.previous),
        anchor.txid.hex(),
        anchor.time,
    ]
    return ("\n".join(lines) + "\n").encode()


def anchor_digest(data: bytes) -> bytes:
    """SHA-256 of the anchor's exact bytes, as the next batch's marker names it."""
    return sha256(data)


def parse_anchor(data: bytes, at: str = "anchor") -> Anchor:
    """Raises EvidenceError LINE_FORM, ANCHOR_PREVIOUS."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise EvidenceError("LINE_FORM", at, "UTF-8") from None
    lines = split_lines(text, FIRST_LINE, at)
    if len(lines) != 9:
        raise EvidenceError("LINE_FORM", at, "10 lines", str(len(lines) + 1))
    anchor = Anchor(
        ledger=hex32(lines[0], at),
        batch=number(lines[1], at),
        size=number(lines[2], at),
        roots=Digests(hex32(lines[3], at), hex32(lines[4], at)),
        last_recorded_at=None if lines[5] == "-" else instant(lines[5], at),
        previous=hex32_or_dash(lines[6], at),
        txid=hex32(lines[7], at),
        time=instant(lines[8], at),
    )
    if (anchor.batch == 0) != (anchor.previous is None):
        raise EvidenceError("ANCHOR_PREVIOUS", at, "no anchor before exactly in batch 0", str(anchor.batch))
    if encode_anchor(anchor) != data:
        raise EvidenceError("LINE_FORM", at, "the one canonical encoding")
    return anchor
