"""Small line charts as SVG: points as measured, axes from zero (or logarithmic), nothing smoothed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from tests.bench.figures import Series

WIDTH, HEIGHT = 720, 320
LEFT, RIGHT, TOP, BOTTOM = 70, 150, 40, 50
_COLOURS = ("#1f5fa8", "#b5462b", "#3b7d3b", "#7a4fa0", "#8a6d1d")


@dataclass(frozen=True)
class Chart:
    title: str
    x: str
    y: str
    lines: Sequence[Series]


def svg(chart: Chart) -> str:
    points = [point for line in chart.lines for point in line.points]
    right, top = _rounded_up(max(x for x, _ in points)), _rounded_up(max(y for _, y in points))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        _text(LEFT, 22, chart.title, size=14),
        _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, chart.x, anchor="middle"),
        _text(LEFT, TOP - 6, chart.y, anchor="end"),
    ]
    for share in (0, 0.25, 0.5, 0.75, 1):
        x, y = _place(share * right, share * top, right, top)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(_text(LEFT - 6, y + 4, _short(share * top), anchor="end"))
        parts.append(_text(x, HEIGHT - BOTTOM + 18, _short(share * right), anchor="middle"))
    for number, line in enumerate(chart.lines):
        colour = _COLOURS[number % len(_COLOURS)]
        places = [_place(x, y, right, top) for x, y in line.points]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
        parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="1.6"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="1.8" fill="{colour}"/>' for x, y in places]
        parts.append(_text(WIDTH - RIGHT + 10, TOP + 14 + 18 * number, line.name, colour=colour))
    return "\n".join([*parts, "</svg>", ""])


def _place(x: float, y: float, right: float, top: float) -> tuple[float, float]:
    across = LEFT + x / right * (WIDTH - LEFT - RIGHT)
    return across, HEIGHT - BOTTOM - y / top * (HEIGHT - TOP - BOTTOM)


def _text(x: float, y: float, text: str, anchor: str = "start", size: int = 12, colour: str = "#222") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{colour}">'
        f"{escape(text)}</text>"
    )


def _rounded_up(value: float) -> float:
    if value <= 0:
        return 1.0
    unit: float = 10 ** math.floor(math.log10(value))
    return next(step * unit for step in (1, 2, 2.5, 4, 5, 8, 10) if step * unit >= value)


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == 0 else f"{value:.3g}"
