"""Entries, the leaves of the log. docs/formats.md section 6."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from verifier.digests import Digests
from verifier.errors import EvidenceError, found_text
from verifier.item import Item
from verifier.lines import hex32, number, or_dash, split_lines
from verifier.shape import instant
from verifier.statement import Statement
from verifier.trail import KINDS, Trail, trails_of_item, trails_of_statement

FIRST_LINE = "archive-ledger entry v1"
NO_ITEM_LINE = "-"


@dataclass(frozen=True)
class Link:
    """An entry's place on a trail; `previous` is the leaf hash of the entry with seq − 1."""

    trail: Trail
    seq: int
    previous: bytes | None


@dataclass(frozen=True)
class ItemReference:
    number: int
    digests: Digests


@dataclass(frozen=True)
class Entry:
    index: int
    recorded_at: str
    statement: Digests
    item: ItemReference | None
    links: tuple[Link, ...]


def encode_entry(entry: Entry) -> str:
    item = entry.item
    return entry_text(
        entry.index,
        entry.recorded_at,
        digests_line(entry.statement),
        item_line(item.number, item.digests) if item else NO_ITEM_LINE,
        [link_line(f"{k.trail.kind} {k.trail.key}", k.seq, k.previous) for k in entry.links],
    )


def entry_text(index: int, recorded_at: str, statement: str, item: str, links: Iterable[str]) -> str:
    """The text of these lines, for whoever makes thousands of entries and has the lines already."""
    return "\n".join((FIRST_LINE, str(index), recorded_at, statement, item, *links, ""))


def digests_line(digests: Digests) -> str:
    return f"{digests.sha256.hex()} {digests.sm3.hex()}"


def item_line(number: int, digests: Digests) -> str:
    return f"{number} {digests.sha256.hex()} {digests.sm3.hex()}"


def link_line(trail: str, seq: int, previous: bytes | None) -> str:
    """`trail`: "<kind> <key>"."""
    return f"{trail} {seq} {or_dash(previous)}"


def parse_entry(text: str, at: str = "entry") -> Entry:
    """Raises EvidenceError LINE_FORM, ENTRY_LINKS."""
    lines = split_lines(text, FIRST_LINE, at)
    if len(lines) < 5:
        raise EvidenceError("LINE_FORM", at, "at least 6 lines", str(len(lines) + 1))
    statement = _words(lines[2], 2, at)
    item = None
    if lines[3] != NO_ITEM_LINE:
        words = _words(lines[3], 3, at)
        item = ItemReference(number(words[0], at), Digests(hex32(words[1], at), hex32(words[2], at)))
    links = tuple(_link(line, at) for line in lines[4:])
    order = [link.trail for link in links]
    if any(a >= b for a, b in itertools.pairwise(order)):
        raise EvidenceError("ENTRY_LINKS", at, "sorted trails, no repeats")
    entry = Entry(
        index=number(lines[0], at),
        recorded_at=instant(lines[1], at),
        statement=Digests(hex32(statement[0], at), hex32(statement[1], at)),
        item=item,
        links=links,
    )
    if encode_entry(entry) != text:
        raise EvidenceError("LINE_FORM", at, "the one canonical encoding")
    return entry


def _words(line: str, count: int, at: str) -> list[str]:
    words = line.split(" ")
    if len(words) != count:
        raise EvidenceError("LINE_FORM", at, f"{count} words", found_text(line))
    return words


def _link(line: str, at: str) -> Link:
    kind, key, seq, previous = _words(line, 4, at)
    if kind not in KINDS:
        raise EvidenceError("ENTRY_LINKS", at, " ".join(KINDS), found_text(kind))
    link = Link(
        Trail(kind, hex32(key, at).hex()), number(seq, at), None if previous == "-" else hex32(previous, at)
    )
    if (link.seq == 0) != (link.previous is None):
        raise EvidenceError("ENTRY_LINKS", at, "no previous entry exactly at seq 0", found_text(line))
    return link


def check_derivation(entry: Entry, statement: Statement, item: Item | None, at: str = "entry") -> None:
    """That the entry is exactly what the statement (or the item) derives to, links' values apart.

    Raises EvidenceError ENTRY_STATEMENT, ENTRY_ITEM, ENTRY_TRAILS.
    """
    if entry.statement != statement.digests:
        raise EvidenceError(
            "ENTRY_STATEMENT", at, statement.digests.sha256.hex(), entry.statement.sha256.hex()
        )
    expected = ItemReference(item.number, item.digests) if item else None
    if entry.item != expected:
        raise EvidenceError("ENTRY_ITEM", at, found_text(expected), found_text(entry.item))
    derived = trails_of_item(item) if item else trails_of_statement(statement)
    named = tuple(link.trail for link in entry.links)
    if named != derived:
        raise EvidenceError("ENTRY_TRAILS", at, _names(derived), _names(named))


def _names(trails: tuple[Trail, ...]) -> str:
    return ", ".join(f"{t.kind} {t.key[:16]}" for t in trails)
