"""The leaves that follow from an organisation's copy of a batch, once they lead to the anchored roots.

Two batches of one number that differ cannot both be had from the chain; this is how the other one is read
without the store. Signatures are not judged: the roots bind every octet that is derived here.
"""

from __future__ import annotations

from collections.abc import Sequence

from ledger.batch import MAX_BATCH
from ledger.merkle import grow
from ledger.replica import CopiedBatch, Copy
from ledger.tiles import ALGORITHMS
from verifier.anchor import Anchor
from verifier.digests import Digests, both
from verifier.entry import Entry, ItemReference, Link, encode_entry
from verifier.errors import EvidenceError, found_text
from verifier.item import parse_item
from verifier.merkle import fold_frontier, leaf_hash
from verifier.shape import HEX32, Members, members
from verifier.statement import parse_statement
from verifier.trail import Trail, trails_of_item, trails_of_statement


def leaves_of(copied: CopiedBatch, anchored: Anchor, copy: Copy) -> list[str]:
    """Marker and entries, as texts.

    Raises EvidenceError REPLICA_ROOT, REPLICA_DIFFERS, or a code of forms, if the copy does not count.
    """
    m = copied.members
    edge = members(m.value["frontier"], f"{m.at}.frontier", ("sha256", "size", "sm3"))
    before = edge.integer("size")
    links = m.texts("links", None, MAX_BATCH, ordered=False)
    leaves = [m.text("marker"), *_entries(copied, links, before + 1, m.at)]
    found = Digests(**{alg: _root(edge, alg, before, leaves) for alg in ALGORITHMS})
    size = before + len(leaves)
    if (size, found) != (anchored.size, anchored.roots):
        expected = f"{anchored.size} {anchored.roots.sha256.hex()}"
        raise EvidenceError("REPLICA_ROOT", copy.path.name, expected, f"{size} {found.sha256.hex()}")
    return leaves


def _root(edge: Members, alg: str, before: int, leaves: Sequence[str]) -> bytes:
    h = ALGORITHMS[alg]
    hashes = [bytes.fromhex(one) for one in edge.texts(alg, HEX32, before.bit_length(), ordered=False)]
    if len(hashes) != before.bit_count():
        raise EvidenceError("REPLICA_DIFFERS", edge.at, str(before.bit_count()), str(len(hashes)))
    return fold_frontier(h, grow(h, before, hashes, [leaf_hash(h, leaf.encode()) for leaf in leaves]))


def _entries(copied: CopiedBatch, links: Sequence[str], index: int, at: str) -> list[str]:
    """What each statement and item derives to, with the links that the copy names, in log order."""
    found: list[str] = []
    rest = iter(links)
    for one in copied.statements:
        statement = parse_statement(one.statement)
        parts: list[tuple[ItemReference | None, tuple[Trail, ...]]] = [(None, trails_of_statement(statement))]
        for number, data in enumerate(one.items):
            item = parse_item(data, number)
            parts.append((ItemReference(number, both(data)), trails_of_item(item)))
        for reference, trails in parts:
            placed = tuple(_link(trail, next(rest, ""), at) for trail in trails)
            entry_ = Entry(index + len(found), one.recorded_at, statement.digests, reference, placed)
            found.append(encode_entry(entry_))
    return found


def _link(trail: Trail, text: str, at: str) -> Link:
    seq, _, previous = text.partition(" ")
    if not (seq.isascii() and seq.isdigit()) or not (previous == "-" or HEX32.match(previous)):
        raise EvidenceError("REPLICA_DIFFERS", at, '"<seq> <leaf hash or ->"', found_text(text))
    return Link(trail, int(seq), None if previous == "-" else bytes.fromhex(previous))
