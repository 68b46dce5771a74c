"""The entries that pending statements become: places on their trails, texts, leaf hashes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from ledger.pending import PendingStatement
from ledger.store.tables import NO_ITEM
from verifier.digests import sha256, sm3
from verifier.entry import NO_ITEM_LINE, digests_line, entry_text, item_line, link_line
from verifier.merkle import leaf_hash

# Of a trail by its key in hex: (seq, leaf hash) of the last entry on it.
Heads: TypeAlias = dict[str, tuple[int, bytes]]


@dataclass(frozen=True)
class Leaves:
    """In log order. `entries` are (idx, statement id, item number, recorded_at, text, leaf hash);
    `links` (trail key, seq, idx, leaf hash); `sm3` the entries' leaf hashes in the other tree."""

    entries: list[tuple[int, int, int, str, str, bytes]] = field(default_factory=list)
    links: list[tuple[bytes, int, int, bytes]] = field(default_factory=list)
    sm3: list[bytes] = field(default_factory=list)


def make_leaves(statements: Iterable[PendingStatement], index: int, heads: Heads) -> Leaves:
    """The first gets `index`; `heads` is moved on to each new entry."""
    made = Leaves()
    for one in statements:
        own = digests_line(one.digests)
        for number, item, trails in _parts(one):
            places, lines = [], []
            for trail in trails:
                key = trail.partition(" ")[2]
                last, before = heads.get(key, (-1, None))
                places.append((key, last + 1))
                lines.append(link_line(trail, last + 1, before))
            text = entry_text(index, one.recorded_at, own, item, lines)
            octets = text.encode()
            leaf = leaf_hash(sha256, octets)
            made.entries.append((index, one.id, number, one.recorded_at, text, leaf))
            made.sm3.append(leaf_hash(sm3, octets))
            for key, seq in places:
                heads[key] = (seq, leaf)
                made.links.append((bytes.fromhex(key), seq, index, leaf))
            index += 1
    return made


def _parts(of: PendingStatement) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """(item number, the entry's line about the item, trails) of the statement's own entry and its items'."""
    yield NO_ITEM, NO_ITEM_LINE, of.trails
    for item in of.items:
        yield item.number, item_line(item.number, item.digests), item.trails
