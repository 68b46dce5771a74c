"""Evidence: one file read into values. docs/formats.md section 12. Structure only; `verify` judges the rest.

What the file carries as text or base64 (statements, items, disclosures, entries, markers, certificates,
attestations) stays unread octets here, so that one malformed part does not hide what is wrong with another.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from verifier.canonical import Json, base64_bytes, parse
from verifier.digests import sha256
from verifier.errors import EvidenceError
from verifier.fabric.block import CarriedBlock, read_block
from verifier.shape import ORIGIN, UUID, Members, members
from verifier.trust import check_version

VERSION = "archive-ledger evidence v1"
MAX_EVIDENCE = 32 * 2**20
# Of elements that mean anything, 32 MiB has no room for more.
MANY = 2**18
MAX_ATTESTATIONS = 1_000
MAX_CONFIGURATIONS = 10_000

Key = TypeVar("Key", bytes, int)

_REQUIRED = (
    "attestations",
    "basis",
    "certificates",
    "configurations",
    "entries",
    "ledger",
    "markers",
    "scope",
    "statements",
    "version",
)


@dataclass(frozen=True)
class Proof:
    """Inclusion in a tree and in its twin."""

    sha256: tuple[bytes, ...]
    sm3: tuple[bytes, ...]


@dataclass(frozen=True)
class CarriedLeaf:
    """An entry or a marker: `text` is the leaf data. `at` says where it stands in the file."""

    at: str
    text: str
    proof: Proof


@dataclass(frozen=True)
class CarriedItem:
    at: str
    number: int
    data: bytes
    disclosures: tuple[str, ...]
    proof: Proof


@dataclass(frozen=True)
class CarriedStatement:
    at: str
    data: bytes
    disclosures: tuple[str, ...]
    items: tuple[CarriedItem, ...]


@dataclass(frozen=True)
class CarriedAnchor:
    """The block, and which of its envelopes is the anchor's transaction."""

    block: CarriedBlock
    transaction: int


@dataclass(frozen=True)
class Evidence:
    origin: str
    ledger: bytes
    basis_number: int
    basis_hash: bytes
    records: tuple[str, ...]
    lists: tuple[str, ...]
    statements: tuple[CarriedStatement, ...]
    certificates: tuple[bytes, ...]
    entries: tuple[CarriedLeaf, ...]
    markers: tuple[CarriedLeaf, ...]
    anchor: CarriedAnchor | None
    attestations: tuple[bytes, ...]
    configurations: tuple[CarriedBlock, ...]


def read_evidence(data: bytes, at: str = "evidence") -> Evidence:
    """The rules: at most 32 MiB of canonical JSON, of this version, no member missing or unknown, every array
    in its one order, a scope that is not empty, and no anchor exactly where nothing rests on one.

    The order of entries and markers (by index) is left to whoever reads them.
    Raises EvidenceError EVIDENCE_SIZE, EVIDENCE_VERSION, IS_TRUST_ROOT, EVIDENCE_SCOPE, EVIDENCE_ANCHOR,
    SHAPE_ORDER, a code of the strict text forms and shapes, or one of `fabric.block.read_block`.
    """
    if len(data) > MAX_EVIDENCE:
        raise EvidenceError("EVIDENCE_SIZE", at, f"≤ {MAX_EVIDENCE}", str(len(data)))
    value = parse(data, at)
    check_version(value, VERSION, "EVIDENCE_VERSION", at)
    # Places of parts are named from the file's root: "statements[3]".
    m = Members(members(value, at, _REQUIRED, ("anchor",)).value, "")
    ledger, basis, scope = (
        m.child("ledger", ("id", "origin")),
        m.child("basis", ("hash", "number")),
        m.child("scope", ("lists", "records")),
    )
    evidence = Evidence(
        origin=ledger.text("origin", ORIGIN),
        ledger=ledger.hex32("id"),
        basis_number=basis.integer("number"),
        basis_hash=basis.hex32("hash"),
        records=scope.texts("records", UUID, MANY),
        lists=scope.texts("lists", UUID, MANY),
        statements=_statements(m),
        certificates=_octets(m, "certificates", MANY, sha256),
        entries=tuple(_leaf(v, place) for place, v in m.objects("entries", MANY)),
        markers=tuple(_leaf(v, place) for place, v in m.objects("markers", MANY)),
        anchor=_anchor(m.child("anchor", ("block", "transaction"))) if m.has("anchor") else None,
        attestations=_octets(m, "attestations", MAX_ATTESTATIONS, None),
        configurations=_configurations(m),
    )
    if not evidence.records and not evidence.lists:
        raise EvidenceError("EVIDENCE_SCOPE", "scope", "at least one record or list")
    rests_on_anchor = bool(evidence.attestations or evidence.entries or evidence.markers)
    if rests_on_anchor != (evidence.anchor is not None):
        raise EvidenceError("EVIDENCE_ANCHOR", "anchor", "an anchor exactly where something rests on it")
    return evidence


def _ascending(keys: Sequence[Key], at: str) -> None:
    if any(a >= b for a, b in itertools.pairwise(keys)):
        raise EvidenceError("SHAPE_ORDER", at, "ascending, no repeats")


def _octets(m: Members, name: str, most: int, key: Callable[[bytes], bytes] | None) -> tuple[bytes, ...]:
    """An array of base64, ascending by `key` of the octets, or else by its text."""
    texts = m.texts(name, None, most, ordered=key is None)
    octets = tuple(base64_bytes(text, f"{name}[{n}]") for n, text in enumerate(texts))
    if key is not None:
        _ascending([key(o) for o in octets], name)
    return octets


def _statements(m: Members) -> tuple[CarriedStatement, ...]:
    found = tuple(_statement(value, place) for place, value in m.objects("statements", MANY, 1))
    _ascending([sha256(s.data) for s in found], "statements")
    return found


def _statement(value: Json, at: str) -> CarriedStatement:
    m = members(value, at, ("disclosures", "items", "statement"))
    items = tuple(_item(v, place) for place, v in m.objects("items", MANY))
    _ascending([item.number for item in items], f"{at}.items")
    return CarriedStatement(at, m.text("statement").encode(), m.texts("disclosures", None, MANY), items)


def _item(value: Json, at: str) -> CarriedItem:
    m = members(value, at, ("disclosures", "number", "sha256", "sm3", "text"))
    return CarriedItem(
        at, m.integer("number"), m.text("text").encode(), m.texts("disclosures", None, MANY), _proof(m)
    )


def _leaf(value: Json, at: str) -> CarriedLeaf:
    m = members(value, at, ("sha256", "sm3", "text"))
    return CarriedLeaf(at, m.text("text"), _proof(m))


def _proof(m: Members) -> Proof:
    return Proof(m.proof("sha256"), m.proof("sm3"))


def _anchor(m: Members) -> CarriedAnchor:
    return CarriedAnchor(read_block(m.value["block"], "anchor.block"), m.integer("transaction"))


def _configurations(m: Members) -> tuple[CarriedBlock, ...]:
    blocks = tuple(
        read_block(value, place) for place, value in m.objects("configurations", MAX_CONFIGURATIONS)
    )
    _ascending([block.number for block in blocks], "configurations")
    return blocks
