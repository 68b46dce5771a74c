"""RFC 9162 Merkle trees, the check side: leaf and node hashes, inclusion and consistency.

`ledger/merkle.py` is the prove side. Every function takes the hash (`sha256` or `sm3` of `digests`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

HashFunction: TypeAlias = Callable[[bytes], bytes]


def leaf_hash(h: HashFunction, data: bytes) -> bytes:
    """RFC 9162 2.1.1: HASH(0x00 || d)."""
    return h(b"\x00" + data)


def node_hash(h: HashFunction, left: bytes, right: bytes) -> bytes:
    """RFC 9162 2.1.1: HASH(0x01 || left || right)."""
    return h(b"\x01" + left + right)


def empty_root(h: HashFunction) -> bytes:
    """RFC 9162 2.1.1: the hash of an empty list is the hash of an empty string."""
    return h(b"")


def included(
    h: HashFunction, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Whether `proof` shows the leaf hash at `index` in the tree of `size` with `root`. RFC 9162 2.1.3.2."""
    if not 0 <= index < size:
        return False
    fn, sn, r = index, size - 1, leaf
    for p in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node_hash(h, p, r)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            r = node_hash(h, r, p)
        fn >>= 1
        sn >>= 1
    return sn == 0 and r == root


def consistent(
    h: HashFunction, size1: int, root1: bytes, size2: int, root2: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether `proof` shows that the first tree is a prefix of the second. RFC 9162 2.1.4.2.

    Where the RFC leaves the proof undefined (first tree empty, or sizes equal) it must be empty.
    """
    if not 0 <= size1 <= size2:
        return False
    if size1 == size2:
        return not proof and root1 == root2
    if size1 == 0:
        return not proof and root1 == empty_root(h)
    path = list(proof)
    if size1 & (size1 - 1) == 0:
        path.insert(0, root1)
    if not path:
        return False
    fn, sn = size1 - 1, size2 - 1
    while fn & 1:
        fn >>= 1
        sn >>= 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr = node_hash(h, c, fr)
            sr = node_hash(h, c, sr)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            sr = node_hash(h, sr, c)
        fn >>= 1
        sn >>= 1
    return sn == 0 and fr == root1 and sr == root2


def fold_frontier(h: HashFunction, frontier: Sequence[bytes]) -> bytes:
    """The root of the tree whose complete subtrees, largest first, have these roots."""
    if not frontier:
        return empty_root(h)
    root = frontier[-1]
    for subtree in reversed(frontier[:-1]):
        root = node_hash(h, subtree, root)
    return root


def root_of(h: HashFunction, leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, in time linear in their number."""
    frontier: list[bytes] = []
    for size, leaf in enumerate(leaves):
        frontier.append(leaf)
        while size & 1:
            right = frontier.pop()
            frontier.append(node_hash(h, frontier.pop(), right))
            size >>= 1
    return fold_frontier(h, frontier)
