"""Check 4, first part: each entry is exactly what its statement or item derives to."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from types import MappingProxyType

from verifier.acts import entry_key
from verifier.conformity import check_event
from verifier.entry import check_derivation
from verifier.errors import EvidenceError
from verifier.evidence import Evidence
from verifier.item import Item, check_item
from verifier.parts import OpenEntry, OpenStatement, Parts
from verifier.tally import CANNOT, Tally
from verifier.trail import Trail, trail, trails_of_item, trails_of_statement

Key = tuple[bytes, int | None]


def scope_trails(evidence: Evidence) -> dict[Trail, str]:
    """The trails that the evidence says it shows, and the subject of each."""
    records = {trail("record", record): f"record {record}" for record in evidence.records}
    return records | {trail("list", listing): f"list {listing}" for listing in evidence.lists}


def check_entries(
    evidence: Evidence, parts: Parts, tally: Tally, beside: Mapping[Trail, str] = MappingProxyType({})
) -> None:
    """The rules:

    1. every entry derives from a statement or item carried, and is on the trail of a subject in scope, or on
       one of those `beside`: signers' keys;
    2. no statement or item is logged twice;
    3. every item is in its list, at its number, in both trees, and no record stands twice in a list;
    4. every item has an entry, unless its statement is pending;
    5. what is pending is on the trail of a subject in scope (and the check does not pass);
    6. all entries of one statement bear one time, and a list's stand one after another in one batch;
    7. every statement says what the event catalogue asks of its event.
    """
    scope = scope_trails(evidence)
    entries: dict[Key, OpenEntry] = {}
    statements = {s.sha256: s for s in parts.statements}
    items = {(s.sha256, part.item.number): part.item for s in parts.statements for part in s.items}
    for opened in parts.entries:
        with tally.subject():
            key = entry_key(opened.entry)
            if key in entries:
                raise EvidenceError("LOGGED_TWICE", opened.at, "each statement or item once", entries[key].at)
            entries[key] = opened
            _check_entry(opened, statements, items, parts, {**scope, **beside}, tally)
    by_statement: dict[bytes, list[OpenEntry]] = {}
    for opened in entries.values():
        by_statement.setdefault(opened.entry.statement.sha256, []).append(opened)
    for statement in parts.statements:
        _check_items(statement, tally)
        _check_catalogue(statement, parts, tally)
        logged = by_statement.get(statement.sha256, [])
        if logged:
            _check_all_logged(statement, entries, tally)
            _check_together(statement, logged, parts, tally)
        else:
            _check_pending(statement, scope, tally)


def _check_entry(
    opened: OpenEntry,
    statements: Mapping[bytes, OpenStatement],
    items: Mapping[tuple[bytes, int], Item],
    parts: Parts,
    scope: Mapping[Trail, str],
    tally: Tally,
) -> None:
    entry, at = opened.entry, opened.at
    if not any(link.trail in scope for link in entry.links):
        tally.fail("ENTRY_OUT_OF_SCOPE", at, "an entry on the trail of a subject in scope")
    statement = statements.get(entry.statement.sha256)
    if statement is None:
        if entry.statement.sha256 in parts.unread:
            tally.needs("signature")
            return
        raise EvidenceError("ENTRY_WITHOUT_STATEMENT", at, found=entry.statement.sha256.hex())
    item = None
    if entry.item is not None:
        item = items.get((statement.sha256, entry.item.number))
        if item is None:
            if (statement.sha256, entry.item.number) in parts.unread:
                return
            raise EvidenceError("ENTRY_WITHOUT_ITEM", at, f"item {entry.item.number}", statement.at)
    check_derivation(entry, statement.statement, item, at)


def _check_items(opened: OpenStatement, tally: Tally) -> None:
    listing = opened.statement.list
    records: dict[str, str] = {}
    for part in opened.items:
        with tally.rule():
            if listing is None:
                raise EvidenceError("ITEM_WITHOUT_LIST", part.at, "items of a list statement only")
            check_item(listing, part.item, part.proof.sha256, part.proof.sm3, part.at)
        with tally.rule():
            if part.item.record in records:
                found = records[part.item.record]
                raise EvidenceError("ITEM_RECORD_REPEATED", part.at, "each record once in a list", found)
        records[part.item.record] = part.at


def _check_catalogue(opened: OpenStatement, parts: Parts, tally: Tally) -> None:
    """By the catalogue that this verifier carries; an event unknown there keeps the check from passing."""
    signer = parts.signers.get(opened.statement.certificate_sha256)
    role = signer.role if signer else None
    for reason in check_event(opened.statement, [part.item for part in opened.items], role):
        report = tally.lack if reason.code in CANNOT else tally.fail
        report(reason.code, f"{opened.at} {reason.at}", reason.expected, reason.found)


def _check_all_logged(opened: OpenStatement, entries: Mapping[Key, OpenEntry], tally: Tally) -> None:
    for part in opened.items:
        if (opened.sha256, part.item.number) not in entries:
            tally.fail("ITEM_WITHOUT_ENTRY", part.at, "an entry for each item of a logged list")


def _check_together(opened: OpenStatement, logged: list[OpenEntry], parts: Parts, tally: Tally) -> None:
    """docs/formats.md section 6: a list derives its own entry, then one for each item in order; one batch."""
    times = {found.entry.recorded_at for found in logged}
    if len(times) > 1:
        tally.fail("ENTRY_TIMES_DIFFER", opened.at, "one recorded_at", " ".join(sorted(times)))
    listing = opened.statement.list
    if listing is None:
        return
    firsts = {e.entry.index - (e.entry.item.number + 1 if e.entry.item else 0) for e in logged}
    if len(firsts) > 1 or min(firsts) < 1:
        found = " ".join(str(first) for first in sorted(firsts))
        tally.fail("LIST_ENTRIES", opened.at, "entries one after another from the list's own", found)
        return
    first = firsts.pop()
    place = bisect_right(parts.markers, first, key=lambda m: m.marker.index)
    for marker in parts.markers[place : place + 1]:
        if marker.marker.index <= first + listing.size:
            tally.fail(
                "LIST_SPLIT", opened.at, "a list in one batch", f"{marker.at} at {marker.marker.index}"
            )


def _check_pending(opened: OpenStatement, scope: Mapping[Trail, str], tally: Tally) -> None:
    on = set(trails_of_statement(opened.statement))
    tally.subjects += 1
    for part in opened.items:
        item_on = set(trails_of_item(part.item))
        on |= item_on
        if not item_on & scope.keys():
            tally.fail("PENDING_OUT_OF_SCOPE", part.at, "a subject in scope")
    if not on & scope.keys():
        tally.fail("PENDING_OUT_OF_SCOPE", opened.at, "a subject in scope")
    tally.lack("PENDING", opened.at, "an entry in the log")
