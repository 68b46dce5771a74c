"""Photographs of public notice boards: the glazed board on a brick wall and the notices pasted on it."""

import math
from random import Random

from PIL import Image, ImageDraw, ImageFilter

from api.demo import paint
from api.demo.luck import seeded
from api.demo.paint import Point, Rgb, letter, wobble
from api.demo.snapshot import SIZE, developed

Notice = tuple[str, tuple[str, ...], bool]  # headline, lines, whether on red paper


def _board(date: str, board: str, organ: str, papers: tuple[Notice, ...], seed: str) -> bytes:
    """A public notice board with notices pasted on it, those on white paper sealed by the organ."""
    luck = seeded(seed)
    image = _wall(luck)
    shadow = Image.new("L", SIZE)
    ImageDraw.Draw(shadow).rectangle((170, 190, 1140, 770), fill=150)
    paint.tint(image, shadow.filter(ImageFilter.GaussianBlur(14)), (70, 66, 60))
    draw = ImageDraw.Draw(image)
    for x in (196, 1084):
        draw.rectangle((x - 14, 700, x + 14, 880), fill=(120, 124, 126))
    draw.rectangle((150, 170, 1130, 752), fill=(150, 156, 160))
    draw.rectangle((168, 250, 1112, 734), fill=(52, 92, 74))
    draw.polygon([(110, 172), (1170, 172), (1110, 104), (170, 104)], fill=(136, 52, 44))
    for x in range(130, 1160, 34):
        draw.line([(x, 171), (170 + (x - 110) * 940 / 1060, 105)], fill=(112, 40, 34), width=3)
    letter(image, (640, 210), board, 46, (176, 24, 22), "hei")
    room = 900 / len(papers)
    for place, notice in enumerate(papers):
        _pasted(image, (190 + place * room + room / 2, 492), room, notice, organ, luck)
    glare = Image.new("L", SIZE)
    ImageDraw.Draw(glare).polygon([(300, 250), (470, 250), (250, 734), (168, 734), (168, 540)], fill=36)
    paint.tint(image, glare.filter(ImageFilter.GaussianBlur(10)), (255, 255, 255))
    _leaves(image, luck)
    return developed(image, luck, date)


def _wall(luck: Random) -> Image.Image:
    """A whitewashed brick wall over a strip of cement ground."""
    image = Image.new("RGB", SIZE, (206, 200, 186))
    draw = ImageDraw.Draw(image)
    for row in range(24):
        for column in range(-1, 17):
            x, y = column * 84 + (42 if row % 2 else 0), row * 34
            shade = luck.randint(-9, 9)
            draw.rectangle((x + 2, y + 2, x + 81, y + 31), fill=(204 + shade, 197 + shade, 182 + shade))
    image.paste(paint.gradient((SIZE[0], 150), ((0, (150, 146, 138)), (1, (122, 118, 112)))), (0, 810))
    paint.tint(image, paint.scaled(paint.grain(SIZE, luck, 70), 0.22), (150, 138, 112))
    return image


def _pasted(image: Image.Image, at: Point, room: float, notice: Notice, organ: str, luck: Random) -> None:
    headline, lines, red = notice
    width = round(min(room - 26, 400))
    sheet = Image.new("RGB", (width, 440), (206, 40, 36) if red else (244, 242, 234))
    ink: Rgb = (22, 18, 16)
    letter(sheet, (width / 2, 46), headline, min(44, round((width - 30) / len(headline))), ink, "hei")
    size = min(30, round((width - 36) / max(map(len, lines))), round(320 / len(lines) / 1.45))
    for place, line in enumerate(lines):
        letter(sheet, (width / 2, 106 + place * size * 1.5), line, size, ink, "kai" if red else "song")
    if not red:
        stamp = paint.round_seal(44, organ, (188, 30, 28), luck)
        sheet.paste(stamp, (width - 122, 336), stamp)
    mask = Image.new("L", sheet.size, 255)
    turn = luck.uniform(-1.6, 1.6)
    turned, cut = (
        layer.rotate(turn, expand=True, resample=Image.Resampling.BICUBIC) for layer in (sheet, mask)
    )
    place_at = (round(at[0] - turned.width / 2), round(at[1] - turned.height / 2))
    image.paste(
        (28, 52, 42),
        (place_at[0] + 6, place_at[1] + 8, place_at[0] + 6 + cut.width, place_at[1] + 8 + cut.height),
        cut,
    )
    image.paste(turned, place_at, cut)


def _leaves(image: Image.Image, luck: Random) -> None:
    """A branch hanging into the upper left corner, a pot of flowers below the board."""
    draw = ImageDraw.Draw(image)
    draw.line(wobble([(0, 20), (130, 60), (270, 58)], luck, 2), fill=(72, 58, 40), width=7)
    for _ in range(150):
        x, y = luck.uniform(-10, 290), luck.uniform(-12, 124)
        long, turn = luck.uniform(14, 30), luck.uniform(0, 6.28)
        tip = (x + long * math.cos(turn), y + long * math.sin(turn))
        shade = luck.randint(-24, 24)
        draw.line([(x, y), tip], fill=(70 + shade, 112 + shade, 56), width=luck.randint(5, 9))
    for x in (330, 930):
        draw.polygon([(x - 46, 836), (x + 46, 836), (x + 34, 912), (x - 34, 912)], fill=(146, 82, 52))
        for _ in range(60):
            px, py = x + luck.gauss(0, 34), 812 + luck.gauss(0, 22)
            draw.ellipse(
                (px - 6, py - 6, px + 6, py + 6),
                fill=luck.choice(((66, 116, 52), (84, 134, 62), (214, 64, 84))),
            )


def draw_election_board() -> bytes:
    """The village's board with the result of the election."""
    result = (
        "第九届村民委员会换届选举",
        "主　任　孙十五　871票",
        "副主任　曹二十四　746票",
        "委　员　何十六　812票",
        "委　员　金二十七　695票",
        "现予公告",
        "望禾村村民选举委员会",
        "2021年4月10日",
    )
    finance = ("2021年第一季度", "收入合计　31,240元", "支出合计　18,905元", "结余　12,335元", "监督：刘十四")
    notices = (("选举结果公告", result, True), ("财务公开", finance, False))
    return _board("2021 04 10", "望禾村村务公开栏", "望禾村村民委员会", notices, "election")


def draw_allowance_board() -> bytes:
    """The town's board with the proposed allowance; it shows no number and no illness."""
    proposed = (
        "拟给予最低生活保障：",
        "张三户　4人",
        "公示期：5月9日至15日",
        "有异议请向",
        "镇社会事务办公室反映",
    )
    guide = ("一、本人申请", "二、入户核查", "三、民主评议", "四、审核公示", "五、审批发放")
    notices = (("低保公示", proposed, False), ("办事指南", guide, False))
    return _board("2023 05 09", "青禾镇政务公开栏", "青禾镇人民政府", notices, "allowance")


def draw_subsidy_board() -> bytes:
    """The town's board with the shares of the subsidies by village."""
    shares = (
        "望禾村　29.00万元",
        "听泉村　22.30万元",
        "石桥村　19.10万元",
        "竹林村　16.00万元",
        "公示期7个工作日",
    )
    duty = ("8月12日至18日", "带班：柳六十二", "值班：喻五十五")
    notices = (("产业奖补公示", shares, False), ("防汛值班", duty, True))
    return _board("2024 08 15", "青禾镇政务公开栏", "青禾镇人民政府", notices, "subsidy")
