"""The hand-drawn map of 1998 (record 4): the faded scan, and its enhancement with the filled parts marked.

The ink is drawn once as masks. The scan shows them on stained paper, thinned where they have faded; the
enhancement is computed from the scan's own pixels, and only inside the marked patches does it add lines.
"""

import io
import math
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from api.demo import paint
from api.demo.luck import seeded
from api.demo.paint import Point, letter, wobble

SIZE: Final = (1984, 1403)  # A3 across, 120 dots an inch
_INK: Final = (44, 48, 74)
_WASH: Final = (58, 112, 150)
_SEAL: Final = (178, 44, 38)

# Where the ink has gone: (centre x, centre y, radius x, radius y). The disputed border lies outside.
_FADED: Final = ((1590, 1010, 250, 150), (1085, 1245, 165, 66))

_CANAL_AT: Final = 745.0


@dataclass(frozen=True)
class Inks:
    """Masks (mode L) of the pen, the blue wash, and the fields' outlines alone."""

    pen: Image.Image
    wash: Image.Image
    fields: Image.Image


def _canal(x: float) -> float:
    """The canal's axis: y for x."""
    return _CANAL_AT + 26 * math.sin((x - 200) / 330) + (x - 1000) * 0.035


def _fields() -> list[tuple[str, str, list[Point]]]:
    """Name, holder and corners of every field: two rows north of the canal, two south of it."""
    names = (
        (("渠头", "何十六"), ("三角田", "曹二十四"), ("水渠边", "张三"), ("渠东", "李四"),
         ("石埂上", "华二十六"), ("渠尾", "金二十七")),
        (("核桃树脚", "严二十五"), ("梨树下", "魏二十八"), ("弯弯田", "陶二十九"), ("小湾田", "姜三十"),
         ("竹林下", "韩三十一"), ("碾房边", "尤三十五")),
        (("长田", "何十六"), ("大湾田", "张三"), ("方田", "严二十五"), ("路边", "曹二十四"),
         ("秧田", "李四"), ("瓦窑田", "华二十六")),
        (("坡脚", "姜三十"), ("大田", "魏二十八"), ("水井边", "金二十七"), ("坝子田", "尤三十五"),
         ("桥头", "陶二十九"), ("沙田", "韩三十一")),
    )  # fmt: skip
    edges = (
        (300.0, 560.0, 780.0, 1030.0, 1240.0, 1470.0, 1700.0),
        (300.0, 520.0, 770.0, 1010.0, 1270.0, 1480.0, 1690.0),
        (300.0, 540.0, 800.0, 1020.0, 1260.0, 1500.0, 1740.0),
        (300.0, 580.0, 810.0, 1060.0, 1290.0, 1520.0, 1760.0),
    )
    order = (1, 0, 2, 3)  # the row at the canal comes second from the top
    found = []
    for row, across in enumerate(order):
        for column, (name, holder) in enumerate(names[across]):
            x0, x1 = edges[across][column], edges[across][column + 1]
            corners = [(x0, _row_edge(row, x0)), (x1, _row_edge(row, x1))]
            corners += [(x1, _row_edge(row, x1, lower=True)), (x0, _row_edge(row, x0, lower=True))]
            found.append((name, holder, corners))
    return found


def _row_edge(row: int, x: float, lower: bool = False) -> float:
    """Upper or lower y of one of the four rows of fields at x."""
    north = 330 + 18 * math.sin(x / 260)
    edges = (
        (north, (north + _canal(x) - 22) / 2),
        ((north + _canal(x) - 22) / 2, _canal(x) - 24),
        (_canal(x) + 24, _canal(x) + 232),
        (_canal(x) + 232, _canal(x) + 420 + 14 * math.sin(x / 190)),
    )
    return edges[row][1 if lower else 0]


