"""The three faces everything is drawn with, as glyph subsets kept in `data/` (see `data/FONTS.md`).

song (宋体) for print, hei (黑体) for headings and signs, kai (楷体) for whatever a hand wrote.
"""

from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

from PIL import ImageFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

Face = Literal["song", "hei", "kai"]

_DATA = Path(__file__).parent / "data"


class MissingGlyphsError(ValueError):
    """A sample text uses characters that the kept font subset does not hold."""


@cache
def _embedded(face: Face) -> TTFont:
    font = TTFont(f"demo-{face}", str(_DATA / f"{face}.ttf"))
    pdfmetrics.registerFont(font)
    return font


def pdf_font(face: Face) -> str:
    """Name under which reportlab embeds the face."""
    return str(_embedded(face).fontName)


@cache
def image_font(face: Face, size: int) -> ImageFont.FreeTypeFont:
    """The face for Pillow, `size` in pixels. Basic layout, so that bytes do not depend on libraqm."""
    return ImageFont.truetype(str(_DATA / f"{face}.ttf"), size, layout_engine=ImageFont.Layout.BASIC)


def require(text: str, face: Face) -> str:
    """Return `text` if the face can draw all of it.

    Raises:
        MissingGlyphsError: it would show empty boxes; names the characters.
    """
    known = _embedded(face).face.charToGlyph
    missing = sorted({char for char in text if ord(char) not in known})
    if missing:
        raise MissingGlyphsError(
            f"字体子集 {face}.ttf 缺少字符:{''.join(missing)}。请按 data/FONTS.md 重做子集。\n"
            f"Font subset {face}.ttf lacks {missing}. Make the subset again as data/FONTS.md tells."
        )
    return text


def width(text: str, face: Face, size: float) -> float:
    """Width of one line of text in points at `size` points."""
    return _width_at_one_point(text, face) * size


@lru_cache(maxsize=20_000)
def _width_at_one_point(text: str, face: Face) -> float:
    return float(pdfmetrics.stringWidth(require(text, face), pdf_font(face), 1000)) / 1000
