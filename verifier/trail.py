"""Trails: which ones an entry is on is derived by one rule; nobody chooses. docs/formats.md section 6."""

from __future__ import annotations

from typing import NamedTuple

from verifier.claims import Claims
from verifier.digests import sha256
from verifier.item import Item
from verifier.statement import Statement

KINDS = ("agent", "content", "duties", "keys", "list", "record")


class Trail(NamedTuple):
    """Ordered as trail lines are sorted. `key` is 64 hex digits."""

    kind: str
    key: str


def trail(kind: str, subject: str) -> Trail:
    return Trail(kind, trail_key(kind, subject))


def trail_key(kind: str, subject: str) -> str:
    return sha256(f"archive-ledger trail v1\n{kind}\n{subject}\n".encode()).hex()


def _content(claims: Claims) -> set[Trail]:
    return {trail("content", f.digests.sha256.hex()) for f in claims.files if f.digests is not None}


def trails_of_statement(statement: Statement) -> tuple[Trail, ...]:
    """Trails of the statement's own entry, in the order of its trail lines."""
    found = {trail("agent", statement.agent)}
    if statement.list is not None:
        found.add(trail("list", statement.list.id))
    else:
        found |= _content(statement.claims)
        if statement.record is not None:
            found.add(trail("record", statement.record))
        if statement.people is not None:
            found.add(trail(statement.people.trail, statement.people.subject))
    return tuple(sorted(found))


def trails_of_item(item: Item) -> tuple[Trail, ...]:
    """Trails of a list item's entry, in the order of its trail lines."""
    return tuple(sorted({trail("record", item.record)} | _content(item.claims)))
