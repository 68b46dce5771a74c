"""One octet of evidence or trust root changed, removed or inserted: the answer is never "consistent".

A sample here; every octet in `make test-long`, on a network so small that this takes minutes, not hours.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

import pytest

from tests.verifier.elsewhere import here, smallest
from tests.verifier.forge_evidence import CURRENT
from tests.verifier.many_verdicts import found_in
from verifier.report import Verdict
from verifier.verify import verify

Mutation = Callable[[bytes, int], bytes]
ALIKE = (b"0123456789", b"abcdef", b"ghijklmnopqrstuvwxyz", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def _bit(data: bytes, place: int) -> bytes:
    """Any of the eight bits, so that neighbours differ in which."""
    return data[:place] + bytes([data[place] ^ 1 << place * 5 % 8]) + data[place + 1 :]


def _next_of_its_kind(data: bytes, place: int) -> bytes:
    """So that the form stays and only the meaning changes; punctuation becomes a digit."""
    octet = data[place]
    kind = next((alphabet for alphabet in ALIKE if octet in alphabet), b"0")
    other = kind[(kind.find(octet) + 1) % len(kind)]
    return data[:place] + bytes([other]) + data[place + 1 :]


def _removed(data: bytes, place: int) -> bytes:
    return data[:place] + data[place + 1 :]


def _doubled(data: bytes, place: int) -> bytes:
    return data[:place] + data[place : place + 1] + data[place:]


MUTATIONS: dict[str, Mutation] = {
    "a bit flipped": _bit,
    "the next of its kind": _next_of_its_kind,
    "removed": _removed,
    "doubled": _doubled,
}


def _survivors(case: tuple[str, str, bytes, bytes, range]) -> list[int]:
    """The places at which the mutation leaves evidence that is not refused."""
    which, name, evidence, trust, places = case
    found = []
    for place in places:
        if which == "evidence":
            verdict = verify(MUTATIONS[name](evidence, place), trust, ()).verdict
        else:
            verdict = verify(evidence, MUTATIONS[name](trust, place), ()).verdict
        if verdict is not Verdict.CANNOT_CHECK:
            found.append(place)
    return found


def test_the_good_cases() -> None:
    for forged in (here(), smallest()):
        files = CURRENT if forged is here() else ()
        assert verify(forged.octets, forged.trust_octets, files).verdict is Verdict.CONSISTENT


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_mutation_changes_something(name: str) -> None:
    octets = here().trust_octets
    assert all(MUTATIONS[name](octets, place) != octets for place in range(2_000))


@pytest.mark.parametrize("name", MUTATIONS)
@pytest.mark.parametrize("which", ["evidence", "trust root"])
def test_some_octets(which: str, name: str) -> None:
    evidence, trust = here().octets, here().trust_octets
    changed = evidence if which == "evidence" else trust
    chance = random.Random(f"{which} {name}")  # noqa: S311
    for place in chance.sample(range(len(changed)), 40):
        assert not _survivors((which, name, evidence, trust, range(place, place + 1))), place


def _cases(which: str, name: str) -> Iterable[tuple[str, str, bytes, bytes, range]]:
    evidence, trust = smallest().octets, smallest().trust_octets
    size = len(evidence if which == "evidence" else trust)
    for start in range(0, size, 500):
        yield which, name, evidence, trust, range(start, min(start + 500, size))


@pytest.mark.long
@pytest.mark.parametrize("name", MUTATIONS)
@pytest.mark.parametrize("which", ["evidence", "trust root"])
def test_every_octet(which: str, name: str) -> None:
    assert found_in(_cases(which, name), _survivors) == []
