"""Small drawings inside the sample papers, each in a box of the full text width. Lengths in points."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from types import MappingProxyType
from typing import Final

from reportlab.pdfgen.canvas import Canvas

from api.demo import plots
from api.demo.fonts import width
from api.demo.pens import handwrite, write, write_centred

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Sketch:
    """`draw(canvas, (x, y, width, height), argument, luck)` fills a box that is `height` points high."""

    height: float
    draw: Callable[[Canvas, Box, str, Random], None]


def _plot(canvas: Canvas, box: Box, argument: str, luck: Random) -> None:
    """One field in its frame. Argument: name/area/east/south/west/north/width/depth."""
    x, y, w, h = box
    name, area, east, south, west, north, front, depth = argument.split("/")
    canvas.setLineWidth(0.6)
    canvas.rect(x, y, w, h)
    cx, cy = x + w / 2, y + h / 2
    a, b = 105, 78
    corners = [
        (cx + dx * a + luck.uniform(-14, 14), cy + dy * b + luck.uniform(-8, 8))
        for dx, dy in ((-1, 1), (1, 1), (1, -1), (-1, -1))
    ]
    shape = canvas.beginPath()
    shape.moveTo(*corners[0])
    for corner in corners[1:]:
        shape.lineTo(*corner)
    shape.close()
    canvas.setLineWidth(1.3)
    canvas.setFillColorRGB(0.80, 0.87, 0.66, alpha=0.45)
    canvas.drawPath(shape, stroke=1, fill=1)
    canvas.setFillColorRGB(0.08, 0.08, 0.09, alpha=1)
    for number, (px, py) in enumerate(corners, start=1):
        canvas.setFillGray(1)
        canvas.circle(px, py, 2.6, stroke=1, fill=1)
        canvas.setFillGray(0.05)
        write(canvas, px + (6 if px > cx else -20), py + 5, f"J{number}", 8)
    write_centred(canvas, cx, cy + 6, name, 13, "hei")
    write_centred(canvas, cx, cy - 12, f"{area} 亩", 11)
    write_centred(canvas, cx, cy + b - 16, f"{front} m", 8)
    write(canvas, cx + a - 42, cy + 2, f"{depth} m", 8)
    canvas.setFillColorRGB(0.10, 0.16, 0.38)
    for text, px, py in (
        (north, cx, y + h - 24),
        (south, cx, y + 16),
        (east, x + w - 62, cy - 4),
        (west, x + 62, cy - 4),
    ):
        handwrite(canvas, px - width(text, "kai", 12) / 2, py, text, 12, luck)
    canvas.setFillGray(0.05)
    _north_arrow(canvas, x + w - 24, y + h - 46)


def _north_arrow(canvas: Canvas, x: float, y: float) -> None:
    arrow = canvas.beginPath()
    for place, (dx, dy) in enumerate(((0, 30), (7, 0), (0, 6), (-7, 0))):
        arrow.moveTo(x + dx, y + dy) if place == 0 else arrow.lineTo(x + dx, y + dy)
    arrow.close()
    canvas.drawPath(arrow, stroke=1, fill=1)
    write_centred(canvas, x, y + 33, "北", 9, "hei")


def _border(canvas: Canvas, box: Box, argument: str, luck: Random) -> None:
    """The two disputed plots to scale, with the stone as set and as moved. Argument: a caption."""
    x, y, w, h = box
    canvas.setLineWidth(0.6)
    canvas.rect(x, y, w, h)
    easts = [p[1] for p in plots.POINTS.values()]
    norths = [p[0] for p in plots.POINTS.values()]
    scale = min((w - 90) / (max(easts) - min(easts)), (h - 66) / (max(norths) - min(norths)))
    at = {
        name: (x + 45 + (east - min(easts)) * scale, y + 40 + (north - min(norths)) * scale)
        for name, (north, east) in plots.POINTS.items()
    }
    for names, fill in ((plots.ZHANG, (0.85, 0.90, 0.72)), (plots.LI, (0.93, 0.89, 0.72))):
        _polygon(canvas, [at[n] for n in names], fill)
    _polygon(canvas, [at[n] for n in plots.DISPUTED], (0.95, 0.62, 0.55))
    canvas.setFillGray(0.05)
    for name, (px, py) in at.items():
        canvas.circle(px, py, 2.2, stroke=1, fill=1)
        write(canvas, px + 4, py + (5 if name in ("J1", "J2", "J3") else -11), name, 8)
    for names, who in ((plots.ZHANG, "张三"), (plots.LI, "李四")):
        px = sum(at[n][0] for n in names) / 4
        py = sum(at[n][1] for n in names) / 4
        write_centred(canvas, px - 10, py + 6, who, 13, "hei")
        write_centred(canvas, px - 10, py - 10, f"{plots.mu(names):.2f} 亩", 10)
    canvas.setStrokeColorRGB(0.15, 0.35, 0.70)
    for gap in (9, 17):
        canvas.line(at["J6"][0], at["J6"][1] - gap, at["J4"][0], at["J4"][1] - gap)
    canvas.setStrokeGray(0.05)
    write_centred(canvas, x + w / 2, y + 8, argument, 9)
    _north_arrow(canvas, x + w - 24, y + h - 46)
    del luck


def _polygon(canvas: Canvas, ring: list[tuple[float, float]], fill: tuple[float, float, float]) -> None:
    shape = canvas.beginPath()
    shape.moveTo(*ring[0])
    for corner in ring[1:]:
        shape.lineTo(*corner)
    shape.close()
    canvas.setLineWidth(1)
    canvas.setFillColorRGB(*fill)
    canvas.drawPath(shape, stroke=1, fill=1)


def _identity_card(canvas: Canvas, box: Box, argument: str, luck: Random) -> None:
    """Photocopy of an identity card with the number masked. Argument: name/sex/birth."""
    x, y, w, h = box
    name, sex, birth = argument.split("/")
    left, low = x + w / 2 - 125, y + 12
    canvas.setFillGray(0.93)
    canvas.setLineWidth(0.8)
    canvas.roundRect(left, low, 250, h - 24, 9, stroke=1, fill=1)
    canvas.setFillGray(0.12)
    rows = (
        ("姓名", name),
        ("性别", f"{sex}    民族  汉"),
        ("出生", birth),
        ("住址", "云岭县青禾镇望禾村三组"),
    )
    for place, (label, value) in enumerate(rows):
        write(canvas, left + 16, low + h - 56 - place * 23, label, 8)
        write(canvas, left + 46, low + h - 56 - place * 23, value, 11)
    write(canvas, left + 16, low + 14, "公民身份号码   ******************", 10)
    canvas.setFillGray(0.72)
    canvas.rect(left + 176, low + 44, 58, 76, stroke=0, fill=1)
    canvas.setFillGray(0.40)
    canvas.circle(left + 205, low + 92, 14, stroke=0, fill=1)
    canvas.ellipse(left + 182, low + 44, left + 228, low + 78, stroke=0, fill=1)
    canvas.setFillGray(0.15)
    canvas.saveState()
    canvas.translate(left + 30, low + 34)
    canvas.rotate(luck.uniform(8, 14))
    canvas.setFillColorRGB(0.1, 0.2, 0.55, alpha=0.75)
    write(canvas, 0, 0, "仅供承包地确权使用  与原件核对一致", 11, "hei")
    canvas.restoreState()


def _register_page(canvas: Canvas, box: Box, argument: str, luck: Random) -> None:
    """One page of the household register. Argument: name/relation/sex/birth."""
    x, y, w, h = box
    name, relation, sex, birth = argument.split("/")
    canvas.setFillColorRGB(0.93, 0.90, 0.82)
    canvas.setLineWidth(0.8)
    canvas.rect(x + 30, y + 6, w - 60, h - 12, stroke=1, fill=1)
    canvas.setFillGray(0.1)
    write_centred(canvas, x + w / 2, y + h - 34, "常 住 人 口 登 记 卡", 14, "hei")
    rows = (
        (("姓  名", name), ("户主或与户主关系", relation)),
        (("曾用名", ""), ("性  别", sex)),
        (("出生日期", birth), ("民  族", "汉")),
        (("籍  贯", "云岭县"), ("出 生 地", "青禾镇")),
        (("公民身份号码", "******************"), ("职  业", "粮农")),
        (("何时由何地迁来本址", "世居"), ("登记日期", "2009年06月11日")),
    )
    row_height = (h - 74) / len(rows)
    column = (w - 100) / 4
    for place, row in enumerate(rows):
        low = y + h - 52 - (place + 1) * row_height
        for cell, text in enumerate(sum(row, ())):
            canvas.rect(x + 50 + cell * column, low, column, row_height)
            middle = x + 50 + (cell + 0.5) * column
            if cell % 2 == 0:
                write_centred(canvas, middle, low + row_height / 2 - 4, text, 9)
            else:
                left = middle - width(text, "kai", 11) / 2
                handwrite(canvas, left, low + row_height / 2 - 4, text, 11, luck)


def _bank_slip(canvas: Canvas, box: Box, argument: str, luck: Random) -> None:
    """A bank's payment slip. Argument: number/payee/amount/date."""
    x, y, w, h = box
    number, payee, amount, date = argument.split("/")
    canvas.setStrokeColorRGB(0.2, 0.45, 0.3)
    canvas.setLineWidth(0.8)
    canvas.rect(x, y + 4, w, h - 8)
    canvas.setFillColorRGB(0.1, 0.35, 0.2)
    write_centred(canvas, x + w / 2, y + h - 26, "云岭农村商业银行  电子回单", 13, "hei")
    canvas.setFillGray(0.1)
    write(canvas, x + 12, y + h - 46, f"回单编号：{number}", 9)
    write(canvas, x + w - 150, y + h - 46, f"交易日期：{date}", 9)
    lines = (
        f"付款人：青禾镇财政所    账号：**** **** 0088        "
        f"收款人：{payee}    账号：**** **** {number[-4:]}",
        f"金额（小写）：￥{amount}        用途：2025年第二季度临时救助资金        状态：交易成功",
    )
    for place, line in enumerate(lines):
        write(canvas, x + 12, y + h - 68 - place * 20, line, 9)
    canvas.saveState()
    canvas.translate(x + w - 70, y + 30)
    canvas.rotate(luck.uniform(-10, 10))
    canvas.setStrokeColorRGB(0.8, 0.1, 0.1, alpha=0.75)
    canvas.setFillColorRGB(0.8, 0.1, 0.1, alpha=0.75)
    canvas.ellipse(-44, -22, 44, 22)
    write_centred(canvas, 0, 3, "云岭农村商业银行", 8)
    write_centred(canvas, 0, -11, "电子回单专用章", 8)
    canvas.restoreState()


