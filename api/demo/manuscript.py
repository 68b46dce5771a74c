"""手稿扫描 (record 24): a page of squared paper with a weaving pattern and the notes beside it."""

import io
import math
from random import Random
from typing import Final

from PIL import Image, ImageDraw, ImageFilter

from api.demo import paint
from api.demo.luck import seeded
from api.demo.paint import Rgb, letter, wobble

SIZE: Final = (1240, 1754)  # A4 upright, 150 dots an inch
_CELL: Final = 20

_NOTES: Final = (
    "八角花（外婆的花样）",
    "三上两下一回头，",
    "谷子熟了莫停手。",
    "蓝：板蓝根，泡七天",
    "黄：黄栀子",
    "红：茜草根，加酸木瓜水",
    "错一根要拆到错处重来",
)


def draw_manuscript() -> bytes:
    """The page as PNG."""
    luck = seeded("weaving")
    page = Image.new("RGB", SIZE, (240, 232, 208))
    paint.tint(page, paint.scaled(paint.grain(SIZE, luck, 90), 0.25), (214, 196, 154))
    draw = ImageDraw.Draw(page)
    for x in range(100, 1141, _CELL):
        draw.line([(x, 220), (x, 1620)], fill=(158, 192, 160), width=1 if (x - 100) % 100 else 2)
    for y in range(220, 1621, _CELL):
        draw.line([(100, y), (1140, y)], fill=(158, 192, 160), width=1 if (y - 220) % 100 else 2)
    _pattern(draw, luck)
    _border_pattern(draw, luck)
    letter(page, (620, 120), "传统织锦花样手稿（一）", 50, (40, 46, 80))
    letter(page, (620, 182), "口述：章五十八　描画：窦五十九　2020年10月28日", 26, (60, 66, 96))
    for place, text in enumerate(_NOTES):
        ink: Rgb = (36, 44, 92)
        letter(
            page, (950 + luck.uniform(-4, 4), 330 + place * 62), text, 31, ink, turn=luck.uniform(-1.5, 1.5)
        )
    draw.line(wobble([(800, 345), (740, 420), (600, 560)], luck, 1.5), fill=(180, 40, 36), width=4)
    letter(page, (945, 806), "← 从中心向外数，四面一样", 28, (180, 40, 36), turn=2)
    letter(page, (400, 1570), "边：谷穗（我们这边的花样）", 32, (36, 44, 92), turn=-1)
    stain = Image.new("L", SIZE)
    ImageDraw.Draw(stain).ellipse((880, 1250, 1300, 1640), outline=150, width=16)
    paint.tint(page, paint.scaled(stain.filter(ImageFilter.GaussianBlur(9)), 0.5), (150, 112, 64))
    scan = page.rotate(0.6, resample=Image.Resampling.BICUBIC, fillcolor=(72, 70, 66))
    paint.foot(scan, (120, 112, 88))
    out = io.BytesIO()
    paint.add_grain(scan, luck, 2).quantize(96, method=Image.Quantize.FASTOCTREE).save(
        out, "PNG", dpi=(150, 150)
    )
    return out.getvalue()


def _pattern(draw: ImageDraw.ImageDraw, luck: Random) -> None:
    """An eight-pointed flower on squares, coloured by hand: the pencil does not fill every square evenly."""
    centre_x, centre_y = 100 + 16 * _CELL, 220 + 24 * _CELL
    colours: tuple[Rgb, ...] = ((44, 74, 132), (178, 52, 44), (206, 160, 50))
    for row in range(-15, 16):
        for column in range(-15, 16):
            a, b = abs(row), abs(column)
            star = max(a, b) <= 10 and abs(a - b) <= 5 - max(a, b) // 3 and a + b > 2
            ring = max(a, b) in (13, 15) and (a + b) % 2 == 0
            if not (star or ring or a + b <= 1):
                continue
            hue = (
                colours[0]
                if ring
                else colours[1]
                if a + b <= 7
                else colours[2]
                if abs(a - b) <= 1
                else colours[0]
            )
            _square(draw, centre_x + column * _CELL, centre_y + row * _CELL, hue, luck)


def _square(draw: ImageDraw.ImageDraw, x: int, y: int, colour: Rgb, luck: Random) -> None:
    for stroke in range(7):
        top = y + 2 + stroke * 2.4
        shade = luck.randint(-14, 26)
        ink = tuple(max(0, min(255, part + shade)) for part in colour)
        draw.line(
            [(x + luck.uniform(1, 4), top), (x + _CELL - luck.uniform(1, 4), top + 1)], fill=ink, width=3
        )


def _border_pattern(draw: ImageDraw.ImageDraw, luck: Random) -> None:
    """Ears of grain along the lower edge."""
    for ear in range(12):
        x = 100 + (ear * 4 + 1) * _CELL
        for step in range(7):
            y = 220 + (56 + step) * _CELL
            _square(draw, x, y, (206, 160, 50), luck)
            if step % 2 == round(math.fmod(ear, 2)):
                _square(draw, x - _CELL, y, (120, 140, 60), luck)
                _square(draw, x + _CELL, y, (120, 140, 60), luck)
