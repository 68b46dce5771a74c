"""The disputed ground: corner points of the two plots, in metres, and every area computed from them.

Maps, plans, survey data and papers all read this file, so that their figures agree with one another.
Coordinates are (north, east) in an invented local grid.
"""

import math
from typing import Final

Point = tuple[float, float]

SQUARE_METRES_PER_MU: Final = 10_000 / 15

# Seen from the canal: 40 m of Zhang's front, then 33.12 m of Li's, both 31 m deep (1.86 and 1.54 mu).
_CORNERS: Final = {
    "J1": (0.0, 31.0),
    "J2": (40.0, 31.0),
    "J3": (73.12, 31.0),
    "J4": (73.12, 0.0),
    "J5": (40.0, 0.0),
    "J6": (0.0, 0.0),
    "J5'": (36.8, 0.0),  # where the stone stood after the canal was rebuilt
}


def _surveyed(along: float, depth: float) -> Point:
    """From the canal's own axes to the grid: sheared a little, turned by 14 degrees, two decimals."""
    x, y, turn = along + 0.12 * depth, depth, math.radians(14)
    north = 512.40 + x * math.sin(turn) + y * math.cos(turn)
    east = 738.15 + x * math.cos(turn) - y * math.sin(turn)
    return round(north, 2), round(east, 2)


POINTS: Final[dict[str, Point]] = {name: _surveyed(*corner) for name, corner in _CORNERS.items()}
ZHANG: Final = ("J1", "J2", "J5", "J6")
LI: Final = ("J2", "J3", "J4", "J5")
DISPUTED: Final = ("J2", "J5", "J5'")


def square_metres(names: tuple[str, ...]) -> float:
    """Area of the polygon through the named points (Gauss's formula)."""
    ring = [POINTS[name] for name in names]
    twice = sum(a[1] * b[0] - b[1] * a[0] for a, b in zip(ring, ring[1:] + ring[:1], strict=True))
    return abs(twice) / 2


def mu(names: tuple[str, ...]) -> float:
    """The same area in mu (亩), two decimals."""
    return round(square_metres(names) / SQUARE_METRES_PER_MU, 2)


def metres(a: str, b: str) -> float:
    """Distance of two named points, two decimals."""
    return round(math.dist(POINTS[a], POINTS[b]), 2)
