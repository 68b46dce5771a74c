"""Kinds of paper: size, colours, type size and how a scanner saw them. Lengths in points."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Look:
    """`tilt` is the largest turn of a scanned page in degrees; 0 for a paper born digital."""

    width: float
    height: float
    margin: float
    size: float
    leading: float
    title: float
    paper: Colour | None
    ink: Colour
    hand: Colour
    tilt: float
    bound: bool
    centred_numbers: bool


_A4: Final = (595.28, 841.89)
_BLACK: Final = (0.08, 0.08, 0.09)
_BLUE_BLACK: Final = (0.10, 0.16, 0.38)

LOOKS: Final = MappingProxyType(
    {
        # An official paper straight from the office's computer.
        "office": Look(*_A4, 78, 15, 27, 21, None, _BLACK, _BLUE_BLACK, 0, False, True),
        # The same, printed, stamped and scanned.
        "scan": Look(*_A4, 78, 15, 27, 21, (0.985, 0.980, 0.965), _BLACK, _BLUE_BLACK, 0.35, False, True),
        # Forms filled in by hand, bound into a volume.
        "form": Look(*_A4, 62, 11, 18, 18, (0.975, 0.965, 0.935), _BLACK, _BLUE_BLACK, 0.45, True, False),
        # A contract booklet of 1998, 184 x 260 mm, yellowed.
        "booklet": Look(
            521.6, 737, 62, 14, 28, 22, (0.925, 0.872, 0.745), (0.20, 0.17, 0.15), (0.14, 0.20, 0.40), 0.8,
            True, False,
        ),
        # A letter written by hand on ruled paper.
        "letter": Look(*_A4, 80, 15, 30, 20, (0.972, 0.958, 0.915), _BLACK, _BLUE_BLACK, 0.6, False, False),
    }
)  # fmt: skip
