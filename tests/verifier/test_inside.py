"""What stands inside the texts of evidence, and what stands in their place: refused, and never a crash.

One octet of the outermost form is changed in `test_one_byte`; there most changes spoil the JSON or the base64
around. Here what is around stays whole, so that the readers below it meet the change.
"""

from __future__ import annotations

import base64
import binascii
import copy
import itertools
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import pytest

from tests.verifier.elsewhere import smallest
from tests.verifier.forge_evidence import Object
from tests.verifier.forge_log import sha256
from tests.verifier.forge_people import canonical
from tests.verifier.many_verdicts import found_in
from verifier.report import Verdict
from verifier.verify import verify

Path = tuple[str | int, ...]
Change = Callable[[bytes, int], bytes]

CHANGES: dict[str, Change] = {
    "a bit flipped": lambda data, n: data[:n] + bytes([data[n] ^ 1 << n * 3 % 8]) + data[n + 1 :],
    "the highest bit flipped": lambda data, n: data[:n] + bytes([data[n] ^ 0x80]) + data[n + 1 :],
    "removed": lambda data, n: data[:n] + data[n + 1 :],
    "doubled": lambda data, n: data[:n] + data[n : n + 1] + data[n:],
    "a zero before": lambda data, n: data[:n] + b"\x00" + data[n:],
    "cut there": lambda data, n: data[:n],
}
OTHERS: list[Any] = [
    "",
    "x",
    0,
    1,
    2**53 - 1,
    True,
    False,
    [],
    [[]],
    [""],
    {},
    {"": ""},
    "\U0001f4dc",
    "é" * 99,
]


def _places(value: Any, path: Path = ()) -> Iterator[Path]:
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, below in inner:
        yield from _places(below, (*path, step))


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def _decoded(text: Any) -> bytes:
    """The octets in base64; of everything else none."""
    try:
        return base64.b64decode(text, validate=True) if isinstance(text, str) and len(text) > 8 else b""
    except (binascii.Error, ValueError):
        return b""


TEXTS = [path for path in _places(smallest().evidence) if _decoded(_at(smallest().evidence, path))]
STATEMENTS = [(n, part) for n in range(len(smallest().evidence["statements"])) for part in range(3)]


def _refused(path: Path, new: Any) -> bool:
    if path:
        evidence = copy.deepcopy(smallest().evidence)
        _at(evidence, path[:-1])[path[-1]] = copy.deepcopy(new)
    else:
        evidence = copy.deepcopy(new)
    _sort(evidence)
    report = verify(canonical(evidence), smallest().trust_octets)
    return report.verdict is Verdict.CANNOT_CHECK


def _survivors(changes: Sequence[tuple[Path, Any]]) -> list[tuple[Path, Any]]:
    """Those that leave evidence that is not refused."""
    return [(path, new) for path, new in changes if not _refused(path, new)]


def _portions(changes: Iterable[tuple[Path, Any]]) -> Iterator[list[tuple[Path, Any]]]:
    every = iter(changes)
    while portion := list(itertools.islice(every, 200)):
        yield portion


def _sort(evidence: Any) -> None:
    """The arrays that a change can bring out of their order."""
    try:
        evidence["attestations"].sort()
        evidence["certificates"].sort(key=lambda text: sha256(base64.b64decode(text)))
        evidence["statements"].sort(key=lambda s: sha256(s["statement"].encode()))
    except (AttributeError, KeyError, TypeError, ValueError):
        pass  # not what they were: refused for that


def _in_base64(name: str) -> Iterator[tuple[Path, str]]:
    for path in TEXTS:
        octets = _decoded(_at(smallest().evidence, path))
        for place in range(len(octets)):
            yield path, base64.b64encode(CHANGES[name](octets, place)).decode()


def _in_statements(name: str) -> Iterator[tuple[Path, str]]:
    """In the JSON of header and payload, and in the signature."""
    for number, part in STATEMENTS:
        path = ("statements", number, "statement")
        parts: list[str] = _at(smallest().evidence, path).split(".")
        octets = base64.urlsafe_b64decode(parts[part] + "=" * (-len(parts[part]) % 4))
        for place in range(len(octets)):
            changed = base64.urlsafe_b64encode(CHANGES[name](octets, place)).rstrip(b"=").decode()
            yield path, ".".join([*parts[:part], changed, *parts[part + 1 :]])


WAYS = {"base64": _in_base64, "statements": _in_statements}


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("way", WAYS)
def test_some_octets_inside(way: str, name: str) -> None:
    changes = [c for c in WAYS[way](name) if c[1] != _at(smallest().evidence, c[0])]
    assert _survivors(random.Random(f"{way} {name}").sample(changes, 30)) == []  # noqa: S311


@pytest.mark.long
@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("way", WAYS)
def test_every_octet_inside(way: str, name: str) -> None:
    changes = (c for c in WAYS[way](name) if c[1] != _at(smallest().evidence, c[0]))
    assert found_in(_portions(changes), _survivors) == []


def _replacements() -> list[tuple[Path, Object | Any]]:
    """Every value of the file by values of every type."""
    evidence: Object = smallest().evidence
    return [
        (path, other)
        for path in _places(evidence)
        for other in OTHERS
        # 1 == True, and a number is not a flag.
        if (type(other), other) != (type(_at(evidence, path)), _at(evidence, path))
        # Disclosures may be withheld; without attestations evidence is incomplete.
        and not (other == [] and path[-1:] in (("disclosures",), ("attestations",)))
    ]


def test_some_values_of_another_type() -> None:
    assert _survivors(random.Random("types").sample(_replacements(), 200)) == []  # noqa: S311


@pytest.mark.long
def test_every_value_of_every_other_type() -> None:
    assert found_in(_portions(_replacements()), _survivors) == []
