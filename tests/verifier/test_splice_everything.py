"""Every member and element of true evidence put in the place of its like in other true evidence.

The evidence is walked path by path; no list of members says what is tried, so that none can be forgotten.
"""

from __future__ import annotations

import base64
import copy
import itertools
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.verifier.elsewhere import (
    another_batch,
    another_history,
    another_ledger,
    another_record,
    here,
    reset_network,
    strangers,
)
from tests.verifier.forge_evidence import CURRENT, Object
from tests.verifier.forge_log import sha256
from tests.verifier.forge_people import canonical
from verifier.report import Verdict
from verifier.verify import verify

Path = tuple[str | int, ...]


def _strangers() -> Object:
    evidence: Object = json.loads(strangers()[0])
    return evidence


SOURCES: dict[str, Callable[[], Object]] = {
    "another record": lambda: another_record().evidence,
    "another batch": lambda: another_batch().evidence,
    "another history": lambda: another_history().evidence,
    "another ledger": lambda: another_ledger().evidence,
    "the network reset": lambda: reset_network().evidence,
    "strangers of the same names": _strangers,
}
# How an array is put in order again after a foreign element came into it.
ORDERS: dict[str, Callable[[Any], Any]] = {
    "attestations": str,
    "certificates": lambda text: sha256(base64.b64decode(text)),
    "configurations": lambda block: block["number"],
    "disclosures": str,
    "entries": lambda leaf: int(leaf["text"].split("\n")[1]),
    "items": lambda item: item["number"],
    "lists": str,
    "markers": lambda leaf: int(leaf["text"].split("\n")[1]),
    "records": str,
    "statements": lambda statement: sha256(statement["statement"].encode()),
}


def _paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every member and element below; of a proof the first and the last suffice."""
    steps: list[str | int] = []
    if isinstance(value, dict):
        steps = list(value)
    elif isinstance(value, list):
        steps = list(range(len(value)))
        if path[-1] in ("sha256", "sm3"):
            steps = sorted({0, len(value) - 1}) if value else []
    for step in steps:
        yield (*path, step)
        yield from _paths(value[step], (*path, step))


def _at(value: Any, path: Path) -> Any:
    """The value there, or None where the path leads nowhere."""
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _like(source: str) -> Iterator[tuple[Path, Any]]:
    """At every path that both have, if the two differ: theirs in the place of mine."""
    other = SOURCES[source]()
    for path in _paths(here().evidence):
        mine, theirs = _at(here().evidence, path), _at(other, path)
        if theirs is not None and theirs != mine and not _withholds(path, mine, theirs):
            yield path, theirs


def _withholds(path: Path, mine: Any, theirs: Any) -> bool:
    """Fewer of the same disclosures: whoever hands evidence on may withhold any, and it stays consistent."""
    return path[-1] == "disclosures" and isinstance(mine, list) and all(text in mine for text in theirs)


def _elements(source: str) -> Iterator[tuple[Path, Any]]:
    """In every array: a foreign element instead of any, or beside them, the array put in order again."""
    other = SOURCES[source]()
    for path in _paths(here().evidence):
        mine, theirs = _at(here().evidence, path), _at(other, path)
        if path[-1] not in ORDERS or not isinstance(mine, list) or not isinstance(theirs, list):
            continue
        foreign = [element for element in theirs if element not in mine]
        for element, place in itertools.product(foreign, range(len(mine) + 1)):
            yield path, sorted([*mine[:place], element, *mine[place + 1 :]], key=ORDERS[str(path[-1])])


WAYS = {"in the place of its like": _like, "in the place of any other": _elements}


def _assert_refused(path: Path, new: Any) -> None:
    evidence = copy.deepcopy(here().evidence)
    _at(evidence, path[:-1])[path[-1]] = copy.deepcopy(new)
    report = verify(canonical(evidence), here().trust_octets, CURRENT)
    assert report.verdict is Verdict.CANNOT_CHECK, path


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("source", SOURCES)
def test_some(source: str, way: str) -> None:
    splices = list(WAYS[way](source))
    assert len(splices) > 5
    for path, new in random.Random(f"{source} {way}").sample(splices, min(12, len(splices))):  # noqa: S311
        _assert_refused(path, new)


def test_withholding_is_no_splice() -> None:
    """The one exception above is a right, and no more than that: what is withheld is missing, not wrong."""
    here_now = here().evidence
    paths = [path for path in _paths(here_now) if path[-1] == "disclosures" and _at(here_now, path)]
    verdicts = set()
    for path in paths:
        evidence = copy.deepcopy(here_now)
        assert _withholds(path, _at(evidence, path), [])
        _at(evidence, path[:-1])[path[-1]] = []
        verdicts.add(verify(canonical(evidence), here().trust_octets, CURRENT).verdict)
    assert verdicts == {
        Verdict.CONSISTENT,
        Verdict.INCOMPLETE,
    }  # the latter where a file's digests are withheld


@pytest.mark.long
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("source", SOURCES)
def test_all(source: str, way: str) -> None:
    for path, new in WAYS[way](source):
        _assert_refused(path, new)
