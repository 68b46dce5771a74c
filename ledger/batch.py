"""A batch as the chaincode is given it (docs/formats.md section 8), and how much of its cap things take."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from verifier.canonical import Json, base64_text
from verifier.digests import Digests

VERSION = "archive-ledger batch v1"
MAX_BATCH = 8 * 1024 * 1024  # octets
MAX_LINKS = 40_000

# Upper bounds in octets: `"<seq> <leaf hash>",` and everything that does not grow with the statements
# (two frontiers of at most 53 hashes, the marker, names and digits).
LINK_OCTETS = len('"",') + 16 + 1 + 64
FRAME_OCTETS = 16_384
_STATEMENT_FRAME = len('{"recorded_at":"2026-01-12T09:30:00.123Z","statement":""},')
_ITEMS_FRAME = len('"items":[],')
_ITEM_FRAME = len('"",')


@dataclass(frozen=True)
class Frontier:
    """The log before a batch: roots of its complete subtrees, largest first."""

    size: int
    sha256: tuple[bytes, ...]
    sm3: tuple[bytes, ...]


@dataclass(frozen=True)
class BatchStatement:
    recorded_at: str
    statement: bytes
    items: tuple[bytes, ...]


@dataclass(frozen=True)
class EncodedBatch:
    """`data` is what goes to the chaincode; the rest is what its anchor must say.

    `previous_digest` and `previous_time`: of the anchor before, None in batch 0.
    """

    number: int
    data: bytes
    size: int
    roots: Digests
    last_recorded_at: str | None
    previous_digest: bytes | None
    previous_time: str | None

    @property
    def not_before(self) -> str | None:
        """An anchor's time is never before its last entry's, nor before the anchor before it."""
        return max(filter(None, (self.last_recorded_at, self.previous_time)), default=None)


def encode_batch(
    ledger_id: bytes,
    number: int,
    marker: str,
    frontier: Frontier,
    statements: Sequence[BatchStatement],
    links: Sequence[str],
    certificates: Sequence[bytes],
) -> bytes:
    """Canonical JSON. `links`: "<seq> <leaf hash or ->", in log order; `certificates`: by SHA-256."""
    value: dict[str, Json] = {
        "certificates": [base64_text(der) for der in certificates],
        "frontier": {
            "sha256": [h.hex() for h in frontier.sha256],
            "size": frontier.size,
            "sm3": [h.hex() for h in frontier.sm3],
        },
        "ledger": ledger_id.hex(),
        "links": list(links),
        "marker": marker,
        "number": number,
        "statements": [_statement(s) for s in statements],
        "version": VERSION,
    }
    # The names are ASCII and the numbers integers, so this writes what RFC 8785 asks for, and many times
    # faster than `verifier.canonical.encode`; a test holds the two together.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _statement(statement: BatchStatement) -> Json:
    value: dict[str, Json] = {"recorded_at": statement.recorded_at, "statement": statement.statement.decode()}
    if statement.items:
        value["items"] = [item.decode() for item in statement.items]
    return value


def statement_octets(statement: bytes, items: Sequence[bytes]) -> int:
    """Octets that a statement and its items take in the batch, links and certificate apart.

    Exact but for a comma too many at the end of each array.
    """
    octets = _STATEMENT_FRAME + len(statement)
    if items:
        octets += _ITEMS_FRAME + sum(_ITEM_FRAME + _string_octets(item) for item in items)
    return octets


def _string_octets(item: bytes) -> int:
    """Canonical JSON within a JSON string: only its quotes and backslashes are escaped."""
    return len(item) + item.count(b'"') + item.count(b"\\")


def certificate_octets(der: bytes) -> int:
    """As base64 between quotes, with a comma."""
    return 3 + 4 * -(-len(der) // 3)
