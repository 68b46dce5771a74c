"""RFC 9162 Merkle trees, the prove side: append, frontier, inclusion and consistency proofs from tiles.

Tiles are those of C2SP tlog-tiles: tile (level, n) holds the hashes n·256 … n·256+255 at height 8·level of
the tree, so that a hash at any height is the root of at most 128 hashes of one tile, and a proof touches
O(log n) tiles. A tree of any earlier size is read from the same tiles. `verifier/merkle.py` checks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from verifier.merkle import HashFunction, fold_frontier, node_hash, root_of

WIDTH = 256
HEIGHT = 8  # WIDTH is 2 ** HEIGHT
HASH = 32  # octets

# (level, n) → the tile's hashes, concatenated; empty if there is no such tile.
ReadTile: TypeAlias = Callable[[int, int], bytes]


class TileMissingError(Exception):
    """A tile holds fewer hashes than the tree's size calls for."""

    def __init__(self, level: int, n: int) -> None:
        super().__init__(f"tile {level}/{n}")
        self.level = level
        self.n = n


@dataclass(frozen=True)
class Tree:
    """A tree of `size` leaves in one hash, over stored tiles. Tiles and roots once read are kept."""

    hash: HashFunction
    size: int
    read: ReadTile
    _tiles: dict[tuple[int, int], bytes] = field(default_factory=dict)
    _nodes: dict[tuple[int, int], bytes] = field(default_factory=dict)


def append(tree: Tree, leaves: Sequence[bytes]) -> tuple[Tree, dict[tuple[int, int], bytes]]:
    """The tree with these leaf hashes added, and every tile that is new or wider, by (level, n).

    Raises TileMissingError if the right edge is not as wide as the tree's size says.
    """
    changed: dict[tuple[int, int], bytes] = {}
    level, size, hashes = 0, tree.size, list(leaves)
    while hashes:
        n, width = divmod(size, WIDTH)
        before = _tile(tree, level, n, width)[: width * HASH] if width else b""
        octets = before + b"".join(hashes)
        full: list[bytes] = []
        for at in range(0, len(octets), WIDTH * HASH):
            tile = octets[at : at + WIDTH * HASH]
            changed[level, n + at // (WIDTH * HASH)] = tile
            if len(tile) == WIDTH * HASH:
                full.append(root_of(tree.hash, _split(tile)))
        level, size, hashes = level + 1, size // WIDTH, full

    def read(level: int, n: int) -> bytes:
        return changed.get((level, n)) or tree.read(level, n)

    return Tree(tree.hash, tree.size + len(leaves), read), changed


def frontier(tree: Tree) -> tuple[bytes, ...]:
    """Roots of the complete subtrees, largest first: one for each 1 bit of the size."""
    return _covering(tree, 0, tree.size)


def root(tree: Tree) -> bytes:
    return fold_frontier(tree.hash, frontier(tree))


def inclusion(tree: Tree, index: int) -> tuple[bytes, ...]:
    """RFC 9162 2.1.3.1: PATH(index, D[size]), leaf side first. `index` < size."""
    if not 0 <= index < tree.size:
        raise ValueError(f"leaf {index} of {tree.size}")
    path: list[bytes] = []
    low, high = 0, tree.size
    while high - low > 1:
        middle = low + _largest_power_below(high - low)
        if index < middle:
            path.append(_range(tree, middle, high))
            high = middle
        else:
            path.append(_range(tree, low, middle))
            low = middle
    return tuple(reversed(path))


def consistency(tree: Tree, size: int) -> tuple[bytes, ...]:
    """RFC 9162 2.1.4.1: PROOF(size, D[tree.size]); empty for an empty or an equal tree."""
    if not 0 <= size <= tree.size:
        raise ValueError(f"size {size} of {tree.size}")
    if size in (0, tree.size):
        return ()
    proof: list[bytes] = []
    low, high = 0, tree.size
    while high != size:
        middle = low + _largest_power_below(high - low)
        if size <= middle:
            proof.append(_range(tree, middle, high))
            high = middle
        else:
            proof.append(_range(tree, low, middle))
            low = middle
    # SUBPROOF's `b`: the old root itself is not repeated.
    if low:
        proof.append(_range(tree, low, high))
    return tuple(reversed(proof))


def grow(
    h: HashFunction, size: int, right_edge: Sequence[bytes], leaves: Sequence[bytes]
) -> tuple[bytes, ...]:
    """The frontier of the tree with that size and frontier after these leaf hashes. Needs no tiles."""
    edge = list(right_edge)
    for leaf in leaves:
        edge.append(leaf)
        carry = size
        while carry & 1:
            right = edge.pop()
            edge.append(node_hash(h, edge.pop(), right))
            carry >>= 1
        size += 1
    return tuple(edge)


def _largest_power_below(n: int) -> int:
    """The largest power of two smaller than n, n > 1."""
    return 1 << ((n - 1).bit_length() - 1)


def _range(tree: Tree, low: int, high: int) -> bytes:
    """MTH(D[low:high]), where low is a multiple of the power of two that covers the range."""
    return fold_frontier(tree.hash, _covering(tree, low, high))


def _covering(tree: Tree, low: int, high: int) -> tuple[bytes, ...]:
    """Roots of the complete subtrees of D[low:high], largest first; `low` as for `_range`."""
    out: list[bytes] = []
    while low < high:
        height = (high - low).bit_length() - 1
        out.append(_node(tree, height, low >> height))
        low += 1 << height
    return tuple(out)


def _node(tree: Tree, height: int, index: int) -> bytes:
    """The hash at `height` above the leaves, `index` from the left."""
    known = tree._nodes.get((height, index))
    if known is not None:
        return known
    level, above = divmod(height, HEIGHT)
    first, count = index << above, 1 << above
    n, at = divmod(first, WIDTH)
    tile = _tile(tree, level, n, at + count)
    value = root_of(tree.hash, _split(tile[at * HASH : (at + count) * HASH]))
    tree._nodes[height, index] = value
    return value


def _tile(tree: Tree, level: int, n: int, width: int) -> bytes:
    tile = tree._tiles.get((level, n))
    if tile is None:
        tile = tree.read(level, n)
        tree._tiles[level, n] = tile
    if len(tile) < width * HASH:
        raise TileMissingError(level, n)
    return tile


def _split(octets: bytes) -> list[bytes]:
    return [octets[at : at + HASH] for at in range(0, len(octets), HASH)]
