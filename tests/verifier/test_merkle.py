"""RFC 9162 trees, checked against the RFC's own recursion for every size up to 130."""

from __future__ import annotations

import functools
import hashlib
import random

import pytest

from verifier import merkle
from verifier.digests import sha256, sm3

SIZES = range(131)
DATA = [f"leaf {n}".encode() for n in SIZES]
FUNCTIONS = {"sha256": sha256, "sm3": sm3}
Proof = list[bytes]


def split(n: int) -> int:
    """The largest power of two smaller than n."""
    return 1 << (n - 1).bit_length() - 1


@functools.cache
def mth(name: str, low: int, high: int) -> bytes:
    """MTH(D[low:high]) of RFC 9162 section 2.1.1."""
    h = FUNCTIONS[name]
    if high == low:
        return h(b"")
    if high - low == 1:
        return h(b"\x00" + DATA[low])
    k = split(high - low)
    return h(b"\x01" + mth(name, low, low + k) + mth(name, low + k, high))


def path(name: str, m: int, low: int, high: int) -> Proof:
    """PATH(m, D[low:high]) of section 2.1.3.1."""
    if high - low == 1:
        return []
    k = split(high - low)
    if m < k:
        return [*path(name, m, low, low + k), mth(name, low + k, high)]
    return [*path(name, m - k, low + k, high), mth(name, low, low + k)]


def subproof(name: str, m: int, low: int, high: int, whole: bool) -> Proof:
    """SUBPROOF(m, D[low:high], b) of section 2.1.4.1."""
    if m == high - low:
        return [] if whole else [mth(name, low, high)]
    k = split(high - low)
    if m <= k:
        return [*subproof(name, m, low, low + k, whole), mth(name, low + k, high)]
    return [*subproof(name, m - k, low + k, high, False), mth(name, low, low + k)]


def spoiled(proof: Proof, chance: random.Random) -> list[Proof]:
    """The proof cut, drawn out, and with a bit changed."""
    found = [[*proof, b"\x00" * 32], [b"\x00" * 32, *proof]]
    if proof:
        found += [proof[:-1], proof[1:], [*proof, proof[-1]], []]
        place = chance.randrange(len(proof))
        octets = bytearray(proof[place])
        octets[chance.randrange(32)] ^= 1 << chance.randrange(8)
        found.append([*proof[:place], bytes(octets), *proof[place + 1 :]])
        found.append([*proof[:place], proof[place][:-1], *proof[place + 1 :]])
    if len(proof) > 1:
        found.append(list(reversed(proof)))
    return found


@pytest.mark.parametrize("name", FUNCTIONS)
def test_roots(name: str) -> None:
    h = FUNCTIONS[name]
    for size in SIZES:
        leaves = [merkle.leaf_hash(h, data) for data in DATA[:size]]
        assert merkle.root_of(h, leaves) == mth(name, 0, size)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_inclusion(name: str) -> None:
    h, chance = FUNCTIONS[name], random.Random(1)  # noqa: S311
    for size in SIZES if name == "sha256" else range(0, 131, 13):
        root = mth(name, 0, size)
        for index in range(size):
            leaf, proof = merkle.leaf_hash(h, DATA[index]), path(name, index, 0, size)
            assert merkle.included(h, leaf, index, size, proof, root)
            for wrong in spoiled(proof, chance):
                assert not merkle.included(h, leaf, index, size, wrong, root), (index, size, len(wrong))
            other = merkle.leaf_hash(h, b"another leaf")
            assert not merkle.included(h, other, index, size, proof, root)
            assert not merkle.included(h, leaf, index, size, proof, mth(name, 0, size - 1))


def test_inclusion_at_another_index() -> None:
    for size in (1, 2, 3, 7, 8, 64, 100, 130):
        root = mth("sha256", 0, size)
        for index in range(size):
            leaf, proof = merkle.leaf_hash(sha256, DATA[index]), path("sha256", index, 0, size)
            for wrong in {index - 1, index + 1, index ^ 1, index + size, size, -1} - {index}:
                assert not merkle.included(sha256, leaf, wrong, size, proof, root), (index, wrong, size)


def test_inclusion_out_of_range() -> None:
    root, leaf = mth("sha256", 0, 1), merkle.leaf_hash(sha256, DATA[0])
    assert merkle.included(sha256, leaf, 0, 1, [], root)
    for index, size in ((0, 0), (1, 1), (-1, 1), (0, -1), (5, 3)):
        assert not merkle.included(sha256, leaf, index, size, [], root)
    assert not merkle.included(sha256, sha256(b""), 0, 0, [], sha256(b""))


def test_consistency() -> None:
    chance = random.Random(2)  # noqa: S311
    for new in SIZES:
        newer = mth("sha256", 0, new)
        for old in range(1, new):
            older, proof = mth("sha256", 0, old), subproof("sha256", old, 0, new, True)
            assert merkle.consistent(sha256, old, older, new, newer, proof)
            for wrong in spoiled(proof, chance):
                assert not merkle.consistent(sha256, old, older, new, newer, wrong), (old, new, len(wrong))
            assert not merkle.consistent(sha256, old, mth("sha256", 1, old + 1), new, newer, proof)
            assert not merkle.consistent(sha256, old, older, new, mth("sha256", 1, new), proof)
            assert not merkle.consistent(sha256, new, newer, old, older, proof)