@cache
def _inks() -> Inks:
    luck = seeded("ink of 1998")
    pen, wash, outlines = (Image.new("L", SIZE) for _ in range(3))
    draw, water, lines = ImageDraw.Draw(pen), ImageDraw.Draw(wash), ImageDraw.Draw(outlines)
    for name, holder, corners in _fields():
        outline = wobble(corners, luck, 1.0, closed=True)
        for target in (draw, lines):
            target.line(outline, fill=235, width=3)
        middle = (sum(c[0] for c in corners) / 4, sum(c[1] for c in corners) / 4)
        turn = luck.uniform(-4, 4)
        letter(pen, (middle[0], middle[1] - 24), name, 33, 235, turn=turn)
        letter(pen, (middle[0], middle[1] + 20), holder, 27, 215, turn=turn)
        width = corners[1][0] - corners[0][0]
        for _ in range(5):
            spot = (middle[0] + luck.uniform(-0.38, 0.38) * width, middle[1] + luck.choice((-66, 58)))
            _rice(draw, spot)
    _waterway(draw, water, luck)
    _surroundings(pen, draw, luck)
    _lettering(pen, draw, luck)
    soft = ImageFilter.GaussianBlur(0.7)
    return Inks(pen.filter(soft), wash.filter(ImageFilter.GaussianBlur(3)), outlines.filter(soft))


def _rice(draw: ImageDraw.ImageDraw, at: Point) -> None:
    x, y = at
    for lean in (-6, 0, 6):
        draw.line([(x, y + 7), (x + lean, y - 7)], fill=150, width=2)


def _waterway(draw: ImageDraw.ImageDraw, water: ImageDraw.ImageDraw, luck: Random) -> None:
    """The canal through the middle, the river down the right side, the stones on the canal's bank."""
    axis = [(float(x), _canal(x)) for x in range(215, 1800, 30)]
    for offset in (-13, 13):
        draw.line(wobble([(x, y + offset) for x, y in axis], luck, 0.7), fill=240, width=3)
    water.line(axis, fill=150, width=20)
    for start in range(300, 1750, 190):
        x = float(start)
        draw.line([(x, _canal(x)), (x + 46, _canal(x + 46))], fill=200, width=2)
        draw.line(
            [(x + 34, _canal(x + 34) - 6), (x + 46, _canal(x + 46)), (x + 34, _canal(x + 34) + 6)], 200, 2
        )
    river = [(1800 + 34 * math.sin(y / 130), float(y)) for y in range(300, 1330, 26)]
    for offset in (-22, 22):
        draw.line(wobble([(x + offset, y) for x, y in river], luck, 1.2), fill=225, width=3)
    water.line(river, fill=135, width=36)
    for x in (560.0, 780.0, 1030.0, 1240.0, 1470.0):
        y = _canal(x) - 26
        draw.rectangle((x - 6, y - 9, x + 6, y + 5), fill=245)
    draw.ellipse((120, 590, 262, 690), outline=230, width=3)
    water.ellipse((126, 596, 256, 684), fill=130)


def _surroundings(pen: Image.Image, draw: ImageDraw.ImageDraw, luck: Random) -> None:
    """Houses and trees to the west, woods to the south, the cart road along the top."""
    houses = ((120, 380), (180, 425), (110, 470), (196, 500), (150, 790), (210, 835), (128, 870))
    for left, top in houses:
        w, h = luck.randint(34, 46), luck.randint(24, 32)
        walls = [(left, top), (left + w, top), (left + w, top + h), (left, top + h)]
        draw.line(wobble(walls, luck, 0.5, closed=True), 230, 3)
        draw.line([(left - 4, top), (left + w / 2, top - 16), (left + w + 4, top)], fill=230, width=3)
    for _ in range(34):
        x, y = luck.uniform(110, 1660), luck.uniform(1215, 1300)
        if x < 420 or 620 < x < 1100:
            draw.ellipse((x - 11, y - 20, x + 11, y), outline=190, width=2)
            draw.line([(x, y), (x, y + 12)], fill=190, width=2)
    x, y = 1030.0, _row_edge(1, 1030) - 4
    draw.ellipse((x - 17, y - 36, x + 17, y - 4), outline=235, width=3)
    draw.line([(x, y - 4), (x, y + 12)], fill=235, width=4)
    letter(pen, (x + 84, y + 22), "老核桃树", 24, 220)
    road = [(float(x), 286 + 16 * math.sin(x / 260)) for x in range(90, 1790, 40)]
    for offset in (0, 17):
        draw.line(wobble([(x, y + offset) for x, y in road], luck, 0.8), fill=190, width=2)


