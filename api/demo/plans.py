"""Engineering plans as PNG: the road as built, the canal as designed, the new border of the two plots."""

import io
import math
from random import Random
from typing import Final

from PIL import Image, ImageDraw

from api.demo import paint, plots
from api.demo.luck import seeded
from api.demo.paint import Point, letter

SIZE: Final = (1754, 1240)  # A4 across, 150 dots an inch

_BLACK: Final = (24, 24, 28)
_GREY: Final = (120, 122, 128)
_BLUE: Final = (28, 92, 170)
_RED: Final = (196, 36, 30)


def _sheet(title: str, block: tuple[tuple[str, str], ...]) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """A drawing sheet: double frame, title block at the lower right with pairs of label and value."""
    image = Image.new("RGB", SIZE, (252, 252, 248))
    draw = ImageDraw.Draw(image)
    draw.rectangle((24, 24, SIZE[0] - 24, SIZE[1] - 24), outline=_GREY, width=2)
    draw.rectangle((70, 40, SIZE[0] - 40, SIZE[1] - 40), outline=_BLACK, width=4)
    left, top = SIZE[0] - 660, SIZE[1] - 40 - 54 * (1 + (len(block) + 1) // 2)
    draw.rectangle((left, top, SIZE[0] - 40, SIZE[1] - 40), fill=(252, 252, 248), outline=_BLACK, width=3)
    letter(image, (left + 310, top + 27), title, 26, _BLACK, "hei")
    for place, (label, value) in enumerate(block):
        x, y = left + place % 2 * 310, top + 54 * (1 + place // 2)
        draw.rectangle((x, y, x + 310, y + 54), outline=_BLACK, width=2)
        draw.line([(x + 96, y), (x + 96, y + 54)], fill=_BLACK, width=2)
        letter(image, (x + 48, y + 27), label, 20, _BLACK, "song")
        letter(image, (x + 203, y + 27), value, 20, _BLACK, "kai")
    size = 15
    letter(image, (262, SIZE[1] - 56), paint.FOOT, size, _GREY, "song")
    return image, draw


def _north(image: Image.Image, at: Point) -> None:
    x, y = at
    draw = ImageDraw.Draw(image)
    draw.ellipse((x - 34, y - 34, x + 34, y + 34), outline=_BLACK, width=2)
    draw.polygon([(x, y - 52), (x - 14, y + 26), (x, y + 12)], fill=_BLACK)
    draw.polygon([(x, y - 52), (x + 14, y + 26), (x, y + 12)], outline=_BLACK)
    letter(image, (x, y - 68), "北", 24, _BLACK, "hei")


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.quantize(128, method=Image.Quantize.FASTOCTREE).save(out, "PNG", dpi=(150, 150))
    return out.getvalue()


def _contours(image: Image.Image, luck: Random) -> None:
    draw = ImageDraw.Draw(image)
    for band in range(9):
        base = 110 + band * 88
        phase, rise = luck.uniform(0, 6), luck.uniform(14, 34)
        line = [
            (float(x), base + rise * math.sin(x / 210 + phase) + 24 * math.sin(x / 530 + band))
            for x in range(80, 1712, 12)
        ]
        draw.line(line, fill=(222, 204, 174), width=2 if band % 4 else 3)


def _dimension(image: Image.Image, a: Point, b: Point, text: str) -> None:
    """A dimension line between two points with its figure above."""
    draw = ImageDraw.Draw(image)
    draw.line([a, b], fill=_BLACK, width=2)
    angle = math.atan2(b[1] - a[1], b[0] - a[0])
    for x, y in (a, b):
        dx, dy = 7 * math.cos(angle + 2.2), 7 * math.sin(angle + 2.2)
        draw.line([(x - dx, y - dy), (x + dx, y + dy)], fill=_BLACK, width=4)
    middle = ((a[0] + b[0]) / 2 + 15 * math.sin(angle), (a[1] + b[1]) / 2 - 15 * math.cos(angle))
    letter(image, middle, text, 19, _BLACK, "song", -math.degrees(angle))


def draw_road_as_built() -> bytes:
    """竣工图 of the village road: alignment with chainage, culverts and passing places, typical section."""
    block = (
        ("工程", "通村公路硬化工程"), ("图号", "JG-01"), ("施工", "云岭县第三建筑队"), ("监理", "严七十五"),
        ("绘图", "曹七十四"), ("日期", "2022年11月20日"),
    )  # fmt: skip
    image, draw = _sheet("望禾村至听泉村通村公路 竣工图", block)
    luck = seeded("road plan")
    _contours(image, luck)
    axis = [
        (150 + 1440 * t, 540 - 210 * math.sin(t * 5.1) - 120 * t + 40 * math.sin(t * 13)) for t in _steps(240)
    ]
    draw.line(axis, fill=_BLACK, width=17, joint="curve")
    draw.line(axis, fill=(214, 214, 208), width=11, joint="curve")
    for a, b in zip(axis[::8], axis[4::8], strict=False):
        draw.line([a, b], fill=_RED, width=2)
    for mark in range(26):
        x, y = axis[min(240, round(mark * 9.6))]
        long = mark % 5 == 0
        draw.line(
            [(x, y - (30 if long else 16)), (x, y + (30 if long else 16))],
            fill=_RED if long else _GREY,
            width=2,
        )
        if long:
            letter(image, (x, y - 44), f"K{mark // 10}+{mark % 10}00", 20, _RED, "song")
    for index, kind in ((26, "圆管涵"), (74, "圆管涵"), (127, "圆管涵 φ1.00（变更）"), (190, "圆管涵")):
        x, y = axis[index]
        draw.line([(x - 6, y - 26), (x - 6, y + 26)], fill=_BLUE, width=4)
        draw.line([(x + 6, y - 26), (x + 6, y + 26)], fill=_BLUE, width=4)
        letter(image, (x - 30, y + 48), kind, 18, _BLUE, "song")
    for index in (36, 108, 164, 222):
        x, y = axis[index]
        draw.rectangle((x - 22, y - 17, x + 22, y - 7), fill=(214, 214, 208), outline=_BLACK, width=2)
        letter(image, (x, y - 32), "错车道", 17, _BLACK, "song")
    for at, text in (((236, axis[0][1] + 62), "望禾村文化广场"), ((1560, axis[240][1] + 62), "听泉村村口")):
        letter(image, at, text, 26, _BLACK, "hei")
    _road_section(image, (120, 900))
    _north(image, (1600, 150))
    letter(image, (420, 90), "平面图 1∶2000", 28, _BLACK, "hei")
    stamp = paint.round_seal(74, "云岭县第三建筑队", _RED, luck)
    image.paste(stamp, (1240, 880), stamp)
    return _png(image)


def _steps(count: int) -> list[float]:
    return [step / count for step in range(count + 1)]


def _road_section(image: Image.Image, at: Point) -> None:
    x, y = at
    draw = ImageDraw.Draw(image)
    letter(image, (x + 150, y - 34), "典型横断面 1∶50", 24, _BLACK, "hei")
    for place, (text, grey) in enumerate(
        (("混凝土面层 20cm", 200), ("水泥稳定碎石 18cm", 216), ("砂砾垫层 15cm", 230))
    ):
        low = y + 34 + place * 42
        draw.rectangle(
            (x + 60 - place * 18, low, x + 520 + place * 18, low + 40),
            fill=(grey,) * 3,
            outline=_BLACK,
            width=2,
        )
        letter(image, (x + 720, low + 20), text, 20, _BLACK, "song")
        draw.line([(x + 524 + place * 18, low + 20), (x + 620, low + 20)], fill=_BLACK, width=2)
    _dimension(image, (x + 60, y + 18), (x + 520, y + 18), "4500")
    draw.line([(x - 40, y + 34), (x + 20, y + 34), (x + 40, y + 90)], fill=_BLACK, width=3)
    letter(image, (x - 6, y + 116), "边沟", 18, _BLACK, "song")


def draw_canal_design() -> bytes:
    """施工图 of the canal: plan with chainage and outlets, section, and a stone whose place is left open."""
    block = (
        ("工程", "三组灌溉渠改造"), ("图号", "SG-03"), ("设计", "华七十六"), ("校核", "金八十一"),
        ("阶段", "施工图"), ("日期", "2025年4月"),
    )  # fmt: skip
    image, draw = _sheet("灌溉渠改造 平面及断面图", block)
    letter(image, (420, 90), "平面图 1∶500", 28, _BLACK, "hei")
    axis = [(140 + 1480 * t, 420 + 70 * math.sin(t * 4.2) - 40 * t) for t in _steps(140)]
    for offset, width in ((-24, 4), (24, 4), (-12, 2), (12, 2)):
        draw.line([(x, y + offset) for x, y in axis], fill=_BLACK, width=width)
    draw.line(axis, fill=_BLUE, width=3)
    for a, b in zip(axis[::4], axis[2::4], strict=False):
        for offset in (-17, 17):
            draw.line([(a[0], a[1] + offset), (b[0], b[1] + offset)], fill=_GREY, width=2)
    for mark in range(15):
        x, y = axis[mark * 10]
        draw.line([(x, y - 34), (x, y + 34)], fill=_RED, width=2)
        letter(image, (x, y + 50), f"0+{mark * 30:03d}", 18, _RED, "song")
    for index in (14, 29, 44, 58, 84, 99, 113, 127):
        x, y = axis[index]
        draw.polygon([(x - 8, y - 24), (x + 8, y - 24), (x, y - 44)], fill=_BLUE)
    for index in (22, 76, 120):
        x, y = axis[index]
        draw.rectangle((x - 15, y - 32, x + 15, y + 32), outline=_BLACK, width=3)
        letter(image, (x, y + 74), "便桥", 18, _BLACK, "song")
    _fields_on_bank(image, axis)
    _canal_section(image, (360, 880))
    letter(image, (1290, 720), "说明：1．尺寸单位毫米，桩号、高程单位米。", 20, _BLACK, "song")
    letter(image, (1302, 752), "2．灰线为原渠线。3．界石位置施工前另行记录。", 20, _BLACK, "song")
    _north(image, (1600, 160))
    return _png(image)


def _fields_on_bank(image: Image.Image, axis: list[Point]) -> None:
    draw = ImageDraw.Draw(image)
    holders = ("何十六", "曹二十四", "张三 水渠边", "李四 渠东", "华二十六", "金二十七")
    edges = (8, 28, 50, 70, 92, 112, 134)
    for place, holder in enumerate(holders):
        left, right = axis[edges[place]], axis[edges[place + 1]]
        ring = [(left[0], left[1] - 46), (right[0], right[1] - 46), (right[0] + 12, 150), (left[0] + 12, 150)]
        draw.line([*ring, ring[0]], fill=(96, 130, 84), width=2)
        letter(image, ((left[0] + right[0]) / 2 + 8, 238), holder, 22, (66, 100, 58), "song")
    x, y = axis[70]
    draw.rectangle((x - 8, y - 54, x + 8, y - 38), fill=_RED)
    draw.line([(x + 8, y - 54), (x + 70, y - 88)], fill=_RED, width=2)
    letter(image, (x + 142, y - 96), "现有界石（位置待测）", 20, _RED, "song")


def _canal_section(image: Image.Image, at: Point) -> None:
    x, y = at
    draw = ImageDraw.Draw(image)
    letter(image, (x, y - 150), "渠道标准断面 1∶20", 24, _BLACK, "hei")
    outer = [(-250, -84), (-192, -84), (-92, 96), (92, 96), (192, -84), (250, -84)]
    inner = [(250, -64), (204, -64), (106, 118), (-106, 118), (-204, -64), (-250, -64)]
    draw.polygon(
        [(x + dx, y + dy) for dx, dy in outer + inner], fill=(206, 206, 202), outline=_BLACK, width=3
    )
    draw.line([(x - 164, y - 34), (x + 164, y - 34)], fill=_BLUE, width=3)
    draw.polygon([(x - 10, y - 52), (x + 10, y - 52), (x, y - 36)], fill=_BLUE)
    letter(image, (x + 92, y - 52), "设计水位", 18, _BLUE, "song")
    _dimension(image, (x - 192, y - 104), (x + 192, y - 104), "1920")
    _dimension(image, (x - 92, y + 148), (x + 92, y + 148), "400")
    _dimension(image, (x + 292, y - 84), (x + 292, y + 96), "760")
    letter(image, (x + 420, y + 52), "C20现浇 厚80", 20, _BLACK, "song")
    draw.line([(x + 150, y + 30), (x + 340, y + 48)], fill=_BLACK, width=2)


def draw_new_border() -> bytes:
    """新界址示意图: both plots to scale with coordinates, the disputed strip, the new stake J7."""
    block = (
        ("附件", "调解协议书附件"), ("编号", "青调〔2026〕第017号"), ("测量", "喻五十五"), ("核对", "周九"),
        ("比例", "1∶300"), ("日期", "2026年4月2日"),
    )  # fmt: skip
    image, draw = _sheet("张三、李四承包地新界址示意图", block)
    norths = [p[0] for p in plots.POINTS.values()]
    easts = [p[1] for p in plots.POINTS.values()]
    scale = 14.2

    def at(north: float, east: float) -> Point:
        return 190 + (east - min(easts)) * scale, 840 - (north - min(norths)) * scale

    spots = {name: at(*point) for name, point in plots.POINTS.items()}
    low_left, low_right = spots["J6"], spots["J4"]
    for gap, width in ((16, 4), (44, 4)):
        draw.line(
            [(low_left[0] - 40, low_left[1] + gap + 10), (low_right[0] + 60, low_right[1] + gap - 14)],
            _BLUE,
            width,
        )
    letter(
        image,
        ((low_left[0] + low_right[0]) / 2 - 190, (low_left[1] + low_right[1]) / 2 + 82),
        "灌溉渠（2025年改造）",
        24,
        _BLUE,
        "song",
        14,
    )
    for names, fill in ((plots.ZHANG, (226, 238, 208)), (plots.LI, (244, 236, 206))):
        draw.polygon([spots[name] for name in names], fill=fill, outline=_BLACK, width=4)
    strip = [spots[name] for name in plots.DISPUTED]
    draw.polygon(strip, fill=(246, 178, 160))
    draw.line([spots["J2"], spots["J5"]], fill=_RED, width=6)
    paint.dashed(draw, spots["J2"], spots["J5'"], _GREY, 3)
    for names, who, name in ((plots.ZHANG, "张三", "水渠边"), (plots.LI, "李四", "渠东")):
        x = sum(spots[n][0] for n in names) / 4 - 14
        y = sum(spots[n][1] for n in names) / 4
        letter(image, (x, y - 34), f"{who} {name}", 32, _BLACK, "hei")
        letter(
            image,
            (x, y + 10),
            f"{plots.mu(names):.2f} 亩（{plots.square_metres(names):.1f} ㎡）",
            24,
            _BLACK,
            "song",
        )
    for a, b in (("J1", "J2"), ("J2", "J3"), ("J6", "J1"), ("J3", "J4")):
        _edge_length(image, spots[a], spots[b], f"{plots.metres(a, b):.2f}")
    for name, (x, y) in spots.items():
        stray = name == "J5'"
        draw.ellipse(
            (x - 8, y - 8, x + 8, y + 8), fill=_GREY if stray else (255, 255, 255), outline=_BLACK, width=3
        )
        letter(
            image,
            (x + (-26 if stray else 24), y + (24 if name in ("J4", "J5", "J5'", "J6") else -24)),
            name,
            24,
            _BLACK,
            "song",
        )
    _new_stake(image, spots)
    _coordinates(image, (1236, 676))
    _north(image, (130, 150))
    luck = seeded("mediation seal")
    stamp = paint.round_seal(78, "青禾镇人民调解委员会", _RED, luck)
    image.paste(stamp, (880, 1010), stamp)
    return _png(image)


def _edge_length(image: Image.Image, a: Point, b: Point, text: str) -> None:
    angle = math.atan2(b[1] - a[1], b[0] - a[0])
    middle = ((a[0] + b[0]) / 2 + 20 * math.sin(angle), (a[1] + b[1]) / 2 - 20 * math.cos(angle))
    letter(image, middle, text, 20, _BLACK, "song", -math.degrees(angle))


def _new_stake(image: Image.Image, spots: dict[str, Point]) -> None:
    draw = ImageDraw.Draw(image)
    (x2, y2), (x5, y5) = spots["J2"], spots["J5"]
    part = 0.60 / plots.metres("J2", "J5")
    x, y = x5 + (x2 - x5) * part, y5 + (y2 - y5) * part
    draw.rectangle((x - 9, y - 9, x + 9, y + 9), fill=_RED)
    draw.line([(x + 9, y - 6), (x + 120, y - 74)], fill=_RED, width=2)
    letter(image, (x + 210, y - 88), "J7 新界桩（距J5 0.60 m）", 22, _RED, "hei")
    sx, sy = spots["J5'"]
    draw.line([(sx - 6, sy + 6), (sx - 110, sy + 130)], fill=_GREY, width=2)
    letter(image, (sx - 130, sy + 146), "J5' 移位界石，废", 22, _GREY, "hei")
    mx, my = (x2 + sx + x5) / 3, (y2 + sy + y5) / 3
    draw.line([(mx, my), (x2 - 96, y2 - 84)], fill=(170, 60, 40), width=2)
    text = f"争议条形地 {plots.mu(plots.DISPUTED):.2f} 亩，归张三"
    letter(image, (x2 - 150, y2 - 104), text, 22, (170, 60, 40), "song")


def _coordinates(image: Image.Image, at: Point) -> None:
    draw = ImageDraw.Draw(image)
    x, y = at
    letter(image, (x + 235, y - 28), "界址点坐标（独立坐标系，米）", 22, _BLACK, "hei")
    rows = [("点号", "X（北）", "Y（东）")]
    rows += [(name, f"{north:.2f}", f"{east:.2f}") for name, (north, east) in plots.POINTS.items()]
    for place, row in enumerate(rows):
        for column, text in enumerate(row):
            left, width = x + (0, 110, 290)[column], (110, 180, 180)[column]
            draw.rectangle((left, y + place * 36, left + width, y + place * 36 + 36), outline=_BLACK, width=2)
            letter(
                image,
                (left + width / 2, y + place * 36 + 18),
                text,
                20,
                _BLACK,
                "hei" if place == 0 else "song",
            )
