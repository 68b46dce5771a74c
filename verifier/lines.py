"""Reading the line-based forms (entry, marker, anchor): UTF-8 lines, each ended by LF, nothing else."""

from __future__ import annotations

from verifier.errors import EvidenceError, found_text
from verifier.shape import HEX32, NUMBER


def split_lines(text: str, first: str, at: str) -> list[str]:
    """The lines after the first, which must be `first`. Raises EvidenceError LINE_FORM."""
    lines = text.split("\n")
    if lines[-1] != "" or len(lines) < 2 or lines[0] != first:
        raise EvidenceError("LINE_FORM", at, f"{first}, lines ended by LF", found_text(lines[0]))
    return lines[1:-1]


def number(text: str, at: str) -> int:
    if not NUMBER.match(text) or int(text) > 2**53 - 1:
        raise EvidenceError("LINE_FORM", at, "a decimal number", found_text(text))
    return int(text)


def hex32(text: str, at: str) -> bytes:
    if not HEX32.match(text):
        raise EvidenceError("LINE_FORM", at, "64 hex digits", found_text(text))
    return bytes.fromhex(text)


def hex32_or_dash(text: str, at: str) -> bytes | None:
    return None if text == "-" else hex32(text, at)


def or_dash(value: bytes | None) -> str:
    return "-" if value is None else value.hex()
