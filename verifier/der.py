"""DER (X.690 section 10) read element by element, as far as a signer's certificate goes.

Libraries for X.509 differ in what they let pass; here, as in the chaincode, nothing is let pass.
"""

from __future__ import annotations

from verifier.errors import EvidenceError

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, OBJECT_IDENTIFIER = 0x01, 0x02, 0x03, 0x04, 0x06
UTF8_STRING, PRINTABLE_STRING, UTC_TIME, GENERALIZED_TIME = 0x0C, 0x13, 0x17, 0x18
SEQUENCE, SET = 0x30, 0x31
# Of a length: up to 16 MiB, twice a batch.
_MOST_LENGTH_OCTETS = 3


class Der:
    """The elements of `data`, one after another. Every method raises EvidenceError CERTIFICATE_FORM."""

    def __init__(self, data: bytes, at: str) -> None:
        self._data, self._at, self._position = data, at, 0

    def refuse(self, expected: str) -> EvidenceError:
        return EvidenceError("CERTIFICATE_FORM", self._at, expected, f"octet {self._position}")

    @property
    def more(self) -> bool:
        return self._position < len(self._data)

    def next_is(self, tag: int) -> bool:
        return self.more and self._data[self._position] == tag

    def content(self, tag: int) -> bytes:
        """Of the next element, which has the tag."""
        if not self.next_is(tag):
            raise self.refuse(f"tag {tag:#04x}")
        start, size = self._length()
        if len(self._data) - start < size:
            raise self.refuse(f"{size} octets")
        self._position = start + size
        return self._data[start : self._position]

    def element(self, tag: int) -> bytes:
        """The next element whole, which has the tag."""
        start = self._position
        self.content(tag)
        return self._data[start : self._position]

    def inner(self, tag: int) -> Der:
        return Der(self.content(tag), self._at)

    def constant(self, expected: bytes, name: str) -> None:
        """Moves past `expected`."""
        if not self._data.startswith(expected, self._position):
            raise self.refuse(name)
        self._position += len(expected)

    def end(self) -> None:
        if self.more:
            raise self.refuse("the end")

    def _length(self) -> tuple[int, int]:
        """Where the content starts, and its size: definite, in the shortest form."""
        octets = self._data[self._position + 1 : self._position + 2 + _MOST_LENGTH_OCTETS]
        if octets and octets[0] < 0x80:
            return self._position + 2, octets[0]
        count = octets[0] & 0x7F if octets else 0
        size = int.from_bytes(octets[1 : 1 + count], "big")
        if not 1 <= count < len(octets) or octets[1] == 0 or size < 0x80:
            raise self.refuse("a length in its shortest form")
        return self._position + 2 + count, size
