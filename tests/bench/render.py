"""docs/PERFORMANCE.md from the results that lie there: figures as measured, never by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.bench.figures import Figure, Part, Series, read_part
from tests.bench.plot import Chart, svg
from tests.bench.words import WORDS, FigureWords

_HEAD = """# 性能 · Performance

由 `make bench` 测得并写成,不经手改;单独一项:`.venv/bin/python -m tests.bench accept`(`--help` 列出各项)。
每格是各次的中位数,括号内是最小与最大、次数;“比值”的两边在同一次运行中测得。目标写在右边,达到与否如实标出。

Measured and written by `make bench`, never by hand; one part alone: `.venv/bin/python -m tests.bench accept`.
Each cell is the median of the runs, in brackets least and greatest and their number; both sides of a ratio
were taken in the same run. Aims are shown, met or not.
"""
_CHARTS: Mapping[str, tuple[str, str, str]] = {
    "rate": ("填充速度:接收、封存、上链、确认 · accept to attested", "条目 · entries", "/s"),
    "memory": ("常驻内存 · resident memory", "条目 · entries", "MiB"),
}


def render(results: Path, docs: Path) -> Path:
    """Writes the page and its charts; the page's path."""
    taken = [read_part(path) for name in WORDS if (path := results / f"{name}.json").exists()]
    whole = [(part, about) for part, about in taken if not part.quick]
    text = [_HEAD, *_where(whole)]
    for part, about in whole:
        text += _section(part, about, docs)
    page = docs / "PERFORMANCE.md"
    page.write_text("\n".join(text).rstrip() + "\n", encoding="utf-8")
    return page


def _where(taken: Sequence[tuple[Part, Mapping[str, Any]]]) -> Iterator[str]:
    """The machine once, as long as all parts were taken on the same."""
    machines = []
    for _, about in taken:
        versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items() if version)
        machine = (
            f"{about['processor']}, {about['cores']} cores, {about['memory_gib']} GiB, {about['system']}"
        )
        said = f"{machine}. {versions}."
        if said not in machines:
            machines.append(said)
    yield from (f"- {machine}" for machine in machines)
    yield ""


def _section(part: Part, about: Mapping[str, Any], docs: Path) -> Iterator[str]:
    words = WORDS[part.name]
    yield f"## {words.zh} · {words.en}\n"
    commit = about["commit"] + ("+" if about["changed"] else "")
    took = about.get("seconds", "-")
    yield f"{about['date']}, commit {commit}, load before {about['load_before']}, took {took} s.\n"
    if part.figures:
        yield "| 测什么 · what | 单位 · unit | 中位数 · median | 目标 · aim |"
        yield "|---|---|---|---|"
        yield from (_row(figure, words.figures[figure.key], part.facts) for figure in part.figures)
        yield ""
    yield from (f"- 未测得 · not measured: {what}" for what in part.missing)
    yield from ([""] if part.missing else [])
    yield f"{words.note_zh}\n\n{words.note_en}\n"
    yield from _charts(part, docs)


def _row(figure: Figure, words: FigureWords, facts: Mapping[str, str]) -> str:
    zh, en = words.zh.format(**facts), words.en.format(**facts)
    met = words.met(figure.median)
    aim = "" if met is None else f"{words.aim} {'✓' if met else '✗'}"
    return f"| {zh} · {en} | {words.unit} | {_cell(figure)} | {aim} |"


def _cell(figure: Figure) -> str:
    if len(figure.values) == 1:
        return f"**{number(figure.median)}**"
    low, high = number(min(figure.values)), number(max(figure.values))
    return f"**{number(figure.median)}** ({low}–{high}, {len(figure.values)})"


def number(value: float) -> str:
    """Three significant digits, and whole numbers in full."""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _charts(part: Part, docs: Path) -> Iterator[str]:
    by_chart: dict[str, list[Series]] = {}
    for one in part.series:
        if one.points:
            by_chart.setdefault(one.chart, []).append(one)
    for name, lines in by_chart.items():
        title, x, y = _CHARTS[name]
        path = docs / f"performance-{part.name}-{name}.svg"
        path.write_text(svg(Chart(title, x, y, lines)), encoding="utf-8")
        yield f"![{title}]({path.name})\n"
