"""Checking a run of entries: their text, what they derive from, their times, their links."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Connection, Select, and_, select

from ledger.finding import Finding, Subject
from ledger.store.rows import AnyRow
from ledger.store.tables import NO_ITEM, entry, item, link, statement
from verifier.digests import Digests, sha256, sm3
from verifier.entry import Entry, ItemReference, parse_entry
from verifier.errors import EvidenceError
from verifier.lines import or_dash
from verifier.merkle import leaf_hash
from verifier.report import Outcome

_Fail: TypeAlias = Callable[..., Finding]
# (trail key in hex, seq) → the kept link
_Links: TypeAlias = dict[tuple[str, int], AnyRow]


@dataclass(frozen=True)
class Leaf:
    """A leaf as its text gives it, and the records that the entry is about."""

    index: int
    hashes: Digests
    records: tuple[str, ...]


@dataclass(frozen=True)
class Sealing:
    """Of one batch. `not_before`: the anchor time that its marker names, empty in batch 0."""

    not_before: str
    sealed_at: str


@dataclass
class Following:
    """What the next entry must follow: the latest time, and the statement whose items are being logged."""

    recorded_at: str = ""
    statement_id: int = 0
    next_item: int = 0
    items: int = 0


def check_entries(
    connection: Connection, low: int, high: int, when: Sealing, following: Following
) -> Iterator[Finding | Leaf]:
    """Entries with `low` ≤ index < `high`, each as a Leaf, with what is wrong. An absent one has no Leaf."""
    links = _links(connection, low, high)
    expected = low
    for row in connection.execute(_query(low, high)).all():
        yield from _missing(expected, row.idx)
        expected = row.idx + 1
        yield from _check(row, when, following, links.pop(row.idx, {}))
    yield from _missing(expected, high)
    for index, rows in links.items():
        for key, seq in rows:
            yield Finding(Outcome.FAILED, "LINK_EXTRA", Subject.LINK, f"{key} {seq}", found=str(index))


def _query(low: int, high: int) -> Select[*tuple[Any, ...]]:
    return (
        select(
            entry.c.idx,
            entry.c.statement_id,
            entry.c.item_number,
            entry.c.recorded_at,
            entry.c.text,
            entry.c.leaf,
            statement.c.sha256,
            statement.c.sm3,
            statement.c.accepted_at,
            statement.c.item_count,
            statement.c.record,
            statement.c.trails,
            item.c.sha256.label("item_sha256"),
            item.c.sm3.label("item_sm3"),
            item.c.record.label("item_record"),
            item.c.trails.label("item_trails"),
        )
        .join(statement, statement.c.id == entry.c.statement_id, isouter=True)
        .join(
            item,
            and_(item.c.statement_id == entry.c.statement_id, item.c.number == entry.c.item_number),
            isouter=True,
        )
        .where(entry.c.idx >= low, entry.c.idx < high)
        .order_by(entry.c.idx)
    )


def _links(connection: Connection, low: int, high: int) -> dict[int, _Links]:
    """Kept links by entry, each with the one before it on its trail."""
    before = link.alias("before")
    rows = connection.execute(
        select(
            link.c.idx,
            link.c.trail_key,
            link.c.seq,
            link.c.leaf,
            before.c.idx.label("before_idx"),
            before.c.leaf.label("before_leaf"),
        )
        .join(
            before,
            and_(before.c.trail_key == link.c.trail_key, before.c.seq == link.c.seq - 1),
            isouter=True,
        )
        .where(link.c.idx >= low, link.c.idx < high)
    )
    found: dict[int, _Links] = {}
    for row in rows:
        found.setdefault(row.idx, {})[row.trail_key.hex(), row.seq] = row
    return found


def _missing(low: int, high: int) -> Iterator[Finding]:
    """One finding for entries absent in a row."""
    if low < high:
        name = str(low) if high == low + 1 else f"{low}…{high - 1}"
        yield Finding(Outcome.FAILED, "ENTRY_MISSING", Subject.ENTRY, name)


def _check(row: AnyRow, when: Sealing, following: Following, links: _Links) -> Iterator[Finding | Leaf]:
    named = row.record if row.item_number == NO_ITEM else row.item_record
    records = (named,) if named else ()

    def fail(code: str, subject: Subject = Subject.ENTRY, expected: str = "", found: str = "") -> Finding:
        return Finding(Outcome.FAILED, code, subject, str(row.idx), records, expected, found)

    text = row.text.encode()
    leaf = Leaf(row.idx, Digests(leaf_hash(sha256, text), leaf_hash(sm3, text)), records)
    yield leaf
    if row.leaf != leaf.hashes.sha256:
        yield fail("ENTRY_LEAF", expected=row.leaf.hex(), found=leaf.hashes.sha256.hex())
    yield from _check_order(row, when, following, fail)
    try:
        parsed = parse_entry(row.text)
    except EvidenceError as error:
        yield fail(error.code, expected=error.expected, found=error.found)
        return
    if (parsed.index, parsed.recorded_at) != (row.idx, row.recorded_at):
        kept, said = f"{row.idx} {row.recorded_at}", f"{parsed.index} {parsed.recorded_at}"
        yield fail("ENTRY_COLUMN", expected=said, found=kept)
    yield from _check_derivation(row, parsed, fail)
    yield from _check_links(parsed, leaf, links, fail)


def _check_order(row: AnyRow, when: Sealing, following: Following, fail: _Fail) -> Iterator[Finding]:
    """Statements in the order of acceptance, items after their list, no time before the one above."""
    own = row.item_number == NO_ITEM
    complete = following.next_item == following.items
    if own:
        in_order = complete and row.statement_id > following.statement_id
    else:
        in_order = (row.statement_id, row.item_number) == (following.statement_id, following.next_item)
    if not in_order:
        expected = f"{following.statement_id} {following.next_item}"
        yield fail("ENTRY_ORDER", expected=expected, found=f"{row.statement_id} {row.item_number}")
    due = following.recorded_at
    if own:
        # As `ledger.pending` has it.
        due = max(min(row.accepted_at or "", when.sealed_at), due, when.not_before)
    if row.recorded_at != due:
        yield fail("ENTRY_TIME", expected=due, found=row.recorded_at)
    following.recorded_at = max(row.recorded_at, following.recorded_at)
    following.statement_id = row.statement_id
    following.next_item = row.item_number + 1
    following.items = row.item_count or 0


def _check_derivation(row: AnyRow, parsed: Entry, fail: _Fail) -> Iterator[Finding]:
    """Against the columns that `check_statements` derives from the bytes."""
    if row.sha256 is None:
        yield fail("STATEMENT_MISSING", expected=parsed.statement.sha256.hex())
        return
    if parsed.statement != Digests(row.sha256, row.sm3):
        yield fail("ENTRY_STATEMENT", expected=row.sha256.hex(), found=parsed.statement.sha256.hex())
    reference, trails = None, row.trails
    if row.item_number != NO_ITEM:
        if row.item_sha256 is None:
            yield fail("ITEM_MISSING", expected=f"{row.sha256.hex()} {row.item_number}")
            return
        reference = ItemReference(row.item_number, Digests(row.item_sha256, row.item_sm3))
        trails = row.item_trails
    if parsed.item != reference:
        yield fail("ENTRY_ITEM", expected=str(row.item_number), found=str(parsed.item and parsed.item.number))
    if "\n".join(f"{k.trail.kind} {k.trail.key}" for k in parsed.links) != trails:
        yield fail("ENTRY_TRAILS", expected=trails.replace("\n", ", "))


def _check_links(parsed: Entry, leaf: Leaf, links: _Links, fail: _Fail) -> Iterator[Finding]:
    for said in parsed.links:
        place = f"{said.trail.kind} {said.trail.key} {said.seq}"
        kept = links.pop((said.trail.key, said.seq), None)
        if kept is None:
            yield fail("LINK_MISSING", Subject.LINK, expected=place)
            continue
        if kept.leaf != leaf.hashes.sha256:
            yield fail("LINK_LEAF", Subject.LINK, expected=place, found=kept.leaf.hex())
        follows = said.seq == 0 or (kept.before_idx is not None and kept.before_idx < parsed.index)
        if not follows or said.previous != kept.before_leaf:
            before = or_dash(kept.before_leaf)
            yield fail("LINK_PREVIOUS", Subject.LINK, f"{place} {before}", or_dash(said.previous))
    for key, seq in links:
        yield fail("LINK_EXTRA", Subject.LINK, found=f"{key} {seq}")
