"""What a measurement leaves: figures as they were taken, in one JSON file a part."""

from __future__ import annotations

import json
import math
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Figure:
    """`key` names it within its part, as in words.json. `values`: one a run."""

    key: str
    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)


@dataclass(frozen=True)
class Series:
    """A line of a chart: `points` are (x, y)."""

    chart: str
    name: str
    points: tuple[tuple[float, float], ...]


@dataclass
class Part:
    """One measurement as it is being taken. `missing`: what was not measured, and why. `facts` go into
    the words of words.json, by name."""

    name: str
    quick: bool
    figures: list[Figure] = field(default_factory=list)
    series: list[Series] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)

    def add(self, key: str, values: Sequence[float]) -> Figure:
        """Raises ValueError on what is no measurement: nothing, or not a finite number from zero up."""
        if not values or not all(math.isfinite(value) and value >= 0 for value in values):
            raise ValueError(f"{self.name}.{key}: {values}")
        figure = Figure(key, tuple(float(value) for value in values))
        self.figures.append(figure)
        return figure

    def ratio(self, key: str, above: Figure, below: Figure) -> Figure:
        """Of the two medians, taken in the same run."""
        return self.add(key, [above.median / below.median])

    def lack(self, what: str, why: str) -> None:
        """What could not be measured is named, never guessed."""
        self.missing.append(f"{what}: {why}")


def write_part(part: Part, folder: Path, about: dict[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    body = asdict(part) | {"about": about}
    text = json.dumps(body, ensure_ascii=False, indent=1)
    (folder / f"{part.name}.json").write_text(text + "\n", encoding="utf-8")


def read_part(path: Path) -> tuple[Part, dict[str, Any]]:
    body = json.loads(path.read_text(encoding="utf-8"))
    figures = [Figure(**one | {"values": tuple(one["values"])}) for one in body["figures"]]
    series = [
        Series(one["chart"], one["name"], tuple((x, y) for x, y in one["points"])) for one in body["series"]
    ]
    part = Part(body["name"], body["quick"], figures, series, body["missing"], body["facts"])
    return part, body["about"]


def seconds(work: Callable[[], object]) -> float:
    """How long `work` took, by the clock on the wall."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


@contextmanager
def timed(into: list[float]) -> Iterator[None]:
    begin = time.perf_counter()
    yield
    into.append(time.perf_counter() - begin)


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least so many percent do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]
