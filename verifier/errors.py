"""Exceptions, a tree by who is at fault. Each carries a reason code and the facts; texts are data."""

from __future__ import annotations


class ArchiveError(Exception):
    """Base of everything that this project raises on purpose.

    `code` is a reason code in `data/reasons.json`; `at` says where, `expected` and `found` what differs.
    """

    def __init__(self, code: str, at: str = "", expected: str = "", found: str = "") -> None:
        super().__init__(code, at, expected, found)
        self.code = code
        self.at = at
        self.expected = expected
        self.found = found

    def __str__(self) -> str:
        parts = [self.code]
        parts += [f"at {self.at}"] if self.at else []
        parts += [f"expected {self.expected}"] if self.expected else []
        parts += [f"found {self.found}"] if self.found else []
        return "; ".join(parts)


class CallerError(ArchiveError):
    """The person or program that asked must change the request."""


class LedgerError(ArchiveError):
    """The ledger's own store does not hold what it must, or may not go on."""


class ChainError(ArchiveError):
    """The Fabric network refused, disagrees, or does not answer."""


class EvidenceError(ArchiveError):
    """Bytes offered as evidence break a rule of docs/formats.md."""


def found_text(value: object, limit: int = 80) -> str:
    """A short, printable form of a value that was found where another was expected."""
    text = value if isinstance(value, str) else repr(value)
    text = "".join(ch if ch.isprintable() else "�" for ch in text[: limit + 1])
    return text if len(text) <= limit else text[:limit] + "…"
