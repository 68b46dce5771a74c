"""List items: one signature, many records, each proved alone. docs/formats.md section 5."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from verifier import merkle
from verifier.canonical import parse
from verifier.claims import SHARED, Claims, read_claims
from verifier.digests import Digests, both, sha256, sm3
from verifier.errors import EvidenceError
from verifier.shape import UUID, members
from verifier.statement import ListClaim

MAX_ITEM = 65_536


@dataclass(frozen=True)
class Item:
    """A parsed item; `digests` are of exactly `data`."""

    data: bytes
    digests: Digests
    number: int
    record: str
    claims: Claims


def parse_item(data: bytes, number: int, at: str = "item") -> Item:
    """Raises EvidenceError ITEM_SIZE or a shape's code."""
    if len(data) > MAX_ITEM:
        raise EvidenceError("ITEM_SIZE", at, f"≤ {MAX_ITEM}", str(len(data)))
    m = members(parse(data, at), at, ("_sd_alg", "record"), SHARED)
    return Item(data, both(data), number, m.text("record", UUID), read_claims(m))


def check_item(
    listing: ListClaim, item: Item, proof_sha256: Sequence[bytes], proof_sm3: Sequence[bytes], at: str
) -> None:
    """Raises EvidenceError ITEM_NOT_IN_LIST unless both trees hold the item at its number."""
    first, second = merkle.leaf_hash(sha256, item.data), merkle.leaf_hash(sm3, item.data)
    in_first = merkle.included(sha256, first, item.number, listing.size, proof_sha256, listing.roots.sha256)
    in_second = merkle.included(sm3, second, item.number, listing.size, proof_sm3, listing.roots.sm3)
    if not in_first or not in_second:
        named = ("SHA-256" if not in_first else "") + (" SM3" if not in_second else "")
        raise EvidenceError("ITEM_NOT_IN_LIST", at, f"item {item.number} of {listing.size}", named.strip())


def list_roots(items: Sequence[bytes]) -> Digests:
    """The two roots over the items' bytes, in order."""
    return Digests(
        merkle.root_of(sha256, [merkle.leaf_hash(sha256, i) for i in items]),
        merkle.root_of(sm3, [merkle.leaf_hash(sm3, i) for i in items]),
    )
