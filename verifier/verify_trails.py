"""Check 4, second part: the trails that entries stand on are without gaps, and linked."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType

from verifier.entry import Link
from verifier.errors import EvidenceError
from verifier.evidence import Evidence
from verifier.parts import OpenEntry, Parts
from verifier.tally import Tally
from verifier.trail import Trail, trails_of_item, trails_of_statement
from verifier.verify_entries import scope_trails

Stop = tuple[OpenEntry, Link]


def check_trails(
    evidence: Evidence, parts: Parts, tally: Tally, beside: Mapping[Trail, str] = MappingProxyType({})
) -> None:
    """The rules:

    1. for each subject in scope the trail starts at seq 0, has no gap, and each entry names the leaf hash of
       the one before; a subject without entries has a pending statement. So has each
       trail `beside` of which anything is carried (whether it must be, `verify_keys` says);
    2. on every trail that several entries share, a larger index has a larger seq, neighbours link, and there
       is room in the log for the entries between;
    3. an entry that another names as the one before is on that trail, with the seq before.

    What comes after the last entry shown is not proved.
    """
    stops: dict[Trail, list[Stop]] = {}
    for opened in parts.entries:
        for link in opened.entry.links:
            stops.setdefault(link.trail, []).append((opened, link))
    for found in stops.values():
        _check_shared(found, tally)
    _check_named(stops, parts, tally)
    pending = _pending_trails(parts)
    for on, subject in scope_trails(evidence).items():
        tally.subjects += 1
        if on in stops:
            _check_continuous(stops[on], subject, tally)
        elif on not in pending:
            tally.fail("SCOPE_EMPTY", "scope", "an entry, or a pending statement", subject)
    for on, subject in beside.items():
        if on in stops:
            tally.subjects += 1
            _check_continuous(stops[on], subject, tally)


def _pending_trails(parts: Parts) -> set[Trail]:
    logged = {opened.entry.statement.sha256 for opened in parts.entries}
    found: set[Trail] = set()
    for opened in parts.statements:
        if opened.sha256 not in logged:
            found |= set(trails_of_statement(opened.statement))
            found |= {on for part in opened.items for on in trails_of_item(part.item)}
    return found


def _check_continuous(stops: list[Stop], subject: str, tally: Tally) -> None:
    for expected, (opened, link) in enumerate(stops):
        if link.seq != expected:
            tally.fail("TRAIL_GAP", opened.at, f"{subject}, seq {expected}", f"seq {link.seq}")
            return


def _check_shared(stops: list[Stop], tally: Tally) -> None:
    """`stops` ascend by index."""
    for opened, link in stops:
        # Leaf 0 is a marker, and before the entry with seq s stand s others.
        if link.seq >= opened.entry.index:
            tally.fail("TRAIL_SEQ", opened.at, f"seq < {opened.entry.index}", str(link.seq))
    for (before, first), (after, second) in pairwise(stops):
        with tally.rule():
            room = after.entry.index - before.entry.index
            if not 0 < second.seq - first.seq <= room:
                expected = f"{first.seq + 1}…{first.seq + room} after {before.at}"
                raise EvidenceError("TRAIL_SEQ", after.at, expected, str(second.seq))
            if second.seq == first.seq + 1 and second.previous != before.leaves.sha256:
                found = second.previous.hex() if second.previous else "-"
                raise EvidenceError("TRAIL_LINK", after.at, before.leaves.sha256.hex(), found)


def _check_named(stops: Mapping[Trail, list[Stop]], parts: Parts, tally: Tally) -> None:
    leaves = {opened.leaves.sha256: opened for opened in parts.entries}
    for on, found in stops.items():
        for opened, link in found:
            named = leaves.get(link.previous) if link.previous else None
            if named is None:
                continue
            seqs = [other.seq for other in named.entry.links if other.trail == on]
            if seqs != [link.seq - 1]:
                tally.fail("TRAIL_LINK", opened.at, f"{on.kind} seq {link.seq - 1}", f"{named.at} {seqs}")
