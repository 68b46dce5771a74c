"""Whatever is changed in evidence that holds, the answer is never "consistent"."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

import pytest

from tests.verifier.forge_evidence import CURRENT, LIST, ZHANG, Script, forge
from tests.verifier.forge_people import canonical
from verifier.report import Verdict
from verifier.verify import verify

FORGED = forge(Script(records=(ZHANG,), lists=(LIST,)))
EVIDENCE, TRUST = FORGED.octets, FORGED.trust_octets
CHUNKS = 10
Path = tuple[str | int, ...]


def _verdict(evidence: bytes, trust: bytes = TRUST) -> Verdict:
    return verify(evidence, trust, CURRENT).verdict


def test_the_good_case() -> None:
    assert _verdict(EVIDENCE) is Verdict.CONSISTENT


@pytest.mark.parametrize("seed", range(CHUNKS))
def test_flipped_bits(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    for _ in range(12):
        octets = bytearray(EVIDENCE)
        octets[chance.randrange(len(octets))] ^= 1 << chance.randrange(8)
        assert _verdict(bytes(octets)) is Verdict.CANNOT_CHECK


def test_flipped_bits_of_the_trust_root() -> None:
    chance = random.Random(1)  # noqa: S311
    for _ in range(40):
        octets = bytearray(TRUST)
        octets[chance.randrange(len(octets))] ^= 1 << chance.randrange(8)
        assert _verdict(EVIDENCE, bytes(octets)) is Verdict.CANNOT_CHECK


def _texts(value: Any, path: Path = ()) -> Iterator[Path]:
    if isinstance(value, str):
        yield path
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _texts(inner, (*path, number))
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts(inner, (*path, name))


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def _another(character: str, chance: random.Random) -> str:
    """Of the same class, so that the form stays and only the meaning changes."""
    for alphabet in ("0123456789", "abcdef", "ghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
        if character in alphabet:
            return chance.choice([c for c in alphabet if c != character])
    return "#"


PATHS = sorted(_texts(FORGED.evidence), key=repr)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_changed_characters(chunk: int) -> None:
    """One character in every text of the file, here in a tenth of them, in good canonical form."""
    chance = random.Random(chunk)  # noqa: S311
    for path in PATHS[chunk::CHUNKS]:
        evidence = copy.deepcopy(FORGED.evidence)
        text = _at(evidence, path)
        place = chance.randrange(len(text)) if text else 0
        changed = text[:place] + _another(text[place : place + 1] or "x", chance) + text[place + 1 :]
        _at(evidence, path[:-1])[path[-1]] = changed
        assert _verdict(canonical(evidence)) is not Verdict.CONSISTENT, path


def _arrays(value: Any, path: Path = ()) -> Iterator[Path]:
    if isinstance(value, list):
        yield path
    inner = enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
    for step, below in inner:
        yield from _arrays(below, (*path, step))


def _may_be_left_out(path: Path, number: int) -> bool:
    """Disclosures may be withheld; a configuration after the last one needed may be unknown to the maker."""
    if path[-1] == "disclosures":
        return True
    return path == ("configurations",) and number == len(FORGED.evidence["configurations"]) - 1


def test_elements_left_out_or_twice() -> None:
    for path in _arrays(FORGED.evidence):
        if path[-1] in ("sha256", "sm3"):
            continue  # attacked one by one elsewhere
        for number in range(len(_at(FORGED.evidence, path))):
            for doubled in (True, False):
                if not doubled and _may_be_left_out(path, number):
                    continue
                evidence = copy.deepcopy(FORGED.evidence)
                array = _at(evidence, path)
                if doubled:
                    array.insert(number, array[number])
                else:
                    del array[number]
                assert _verdict(canonical(evidence)) is not Verdict.CONSISTENT, (path, number, doubled)


def test_members_left_out() -> None:
    for name in FORGED.evidence:
        evidence = copy.deepcopy(FORGED.evidence)
        del evidence[name]
        assert _verdict(canonical(evidence)) is Verdict.CANNOT_CHECK, name
