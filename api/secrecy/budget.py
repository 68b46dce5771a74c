"""How much of one file is unpacked at most, so that a small file cannot become a large one in memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

MOST_UNPACKED = 32 << 20
# Of one part at a time: what is held in memory.
MOST_PART = 8 << 20
MOST_PARTS = 4096


@dataclass
class Budget:
    """`spent`: something was left unread, for size, encryption or damage."""

    octets: int = MOST_UNPACKED
    parts: int = MOST_PARTS
    spent: bool = False

    def part(self) -> int:
        """How many octets of the next part may be read; 0 if it is left unread."""
        allowed = min(self.octets, MOST_PART) if self.parts > 0 else 0
        self.parts -= 1
        if allowed <= 0:
            self.spent = True
        return max(allowed, 0)

    def took(self, octets: int) -> None:
        self.octets -= octets

    def left_unread(self) -> None:
        self.spent = True


def inflate(data: bytes, budget: Budget) -> bytes:
    """A zlib stream as far as the budget goes; what is damaged or cut is read up to there."""
    allowed = budget.part()
    if not allowed:
        return b""
    found, unpacking = bytearray(), zlib.decompressobj()
    try:
        for piece in _pieces(data):
            found += unpacking.decompress(piece, allowed - len(found))
            if len(found) >= allowed:
                budget.left_unread()
                break
    except zlib.error:
        budget.left_unread()
    budget.took(len(found))
    return bytes(found)


def _pieces(data: bytes, size: int = 1 << 16) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]
