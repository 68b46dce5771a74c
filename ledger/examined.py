"""What of a submission is kept, once nothing is wrong with it: rows, as plain tuples, which are small and
quickly handed from one process to another.

The rows lack what only the store knows: the statement's key, and what its receipt promises. Their values
stand in the order of the tables' columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeAlias

from ledger.people_trails import PeopleAct
from verifier.disclosure import Disclosure
from verifier.statement import Seen
from verifier.trail import Trail

_LOOKED_UP = 200  # characters; longer texts are not searched for

StatementRow: TypeAlias = tuple[
    bytes, bytes, str, bytes, bytes, str, str, str, str | None, str | None, int, str
]
ItemRow: TypeAlias = tuple[int, str, bytes, bytes, bytes, str]
DisclosureRow: TypeAlias = tuple[int, str, str, str | None]


class Erasure(NamedTuple):
    """The fields that are to be erased, and of what: (record, SHA-256 of statements) each."""

    fields: tuple[str, ...]
    subjects: tuple[tuple[str, frozenset[bytes]], ...]


class Examined(NamedTuple):
    """`certificate` is the signer's, DER. `sha256`: of the statement, 32 octets.

    `about`: what it says of a person's key or duty, without its place. `envelope`, `opened`: as handed in.
    """

    sha256: bytes
    jti: str
    seen: Seen | None
    erasure: Erasure | None
    certificate: bytes
    statement: StatementRow
    items: tuple[ItemRow, ...]
    disclosures: tuple[DisclosureRow, ...]
    iss: str
    about: PeopleAct | None
    envelope: bytes | None
    opened: Mapping[bytes, tuple[str, ...]]


def trail_lines(trails: Iterable[Trail]) -> str:
    """As the column `trails` holds them."""
    return "\n".join([f"{trail.kind} {trail.key}" for trail in trails])


def looked_up(shown: Disclosure) -> str | None:
    """As the column `value` holds it: a short text, None for anything else, and for what no PostgreSQL text
    may hold (U+0000)."""
    value = shown.value
    fits = isinstance(value, str) and len(value) <= _LOOKED_UP and "\0" not in value
    return value if isinstance(value, str) and fits else None


def disclosure_row(number: int, shown: Disclosure) -> DisclosureRow:
    """`number`: of the item, or NO_ITEM."""
    return number, shown.name, shown.text, looked_up(shown)
