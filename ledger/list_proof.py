"""Inclusion proofs of list items, the prove side of `verifier/item.py`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ledger.merkle import Tree, append, inclusion
from verifier.digests import sha256, sm3
from verifier.merkle import HashFunction, leaf_hash

Prove: TypeAlias = Callable[[int], tuple[bytes, ...]]


@dataclass(frozen=True)
class ListTree:
    """For each algorithm, the function from an item's number to its proof."""

    sha256: Prove
    sm3: Prove


def list_tree(items: Sequence[bytes]) -> ListTree:
    """The trees over the items' bytes, in order."""
    return ListTree(_prover(sha256, items), _prover(sm3, items))


def _prover(h: HashFunction, items: Sequence[bytes]) -> Prove:
    empty = Tree(h, 0, lambda level, n: b"")
    tree, _ = append(empty, [leaf_hash(h, item) for item in items])
    return lambda number: inclusion(tree, number)