def test_consistency_of_sm3() -> None:
    for new in range(1, 131, 11):
        for old in range(1, new, 3):
            proof = subproof("sm3", old, 0, new, True)
            assert merkle.consistent(sm3, old, mth("sm3", 0, old), new, mth("sm3", 0, new), proof)
            assert not merkle.consistent(sha256, old, mth("sm3", 0, old), new, mth("sm3", 0, new), proof)


def test_consistency_where_the_rfc_says_nothing() -> None:
    """From the empty tree, and between equal sizes: an empty proof only, and the right roots."""
    empty, one, five = (mth("sha256", 0, size) for size in (0, 1, 5))
    stray = [b"\x00" * 32]
    assert merkle.consistent(sha256, 0, empty, 5, five, [])
    assert not merkle.consistent(sha256, 0, empty, 5, five, stray)
    assert not merkle.consistent(sha256, 0, one, 5, five, [])
    assert merkle.consistent(sha256, 5, five, 5, five, [])
    assert not merkle.consistent(sha256, 5, five, 5, five, stray)
    assert not merkle.consistent(sha256, 5, five, 5, one, [])
    assert merkle.consistent(sha256, 0, empty, 0, empty, [])
    assert not merkle.consistent(sha256, -1, empty, 5, five, [])
    assert not merkle.consistent(sha256, 1, one, 2, mth("sha256", 0, 2), [])


def _constant(_: bytes) -> bytes:
    return b"the same for everything"


def test_the_length_of_a_proof_is_judged_by_itself() -> None:
    """Not by the hash: with one under which everything collides, exactly one length is still right."""
    same, size = _constant(b""), 11
    for index in range(size):
        right = len(path("sha256", index, 0, size))
        taken = [n for n in range(9) if merkle.included(_constant, same, index, size, [same] * n, same)]
        assert taken == [right], index
    for old in range(1, size):
        right = len(subproof("sha256", old, 0, size, True))
        taken = [n for n in range(9) if merkle.consistent(_constant, old, same, size, same, [same] * n)]
        assert taken == [right], old


def test_sizes_out_of_order() -> None:
    same = _constant(b"")
    for old, new in ((2, 1), (5, 4), (-1, 4), (-2, -1), (-1, -1)):
        for n in range(4):
            assert not merkle.consistent(_constant, old, same, new, same, [same] * n), (old, new, n)


def test_frontier() -> None:
    """The roots of the complete subtrees, one for each 1 bit of the size, largest first."""
    for size in SIZES:
        low, frontier = 0, []
        for bit in reversed(range(8)):
            if size >> bit & 1:
                frontier.append(mth("sha256", low, low + (1 << bit)))
                low += 1 << bit
        assert len(frontier) == size.bit_count()
        assert merkle.fold_frontier(sha256, frontier) == mth("sha256", 0, size)


def test_known_answers() -> None:
    """Of the empty tree and of one empty leaf, as in Certificate Transparency's test vectors."""
    assert merkle.empty_root(sha256).hex() == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
    assert merkle.leaf_hash(sha256, b"").hex() == (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )


# What trees without domain separation, or with doubled odd leaves, admit


def _plain_root(leaves: list[bytes], *, double: bool) -> bytes:
    """Hash upon hash without prefix; an odd leaf is doubled, or goes up as it is."""
    level = [hashlib.sha256(leaf).digest() for leaf in leaves]
    while len(level) > 1:
        if len(level) % 2 and double:
            level.append(level[-1])
        pairs = [b"".join(level[n : n + 2]) for n in range(0, len(level), 2)]
        level = [hashlib.sha256(p).digest() if len(p) == 64 else p for p in pairs]
    return level[0]


def test_a_node_is_never_a_leaf() -> None:
    """64 octets chosen as two hashes make a second list under one root, where nothing separates them."""
    four = DATA[:4]
    hashed = [hashlib.sha256(leaf).digest() for leaf in four]
    two = [hashed[0] + hashed[1], hashed[2] + hashed[3]]
    assert _plain_root(four, double=False) == _plain_root(two, double=False)

    leaves = [merkle.leaf_hash(sha256, leaf) for leaf in four]
    root = merkle.root_of(sha256, leaves)
    pairs = [leaves[0] + leaves[1], leaves[2] + leaves[3]]
    forged = [merkle.leaf_hash(sha256, pair) for pair in pairs]
    assert merkle.root_of(sha256, forged) != root
    assert not merkle.included(sha256, forged[0], 0, 2, [forged[1]], root)


def test_an_odd_leaf_is_not_doubled() -> None:
    """Doubling lets a list pass for one with its last element twice."""
    three = DATA[:3]
    assert _plain_root(three, double=True) == _plain_root([*three, three[-1]], double=True)
    assert mth("sha256", 0, 3) != merkle.root_of(
        sha256, [merkle.leaf_hash(sha256, leaf) for leaf in [*three, three[-1]]]
    )