def _lettering(pen: Image.Image, draw: ImageDraw.ImageDraw, luck: Random) -> None:
    """Title, names of places, north arrow, legend, who drew it and when."""
    letter(pen, (992, 128), "望禾村三组第二轮承包地块分布示意图", 62, 250)
    letter(pen, (992, 204), "（面积系步测，界线以界石、田埂为准；寨边、坡地另图）", 30, 225)
    for at, text, turn in (
        ((560, _canal(560)), "灌 溉 渠", 0.0), ((1380, _canal(1380)), "灌 溉 渠", -1.0),
        ((190, 640), "堰塘", 0.0),
        ((1842, 560), "听 泉 河", -86.0), ((260, 268), "往青禾乡", -2.0), ((160, 350), "老  寨", 0.0),
        ((880, 1322), "林  地", 0.0), ((1062, _canal(1030) - 44), "石", 0.0),
    ):  # fmt: skip
        if text == "灌 溉 渠":
            draw.rectangle((at[0] - 72, at[1] - 18, at[0] + 72, at[1] + 18), fill=0)
        letter(pen, at, text, 28, 235, turn=turn)
    draw.line([(1810, 250), (1810, 130)], fill=240, width=4)
    draw.polygon([(1810, 112), (1794, 156), (1810, 146), (1826, 156)], fill=240)
    letter(pen, (1810, 88), "北", 36, 245)
    box = wobble([(96, 985), (276, 985), (276, 1186), (96, 1186)], luck, 0.6, closed=True)
    draw.line(box, fill=225, width=3)
    letter(pen, (186, 1010), "图  例", 27, 240)
    for place, text in enumerate(("界石", "水渠", "房屋", "稻田")):
        y = 1048 + place * 36
        letter(pen, (220, y), text, 25, 230)
        if place == 0:
            draw.rectangle((130, y - 9, 142, y + 5), fill=245)
        elif place == 1:
            draw.line([(116, y - 6), (164, y - 6)], fill=235, width=3)
            draw.line([(116, y + 6), (164, y + 6)], fill=235, width=3)
        elif place == 2:
            draw.rectangle((122, y - 4, 156, y + 10), outline=230, width=3)
            draw.line([(118, y - 4), (139, y - 15), (160, y - 4)], fill=230, width=3)
        else:
            _rice(draw, (139, y))
    letter(pen, (1700, 1268), "望禾村村民委员会", 34, 240)
    letter(pen, (1700, 1314), "一九九八年九月", 32, 240)
    letter(pen, (330, 1352), "绘图：孔二十三  复核：朱十八", 28, 225)


@cache
def _faded_patches() -> Image.Image:
    """Mask of the patches whose ink is lost, with frayed edges."""
    luck = seeded("damp")
    mask = Image.new("L", SIZE)
    draw = ImageDraw.Draw(mask)
    for x, y, rx, ry in _FADED:
        ring = []
        for step in range(24):
            frayed, angle = luck.uniform(0.86, 1.12), step / 12 * math.pi
            ring.append((x + rx * frayed * math.cos(angle), y + ry * frayed * math.sin(angle)))
        draw.polygon(ring, fill=255)
    return mask.filter(ImageFilter.GaussianBlur(26))