def _road_section(canvas: Canvas, box: Box, argument: str, luck: Random) -> None:
    """Cross-section of the village road. Argument: a caption."""
    x, y, w, h = box
    layers = ((0.72, "面层 水泥混凝土 20 cm"), (0.82, "基层 水泥稳定碎石 18 cm"), (0.9, "垫层 砂砾 15 cm"))
    for place, (grey, text) in enumerate(layers):
        low = y + h - 56 - place * 32
        spread = place * 16
        canvas.setFillGray(grey)
        canvas.rect(x + 90 - spread, low, w - 300 + 2 * spread, 30, stroke=1, fill=1)
        canvas.setFillGray(0.35)
        for _ in range(70):
            spot = (luck.uniform(x + 94 - spread, x + w - 214 + spread), luck.uniform(low + 3, low + 27))
            canvas.circle(*spot, luck.uniform(0.4, 1.3), stroke=0, fill=1)
        canvas.setFillGray(0.05)
        canvas.line(x + w - 210, low + 15, x + w - 160, low + 15)
        write(canvas, x + w - 156, low + 11, text, 10)
    write_centred(canvas, x + w / 2 - 60, y + h - 16, "4500", 10)
    write_centred(canvas, x + w / 2, y + 6, argument, 10)


def _canal_section(canvas: Canvas, box: Box, argument: str, luck: Random) -> None:
    """Cross-section of the lined canal. Argument: a caption."""
    x, y, w, _ = box
    cx, low = x + w / 2, y + 40
    outer = [(-120, 78), (-92, 78), (-50, 12), (50, 12), (92, 78), (120, 78)]
    inner = [(120, 70), (96, 70), (56, 2), (-56, 2), (-96, 70), (-120, 70)]
    shape = canvas.beginPath()
    for place, (dx, dy) in enumerate(outer + inner):
        shape.moveTo(cx + dx, low + dy) if place == 0 else shape.lineTo(cx + dx, low + dy)
    shape.close()
    canvas.setFillGray(0.75)
    canvas.drawPath(shape, stroke=1, fill=1)
    canvas.setStrokeColorRGB(0.15, 0.4, 0.75)
    canvas.line(cx - 77, low + 55, cx + 77, low + 55)
    for _ in range(9):
        px, py = cx + luck.uniform(-48, 40), low + luck.uniform(22, 48)
        canvas.line(px, py, px + 12, py)
    canvas.setStrokeGray(0.05)
    canvas.setFillGray(0.05)
    write_centred(canvas, cx, low + 60, "▽ 设计水位", 9)
    write_centred(canvas, cx, low - 12, "底宽 400", 9)
    write(canvas, cx + 100, low + 36, "C20 现浇 厚 80", 9)
    write_centred(canvas, cx, y + 8, argument, 10)


