"""Trees over tiles against the definition of RFC 9162 section 2.1, and proofs against the check side."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import merkle
from ledger.merkle import Tree
from verifier import merkle as check
from verifier.digests import sha256, sm3

HASHES = [pytest.param(sha256, id="sha256"), pytest.param(sm3, id="sm3")]


def leaves(count: int, h: check.HashFunction = sha256) -> list[bytes]:
    return [check.leaf_hash(h, b"%d" % n) for n in range(count)]


def definition(h: check.HashFunction, hashes: list[bytes]) -> bytes:
    """MTH of RFC 9162 2.1.1 over leaf hashes, word for word."""
    if not hashes:
        return h(b"")
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    return check.node_hash(h, definition(h, hashes[:k]), definition(h, hashes[k:]))


class Store:
    """Tiles in memory; counts how many were read."""

    def __init__(self, h: check.HashFunction) -> None:
        self.tiles: dict[tuple[int, int], bytes] = {}
        self.reads = 0
        self.size = 0
        self.h = h

    def read(self, level: int, n: int) -> bytes:
        self.reads += 1
        return self.tiles.get((level, n), b"")

    def tree(self, size: int | None = None) -> Tree:
        return Tree(self.h, self.size if size is None else size, self.read)

    def add(self, hashes: list[bytes]) -> None:
        grown, changed = merkle.append(self.tree(), hashes)
        for key, tile in changed.items():
            before = self.tiles.get(key, b"")
            assert len(before) < 256 * 32, "a full tile never changes"
            assert tile.startswith(before)
            self.tiles[key] = tile
        self.size = grown.size


def store_of(hashes: list[bytes], h: check.HashFunction = sha256, step: int = 997) -> Store:
    store = Store(h)
    for at in range(0, len(hashes), step):
        store.add(hashes[at : at + step])
    return store


@pytest.mark.parametrize("h", HASHES)
def test_every_root_frontier_and_inclusion_up_to_130(h: check.HashFunction) -> None:
    hashes = leaves(130, h)
    store = store_of(hashes, h, step=7)
    for size in range(131):
        tree, expected = store.tree(size), definition(h, hashes[:size])
        assert merkle.root(tree) == expected
        assert len(merkle.frontier(tree)) == size.bit_count()
        assert merkle.grow(h, 0, (), hashes[:size]) == merkle.frontier(tree)
        for index in range(size):
            proof = merkle.inclusion(tree, index)
            assert check.included(h, hashes[index], index, size, proof, expected)


def test_every_consistency_pair_up_to_130() -> None:
    hashes = leaves(130)
    store = store_of(hashes, step=11)
    roots = [definition(sha256, hashes[:size]) for size in range(131)]
    for size2 in range(131):
        tree = store.tree(size2)
        for size1 in range(size2 + 1):
            proof = merkle.consistency(tree, size1)
            assert check.consistent(sha256, size1, roots[size1], size2, roots[size2], proof)
            if proof:
                assert not check.consistent(sha256, size1, roots[size1], size2, roots[size2], proof[:-1])


@pytest.mark.parametrize("size", [255, 256, 257, 511, 512, 65_535, 65_536, 65_537])
def test_tile_boundaries(size: int) -> None:
    hashes = leaves(size)
    store = store_of(hashes, step=4096)
    tree, expected = store.tree(), check.root_of(sha256, hashes)
    assert merkle.root(tree) == expected
    assert len(store.tiles[0, 0]) == 32 * min(size, 256)
    assert ((1, 0) in store.tiles) == (size >= 256)
    assert ((2, 0) in store.tiles) == (size >= 65_536)
    for index in {0, 1, 254, 255, 256, size // 2, size - 2, size - 1} & set(range(size)):
        proof = merkle.inclusion(store.tree(), index)
        assert check.included(sha256, hashes[index], index, size, proof, expected)
    for size1 in {1, 2, 255, 256, 257, size // 2, size - 1, size} & set(range(size + 1)):
        proof = merkle.consistency(store.tree(), size1)
        assert check.consistent(sha256, size1, check.root_of(sha256, hashes[:size1]), size, expected, proof)


def test_a_proof_reads_few_tiles() -> None:
    store = store_of(leaves(70_000), step=4096)
    store.reads = 0
    merkle.inclusion(store.tree(), 12_345)
    # Three levels: the leaf's own tile and those of the right edge at each.
    assert store.reads <= 6


@settings(max_examples=60)
@given(st.lists(st.integers(0, 400), min_size=1, max_size=6), st.data())
def test_any_way_of_appending_gives_the_same_tiles(steps: list[int], data: st.DataObject) -> None:
    hashes = leaves(sum(steps))
    at_once, in_steps = Store(sha256), Store(sha256)
    at_once.add(hashes)
    edge: tuple[bytes, ...] = ()
    for step in steps:
        added = hashes[in_steps.size : in_steps.size + step]
        edge = merkle.grow(sha256, in_steps.size, edge, added)
        in_steps.add(added)
        assert merkle.frontier(in_steps.tree()) == edge
    assert in_steps.tiles == at_once.tiles
    assert merkle.root(in_steps.tree()) == check.root_of(sha256, hashes)
    if hashes:
        size = data.draw(st.integers(1, len(hashes)))
        index = data.draw(st.integers(0, size - 1))
        root = check.root_of(sha256, hashes[:size])
        proof = merkle.inclusion(in_steps.tree(size), index)
        assert check.included(sha256, hashes[index], index, size, proof, root)
        assert not check.included(sha256, sha256(b"other"), index, size, proof, root)


def test_a_narrow_tile_is_named() -> None:
    store = store_of(leaves(300))
    store.tiles[0, 1] = store.tiles[0, 1][:32]
    with pytest.raises(merkle.TileMissingError, match="tile 0/1"):
        merkle.root(store.tree())


@pytest.mark.parametrize(("size", "index"), [(0, 0), (5, 5), (5, -1)])
def test_no_proof_beyond_the_tree(size: int, index: int) -> None:
    with pytest.raises(ValueError, match="leaf"):
        merkle.inclusion(store_of(leaves(5)).tree(size), index)
