"""Batch markers: the first leaf of each batch names the anchor before it. docs/formats.md section 6."""

from __future__ import annotations

from dataclasses import dataclass

from verifier.errors import EvidenceError
from verifier.lines import hex32, hex32_or_dash, number, split_lines
from verifier.shape import instant

FIRST_LINE = "archive-ledger batch v1"


@dataclass(frozen=True)
class PreviousAnchor:
    digest: bytes
    time: str
    txid: bytes


@dataclass(frozen=True)
class Marker:
    index: int
    ledger: bytes
    batch: int
    previous: PreviousAnchor | None


def encode_marker(marker: Marker) -> str:
    p = marker.previous
    lines = [FIRST_LINE, str(marker.index), marker.ledger.hex(), str(marker.batch)]
    lines += [p.digest.hex(), p.time, p.txid.hex()] if p else ["-", "-", "-"]
    return "\n".join(lines) + "\n"


def parse_marker(text: str, at: str = "marker") -> Marker:
    """Raises EvidenceError LINE_FORM, MARKER_PREVIOUS."""
    lines = split_lines(text, FIRST_LINE, at)
    if len(lines) != 6:
        raise EvidenceError("LINE_FORM", at, "7 lines", str(len(lines) + 1))
    batch = number(lines[2], at)
    digest, txid = hex32_or_dash(lines[3], at), hex32_or_dash(lines[5], at)
    previous = None
    if digest is not None and txid is not None:
        previous = PreviousAnchor(digest, instant(lines[4], at), txid)
    if (batch == 0) != (previous is None):
        raise EvidenceError("MARKER_PREVIOUS", at, "no anchor before exactly in batch 0", str(batch))
    marker = Marker(number(lines[0], at), hex32(lines[1], at), batch, previous)
    if encode_marker(marker) != text:
        raise EvidenceError("LINE_FORM", at, "the one canonical encoding")
    return marker