def _paper(luck: Random) -> Image.Image:
    """Yellowed paper with fibres, water stain, tea ring, browned edges."""
    sheet = Image.new("RGB", SIZE, (226, 205, 160))
    for cell, strength, colour in (
        (180, 0.35, (196, 164, 104)),
        (46, 0.18, (240, 226, 190)),
        (9, 0.10, (188, 158, 108)),
    ):
        paint.tint(sheet, paint.scaled(paint.grain(SIZE, luck, cell), strength), colour)
    paint.tint(sheet, paint.scaled(paint.grain(SIZE, luck, 3), 0.12), (160, 130, 84))
    edge = Image.new("L", SIZE, 255)
    ImageDraw.Draw(edge).rectangle((46, 46, SIZE[0] - 46, SIZE[1] - 46), fill=0)
    paint.tint(sheet, paint.scaled(edge.filter(ImageFilter.GaussianBlur(42)), 0.55), (134, 96, 48))
    _stain(sheet, (330, 250), (250, 170), luck, 0.32)
    _stain(sheet, (1420, 1270), (300, 120), luck, 0.22)
    ring = Image.new("L", SIZE)
    ImageDraw.Draw(ring).ellipse((1280, 60, 1500, 274), outline=210, width=12)
    ring = ImageChops.multiply(
        ring.filter(ImageFilter.GaussianBlur(3)), paint.scaled(paint.grain(SIZE, luck, 60), 1.2)
    )
    paint.tint(sheet, paint.scaled(ring, 0.55), (122, 78, 34))
    for _ in range(170):
        x, y, r = luck.uniform(0, SIZE[0]), luck.uniform(0, SIZE[1]), luck.uniform(0.8, 4.2)
        ImageDraw.Draw(sheet).ellipse((x - r, y - r, x + r, y + r), fill=(176, 138, 84))
    return sheet.filter(ImageFilter.GaussianBlur(0.8))


def _stain(sheet: Image.Image, at: Point, reach: Point, luck: Random, depth: float) -> None:
    """A dried pool of water: pale inside, a dark tide line around."""
    mask = Image.new("L", SIZE)
    ring = []
    for step in range(36):
        far, angle = 0.85 + 0.13 * math.sin(step * 0.9) + luck.uniform(-0.04, 0.04), step / 18 * math.pi
        ring.append((at[0] + reach[0] * far * math.cos(angle), at[1] + reach[1] * far * math.sin(angle)))
    ImageDraw.Draw(mask).polygon(ring, fill=255)
    pool = mask.filter(ImageFilter.GaussianBlur(7))
    tide = ImageChops.subtract(pool, mask.filter(ImageFilter.GaussianBlur(22)))
    paint.tint(sheet, paint.scaled(pool, depth * 0.55), (172, 132, 76))
    paint.tint(sheet, paint.scaled(tide, depth * 3.4), (116, 78, 36))


def _fold(sheet: Image.Image, luck: Random) -> None:
    """One fold up and one across: worn white along the crease, a shadow beside it."""
    for line in (
        [(992.0, 0.0), (985.0, 700.0), (996.0, 1403.0)],
        [(0.0, 690.0), (1000.0, 702.0), (1984.0, 694.0)],
    ):
        mask = Image.new("L", SIZE)
        ImageDraw.Draw(mask).line(wobble(line, luck, 0.5), fill=255, width=5)
        shadow = ImageChops.offset(mask.filter(ImageFilter.GaussianBlur(9)), 9, 9)
        paint.tint(sheet, paint.scaled(shadow, 1.0), (136, 102, 58))
        paint.tint(sheet, paint.scaled(mask.filter(ImageFilter.GaussianBlur(1.6)), 0.8), (240, 228, 196))
    worn = Image.new("L", SIZE)
    ImageDraw.Draw(worn).ellipse((972, 682, 1010, 716), fill=255)
    paint.tint(sheet, worn.filter(ImageFilter.GaussianBlur(3)), (94, 84, 70))