def _overview(canvas: Canvas, box: Box, argument: str, luck: Random) -> None:
    """All fields of one household between their neighbours'. Argument: the household's field names, '/'."""
    x, y, w, h = box
    mine = argument.split("/")
    canvas.setFillColorRGB(0.86, 0.88, 0.78)
    canvas.rect(x, y, w, h, stroke=1, fill=1)
    columns, rows = 6, 5
    chosen = luck.sample(range(columns * rows), len(mine))
    for cell in range(columns * rows):
        column, row = cell % columns, cell // columns
        bend = 9 * math.sin(column * 1.3 + row)
        px, py = x + 14 + column * (w - 28) / columns, y + 14 + row * (h - 34) / rows + bend * 0.6
        cw, ch = (w - 28) / columns - 3, (h - 34) / rows - 3
        shape = canvas.beginPath()
        shape.moveTo(px, py)
        for dx, dy in ((cw, bend * 0.5), (cw, ch + bend * 0.4), (0, ch)):
            shape.lineTo(px + dx, py + dy)
        shape.close()
        canvas.setFillColorRGB(*((0.97, 0.83, 0.55) if cell in chosen else (0.80, 0.84, 0.70)))
        canvas.setStrokeColorRGB(*((0.8, 0.1, 0.1) if cell in chosen else (0.5, 0.55, 0.45)))
        canvas.drawPath(shape, stroke=1, fill=1)
        if cell in chosen:
            canvas.setFillGray(0.05)
            write_centred(canvas, px + cw / 2, py + ch / 2, mine[chosen.index(cell)], 9, "hei")


SKETCHES: Final = MappingProxyType(
    {
        "plot": Sketch(270, _plot),
        "border": Sketch(250, _border),
        "identity-card": Sketch(176, _identity_card),
        "register-page": Sketch(290, _register_page),
        "bank-slip": Sketch(132, _bank_slip),
        "road-section": Sketch(170, _road_section),
        "canal-section": Sketch(150, _canal_section),
        "overview": Sketch(330, _overview),
    }
)
