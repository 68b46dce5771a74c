"""The parts of an evidence file, read one by one: a malformed one is reported to its check and left out."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from verifier import merkle
from verifier.certificate import Signer, read_signer
from verifier.digests import Digests, sha256, sm3
from verifier.disclosure import Disclosure, parse_disclosure
from verifier.entry import Entry, parse_entry
from verifier.evidence import CarriedItem, CarriedStatement, Evidence, Proof
from verifier.item import Item, parse_item
from verifier.marker import Marker, parse_marker
from verifier.report import CheckName
from verifier.statement import Statement, parse_statement
from verifier.tally import Tally

Tallies = Mapping[CheckName, Tally]


@dataclass(frozen=True)
class OpenItem:
    at: str
    item: Item
    proof: Proof
    disclosures: tuple[Disclosure, ...]


@dataclass(frozen=True)
class OpenStatement:
    at: str
    statement: Statement
    disclosures: tuple[Disclosure, ...]
    items: tuple[OpenItem, ...]

    @property
    def sha256(self) -> bytes:
        return self.statement.digests.sha256


@dataclass(frozen=True)
class OpenEntry:
    """`leaves`: the leaf hashes in both trees; the first is what trails link by."""

    at: str
    entry: Entry
    leaves: Digests
    proof: Proof


@dataclass(frozen=True)
class OpenMarker:
    at: str
    marker: Marker
    leaves: Digests
    proof: Proof


@dataclass(frozen=True)
class Parts:
    """Entries and markers ascend by index. `unread`: digests of what is carried but could not be read:
    statements, certificates, and items as (statement, number)."""

    statements: tuple[OpenStatement, ...]
    entries: tuple[OpenEntry, ...]
    markers: tuple[OpenMarker, ...]
    signers: Mapping[bytes, Signer]
    unread: frozenset[bytes | tuple[bytes, int]]

    def recorded_at(self) -> dict[bytes, str]:
        """When each logged statement was recorded, by its digest."""
        return {e.entry.statement.sha256: e.entry.recorded_at for e in self.entries}


def open_parts(evidence: Evidence, tallies: Tallies) -> Parts:
    """Reads every part; what is malformed goes to the check that it belongs to."""
    unread: set[bytes | tuple[bytes, int]] = set()
    statements = [_statement(s, tallies, unread) for s in evidence.statements]
    return Parts(
        statements=tuple(s for s in statements if s is not None),
        entries=_entries(evidence, tallies[CheckName.ENTRY]),
        markers=_markers(evidence, tallies[CheckName.LOG]),
        signers=_signers(evidence.certificates, tallies[CheckName.SIGNATURE], unread),
        unread=frozenset(unread),
    )


def _statement(
    carried: CarriedStatement, tallies: Tallies, unread: set[bytes | tuple[bytes, int]]
) -> OpenStatement | None:
    statement = None
    with tallies[CheckName.SIGNATURE].rule():
        statement = parse_statement(carried.data, carried.at)
    if statement is None:
        unread.add(sha256(carried.data))
        return None
    items = [_item(i, tallies) for i in carried.items]
    for part, item in zip(carried.items, items, strict=True):
        if item is None:
            unread.add((statement.digests.sha256, part.number))
    shown = _disclosures(carried.disclosures, carried.at, tallies)
    return OpenStatement(carried.at, statement, shown, tuple(i for i in items if i))


def _item(carried: CarriedItem, tallies: Tallies) -> OpenItem | None:
    with tallies[CheckName.ENTRY].rule():
        item = parse_item(carried.data, carried.number, carried.at)
        shown = _disclosures(carried.disclosures, carried.at, tallies)
        return OpenItem(carried.at, item, carried.proof, shown)
    return None


def _disclosures(texts: Sequence[str], at: str, tallies: Tallies) -> tuple[Disclosure, ...]:
    shown: list[Disclosure] = []
    for number, text in enumerate(texts):
        with tallies[CheckName.DISCLOSURE].rule():
            shown.append(parse_disclosure(text, f"{at}.disclosures[{number}]"))
    return tuple(shown)


def _leaves(text: str) -> Digests:
    data = text.encode()
    return Digests(merkle.leaf_hash(sha256, data), merkle.leaf_hash(sm3, data))


def _entries(evidence: Evidence, tally: Tally) -> tuple[OpenEntry, ...]:
    found: list[OpenEntry] = []
    for leaf in evidence.entries:
        if tally.full:
            break
        with tally.rule():
            found.append(OpenEntry(leaf.at, parse_entry(leaf.text, leaf.at), _leaves(leaf.text), leaf.proof))
    if any(a.entry.index >= b.entry.index for a, b in itertools.pairwise(found)):
        tally.fail("SHAPE_ORDER", "entries", "ascending indexes, no repeats")
    return tuple(sorted(found, key=lambda e: e.entry.index))


def _markers(evidence: Evidence, tally: Tally) -> tuple[OpenMarker, ...]:
    found: list[OpenMarker] = []
    for leaf in evidence.markers:
        if tally.full:
            break
        with tally.rule():
            found.append(
                OpenMarker(leaf.at, parse_marker(leaf.text, leaf.at), _leaves(leaf.text), leaf.proof)
            )
    if any(a.marker.index >= b.marker.index for a, b in itertools.pairwise(found)):
        tally.fail("SHAPE_ORDER", "markers", "ascending indexes, no repeats")
    return tuple(sorted(found, key=lambda m: m.marker.index))


def _signers(
    certificates: Sequence[bytes], tally: Tally, unread: set[bytes | tuple[bytes, int]]
) -> dict[bytes, Signer]:
    found: dict[bytes, Signer] = {}
    for number, der in enumerate(certificates):
        if tally.full:
            break
        signer = None
        with tally.rule():
            signer = read_signer(der, f"certificates[{number}]")
        if signer is None:
            unread.add(sha256(der))
        else:
            found[signer.sha256] = signer
    return found