@cache
def _scan() -> Image.Image:
    luck = seeded("paper of 1998")
    sheet, inks = _paper(luck), _inks()
    uneven = paint.scaled(paint.grain(SIZE, luck, 120), 0.42, 128)
    kept = paint.scaled(_faded_patches(), -0.97, 255)
    pen = ImageChops.multiply(ImageChops.multiply(inks.pen, uneven), kept)
    wash = ImageChops.multiply(paint.scaled(inks.wash, 0.62), paint.scaled(kept, 0.8, 50))
    paint.tint(sheet, wash, _WASH)
    paint.tint(sheet, pen, _INK)
    stamp = paint.round_seal(92, "望禾村村民委员会", _SEAL, luck)
    stamp.putalpha(paint.scaled(stamp.getchannel("A"), 0.62))
    sheet.paste(stamp, (1608, 1196), stamp)
    _fold(sheet, luck)
    draw = ImageDraw.Draw(sheet)
    glass = (58, 56, 54)
    draw.polygon(
        [(1984, 1240), (1932, 1296), (1940, 1330), (1888, 1368), (1870, 1403), (1984, 1403)], fill=glass
    )
    for x, y, r in ((1466, 1104, 7), (1482, 1120, 4), (1340, 1180, 6), (150, 240, 5), (1702, 930, 5)):
        draw.ellipse((x - r, y - r, x + r, y + r), fill=(70, 64, 56))
    scan = sheet.rotate(-0.35, resample=Image.Resampling.BICUBIC, fillcolor=glass)
    paint.foot(scan, (120, 92, 56))
    return paint.add_grain(scan, luck, 3)


def draw_scan() -> bytes:
    """01_原扫描.tif: the paper as the scanner saw it."""
    out = io.BytesIO()
    _scan().save(out, "TIFF", compression="tiff_adobe_deflate", dpi=(120, 120))
    return out.getvalue()


def draw_enhancement() -> bytes:
    """02_增强件.png: the scan with its ground evened out, filled-in patches hatched, framed and labelled."""
    clean = _evened(_scan())
    missing = paint.scaled(_faded_patches(), 3.0, -250)
    lines = _inks().fields.rotate(-0.35, resample=Image.Resampling.BICUBIC)
    guess = ImageChops.multiply(ImageChops.multiply(lines, missing), paint.hatch(SIZE, 22, 11))
    paint.tint(clean, paint.scaled(missing, 0.30), (255, 236, 224))
    paint.tint(
        clean, ImageChops.multiply(missing, paint.scaled(paint.hatch(SIZE, 26, 2), 0.75)), (206, 74, 58)
    )
    paint.tint(clean, guess.point([min(255, value * 3) for value in range(256)]), (40, 84, 190))
    draw = ImageDraw.Draw(clean)
    for x, y, rx, ry in _FADED:
        box = (x - rx * 1.13, y - ry * 1.16, x + rx * 1.13, y + ry * 1.16)
        draw.rectangle(box, outline=(200, 30, 24), width=5)
        draw.rectangle(
            (x - 196, y - 25, x + 196, y + 25), fill=(255, 252, 248), outline=(200, 30, 24), width=2
        )
        letter(clean, (x, y), "推补处 不作凭证", 40, (200, 30, 24), "hei")
    clean = ImageOps.expand(clean, (0, 0, 0, 56), (252, 250, 244))
    note = (
        "增强件：由 01_原扫描.tif 处理而成，仅便于阅读。红框斜线内为推补，蓝色虚线为推测界线，"
        "作凭证以原件为准。　修复 冯十二　核验 陈十三　2026-02-10"
    )
    letter(clean, (SIZE[0] / 2, SIZE[1] + 28), note, 24, (170, 30, 24), "hei")
    out = io.BytesIO()
    clean.quantize(192, method=Image.Quantize.FASTOCTREE).save(out, "PNG", dpi=(120, 120), optimize=False)
    return out.getvalue()


def _evened(scan: Image.Image) -> Image.Image:
    """Divide out the slow changes of the ground, then stretch what is left to paper white and ink."""
    bands = []
    for band in scan.split():
        ground = band.reduce(4).filter(ImageFilter.MaxFilter(3)).resize((248, 175))
        ground = ground.filter(ImageFilter.GaussianBlur(5)).resize(SIZE, Image.Resampling.BICUBIC)
        darker = ImageChops.subtract(ground, band)
        bands.append(darker.point([max(0, min(255, round(250 - max(0, v - 20) * 2.6))) for v in range(256)]))
    colour = Image.merge("RGB", bands)
    grey = Image.merge("RGB", (colour.convert("L"),) * 3)
    return Image.blend(grey, colour, 0.45).filter(ImageFilter.UnsharpMask(1.6, 60, 2))
