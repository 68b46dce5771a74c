"""Every part of the measurement runs and gives every figure that the page names. Nothing here is timed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.bench.figures import Part, percentile, read_part, write_part
from tests.bench.machine import about
from tests.bench.parts import PARTS
from tests.bench.render import number, render
from tests.bench.setting import Setting
from tests.bench.words import WORDS, FigureWords
from tests.conftest import RunningNetwork

# Sizes that only the whole run has, and programs that only it builds.
NOT_QUICK = ("_200", "_middle", "tessera", "immudb", "immudb_verified", "witness_log", "openssl")


@pytest.mark.parametrize("name", PARTS)
def test_a_part_gives_its_figures(name: str, network_home: RunningNetwork, tmp_path: Path) -> None:
    @contextmanager
    def shared() -> Iterator[RunningNetwork]:
        yield network_home

    part = Part(name, quick=False)
    PARTS[name](part, Setting(True, tmp_path, shared))
    given = {figure.key for figure in part.figures}
    named = set(WORDS[name].figures)
    assert given <= named
    assert {key for key in named - given if not key.endswith(NOT_QUICK)} == set()
    assert all(figure.median > 0 for figure in part.figures)
    results = tmp_path / "results"
    write_part(part, results, about() | {"seconds": 1.0})
    assert read_part(results / f"{name}.json")[0] == part
    page = render(results, tmp_path).read_text(encoding="utf-8")
    assert WORDS[name].zh in page
    assert page.count("\n| ") == len(part.figures) + 1
    assert [chart.name for chart in tmp_path.glob("*.svg")] == [] or name == "size"


def test_a_part_has_words() -> None:
    assert set(PARTS) == set(WORDS)


def test_what_was_not_measured_is_said(tmp_path: Path) -> None:
    part = Part("peers", quick=False)
    part.lack("tessera", "the proxy refused")
    write_part(part, tmp_path, about())
    assert "not measured: tessera: the proxy refused" in render(tmp_path, tmp_path).read_text(
        encoding="utf-8"
    )


def test_a_quick_run_is_not_rendered(tmp_path: Path) -> None:
    part = Part("accept", quick=True)
    part.add("singles", [1.0])
    write_part(part, tmp_path, about())
    assert WORDS["accept"].zh not in render(tmp_path, tmp_path).read_text(encoding="utf-8")


@pytest.mark.parametrize("values", [[], [float("nan")], [float("inf")], [-1.0]])
def test_what_is_no_measurement_is_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match=r"accept\.singles"):
        Part("accept", quick=False).add("singles", values)


@pytest.mark.parametrize(
    ("aim", "value", "met"), [("≥ 2", 2, True), ("≥ 2", 1.9, False), ("≤ 2", 2.1, False), ("", 1, None)]
)
def test_an_aim_is_met_or_not(aim: str, value: float, met: bool | None) -> None:
    assert FigureWords("", "", "", aim).met(value) is met


def test_numbers_and_percentiles() -> None:
    assert [number(x) for x in (12345.6, 0.01234, 3.0, 12.34)] == ["12,346", "0.0123", "3", "12.3"]
    assert (percentile([3, 1, 2], 50), percentile(range(1, 101), 99), percentile([5], 99)) == (2, 99, 5)
