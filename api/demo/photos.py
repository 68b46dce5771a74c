"""The photographs: scenes with sky, hills, fields and people, and the notice boards of `boards.py`."""

import math
from collections.abc import Callable
from random import Random
from types import MappingProxyType
from typing import Final

from PIL import Image, ImageDraw, ImageFilter

from api.demo import boards, paint
from api.demo.luck import seeded
from api.demo.paint import Point, Rgb, letter, wobble
from api.demo.snapshot import SIZE, developed


def _sky(luck: Random, horizon: int) -> Image.Image:
    """Sky with clouds and two ranges of hills down to the horizon, grass below."""
    image = paint.gradient(
        SIZE, ((0, (104, 158, 214)), (horizon / SIZE[1], (214, 228, 236)), (1, (214, 228, 236)))
    )
    clouds = paint.scaled(paint.grain(SIZE, luck, 150), 1.9, -250)
    fade = paint.gradient(
        SIZE, ((0, (255, 255, 255)), (horizon / SIZE[1], (0, 0, 0)), (1, (0, 0, 0)))
    ).convert("L")
    paint.tint(image, Image.composite(clouds, Image.new("L", SIZE), fade), (252, 252, 252))
    draw = ImageDraw.Draw(image)
    for colour, rise, lift in (((140, 164, 178), 90, 74), ((104, 138, 120), 60, 26), ((78, 116, 72), 34, 0)):
        phase = luck.uniform(0, 6)
        ridge = [
            (
                x,
                horizon
                - lift
                - rise * (0.5 + 0.5 * math.sin(x / 170 + phase))
                - 10 * math.sin(x / 41 + phase),
            )
            for x in range(0, SIZE[0] + 20, 20)
        ]
        draw.polygon([*ridge, (SIZE[0], horizon + 20), (0, horizon + 20)], fill=colour)
    ground = paint.gradient((SIZE[0], SIZE[1] - horizon), ((0, (112, 142, 70)), (1, (92, 112, 48))))
    image.paste(ground, (0, horizon))
    return image


def _blades(image: Image.Image, luck: Random, top: int, count: int, colours: tuple[Rgb, ...]) -> None:
    """Grass or crops, taller the nearer they stand."""
    draw = ImageDraw.Draw(image)
    for y in sorted(luck.uniform(top, SIZE[1] + 30) for _ in range(count)):
        near = (y - top) / (SIZE[1] - top)
        x, tall = luck.uniform(0, SIZE[0]), 6 + 40 * near
        lean = luck.uniform(-0.4, 0.4) * tall
        draw.line([(x, y), (x + lean, y - tall)], fill=luck.choice(colours), width=1 + round(2 * near))


def _person(
    draw: ImageDraw.ImageDraw, at: Point, tall: float, dress: Rgb, luck: Random, arms: float = 0.0
) -> None:
    """A figure seen from some way off; `at` is between the feet, `arms` lifts the hands."""
    x, y = at
    head, skin = tall * 0.075, (206, 160, 128)
    draw.ellipse((x - tall * 0.2, y - tall * 0.02, x + tall * 0.2, y + tall * 0.03), fill=(74, 84, 52))
    for side in (-1, 1):
        draw.line(
            [(x + side * tall * 0.05, y), (x + side * tall * 0.04, y - tall * 0.46)],
            fill=(52, 54, 66),
            width=max(3, round(tall * 0.07)),
        )
        hand = (x + side * tall * (0.2 + 0.12 * arms), y - tall * (0.45 + 0.4 * arms))
        draw.line(
            [(x + side * tall * 0.1, y - tall * 0.78), hand], fill=dress, width=max(3, round(tall * 0.06))
        )
        draw.ellipse(
            (hand[0] - head * 0.4, hand[1] - head * 0.4, hand[0] + head * 0.4, hand[1] + head * 0.4),
            fill=skin,
        )
    coat = ((-0.12, 0.82), (0.12, 0.82), (0.14, 0.4), (-0.14, 0.4))
    draw.polygon([(x + side * tall, y - up * tall) for side, up in coat], fill=dress)
    draw.ellipse((x - head, y - tall * 0.99, x + head, y - tall * 0.82), fill=skin)
    draw.pieslice(
        (x - head * 1.1, y - tall * 1.01, x + head * 1.1, y - tall * 0.83),
        180,
        360,
        fill=luck.choice(((30, 28, 30), (60, 56, 58))),
    )


def _boundary_stake() -> bytes:
    """界桩照片: the moved stone on the canal's bank, a flag on its old footing, a ranging rod between."""
    luck = seeded("stake")
    image = _sky(luck, 400)
    draw = ImageDraw.Draw(image)
    for row in range(26):
        y = 418 + row * row * 0.95
        draw.line(
            [(0, y + 14), (SIZE[0], y - 10)],
            fill=(116, 92, 58) if row % 2 else (134, 108, 70),
            width=4 + row // 2,
        )
    _blades(image, luck, 420, 2600, ((96, 142, 52), (124, 162, 64), (70, 116, 44)))
    draw.polygon([(0, 800), (1280, 600), (1280, 690), (0, 930)], fill=(184, 182, 174))
    draw.polygon([(0, 930), (1280, 690), (1280, 770), (0, 960)], fill=(86, 126, 134))
    draw.polygon([(0, 800), (1280, 600), (1280, 612), (0, 818)], fill=(206, 204, 196))
    for _ in range(60):
        x = luck.uniform(0, 1280)
        y = 945 - x * 0.19 + luck.uniform(0, 40)
        draw.line([(x, y), (x + luck.uniform(20, 60), y - 6)], fill=(142, 176, 182), width=2)
    draw.ellipse((400, 754, 600, 806), fill=(96, 88, 62))
    draw.polygon([(432, 770), (566, 770), (558, 470), (442, 470)], fill=(168, 164, 154))
    draw.polygon([(566, 770), (604, 752), (592, 458), (558, 470)], fill=(122, 118, 110))
    draw.polygon([(442, 470), (558, 470), (592, 458), (480, 456)], fill=(192, 188, 178))
    draw.polygon([(414, 790), (590, 782), (618, 752), (430, 752)], fill=(206, 204, 198))
    for place, char in enumerate("望禾三组"):
        letter(image, (500, 520 + place * 58), char, 46, (150, 32, 28), "kai")
    draw.ellipse((866, 658, 986, 700), fill=(120, 104, 78))
    for _ in range(26):
        x, y = luck.uniform(880, 970), luck.uniform(664, 694)
        draw.ellipse((x - 9, y - 5, x + 9, y + 5), fill=luck.choice(((150, 144, 130), (126, 118, 104))))
    draw.line([(926, 676), (926, 506)], fill=(220, 214, 200), width=6)
    draw.polygon([(929, 508), (1012, 532), (929, 558)], fill=(214, 36, 32))
    letter(image, (960, 532), "J5", 24, (255, 250, 240), "hei")
    for part in range(10):
        a, b = part / 10, (part + 1) / 10
        ends = [(600 + 300 * t, 742 - 64 * t) for t in (a, b)]
        draw.line(ends, fill=(206, 34, 30) if part % 2 else (246, 244, 238), width=9)
    draw.rectangle((640, 560, 828, 628), fill=(250, 248, 240), outline=(60, 60, 60), width=2)
    letter(image, (734, 580), "J5-J5'  3.20 m", 24, (20, 20, 24), "hei")
    letter(image, (734, 610), "2026.03.24 勘验", 20, (20, 20, 24), "song")
    _blades(image, luck, 880, 340, ((92, 128, 52), (132, 152, 70)))
    return developed(image, luck, "2026 03 24")


def _water_works() -> bytes:
    """整改照片: the same corner of the tank before and after, side by side."""
    luck = seeded("water")
    image = Image.new("RGB", SIZE, (246, 246, 242))
    for place, (label, date) in enumerate((("整改前", "2025年9月10日"), ("整改后", "2025年9月18日"))):
        half = _sky(luck, 400)
        draw = ImageDraw.Draw(half)
        _blades(half, luck, 420, 900, ((96, 142, 52), (124, 162, 64)))
        draw.polygon([(240, 420), (760, 380), (1060, 450), (1060, 820), (240, 860)], fill=(178, 176, 168))
        draw.polygon([(760, 380), (1060, 450), (1060, 820), (760, 800)], fill=(150, 148, 142))
        draw.polygon([(240, 420), (760, 380), (1060, 450), (540, 500)], fill=(200, 198, 190))
        draw.polygon([(560, 430), (700, 418), (772, 438), (630, 454)], fill=(92, 96, 100))
        letter(half, (500, 600), "三组蓄水池", 60, (40, 84, 150), "hei")
        if place == 0:
            wet = Image.new("L", SIZE)
            spots = ImageDraw.Draw(wet)
            for _ in range(44):
                x = luck.uniform(790, 960)
                y = luck.uniform(560, 640)
                spots.line(
                    wobble([(x, y), (x + luck.uniform(-14, 14), 806)], luck, 3),
                    fill=190,
                    width=luck.randint(5, 13),
                )
            paint.tint(half, wet.filter(ImageFilter.GaussianBlur(5)), (74, 84, 72))
            draw.line(wobble([(770, 590), (850, 566), (980, 596)], luck, 3), fill=(60, 58, 54), width=4)
        else:
            draw.polygon([(770, 530), (1050, 548), (1050, 700), (770, 690)], fill=(186, 186, 182))
            draw.rectangle((652, 424, 676, 446), fill=(196, 160, 50))
            draw.arc((656, 408, 672, 432), 180, 360, fill=(120, 120, 120), width=4)
        draw.rectangle((70, 360, 150, 880), fill=(92, 76, 52))
        panel = half.crop((200, 130, 1100, 960)).resize((610, 562))
        image.paste(panel, (20 + place * 630, 170))
        letter(
            image, (325 + place * 630, 90), label, 54, (176, 28, 24) if place == 0 else (24, 110, 50), "hei"
        )
        letter(image, (325 + place * 630, 768), f"{date}  三组蓄水池西侧", 30, (30, 30, 34), "song")
    letter(image, (640, 850), "同一位置、同一角度拍摄　拍摄人：喻五十五", 30, (30, 30, 34), "kai")
    return developed(image, luck, "")


def _festival(date: str, banner: str, seed: str, harvest: bool) -> bytes:
    """A village square with a banner and people in a ring; at harvest with baskets and crops in front."""
    luck = seeded(seed)
    image = _sky(luck, 430)
    draw = ImageDraw.Draw(image)
    for x, w in ((40, 250), (960, 280)):
        draw.rectangle((x, 320, x + w, 520), fill=(226, 218, 198))
        draw.polygon([(x - 30, 326), (x + w + 30, 326), (x + w - 24, 246), (x + 24, 246)], fill=(92, 88, 92))
        for window in range(3):
            left = x + 26 + window * (w - 40) / 3
            draw.rectangle((left, 372, left + 44, 440), fill=(98, 64, 44), outline=(70, 44, 32), width=4)
    image.paste(paint.gradient((SIZE[0], 460), ((0, (176, 170, 156)), (1, (140, 134, 122)))), (0, 500))
    draw = ImageDraw.Draw(image)
    for x in (250, 1030):
        draw.line([(x, 560), (x, 200)], fill=(110, 90, 62), width=12)
    draw.rectangle((250, 204, 1030, 290), fill=(200, 26, 26))
    letter(image, (640, 247), banner, min(52, round(740 / len(banner))), (255, 226, 90), "hei")
    for knot in range(24):
        left = 262 + knot * 33
        low = 318 + 22 * math.sin(knot / 23 * math.pi)
        draw.polygon(
            [(left, low), (left + 24, low), (left + 12, low + 24)],
            fill=luck.choice(((214, 60, 50), (236, 180, 40), (50, 120, 170), (70, 140, 70))),
        )
    dresses: tuple[Rgb, ...] = (
        (30, 60, 120),
        (170, 30, 60),
        (40, 110, 90),
        (220, 150, 40),
        (90, 40, 110),
        (200, 200, 206),
        (24, 28, 34),
    )
    ring = [
        (640 + 400 * math.cos(a / 22 * 2 * math.pi), 660 + 104 * math.sin(a / 22 * 2 * math.pi))
        for a in range(22)
    ]
    for spot in sorted(ring, key=lambda point: point[1]):
        tall, lift = 128 + (spot[1] - 560) * 0.42, 0.55 if harvest else 0.2
        _person(draw, spot, tall, luck.choice(dresses), luck, lift)
    draw.ellipse((584, 640, 696, 700), fill=(120, 40, 34))
    draw.rectangle((584, 600, 696, 672), fill=(178, 40, 36))
    draw.ellipse((584, 576, 696, 628), fill=(236, 222, 190))
    if harvest:
        for left in range(90, 1240, 180):
            _basket(draw, (float(left), 900.0), luck)
    else:
        for side in (150.0, 1130.0):
            _person(draw, (side, 900.0), 300, luck.choice(dresses), luck, 0.0)
    return developed(image, luck, date)


def _basket(draw: ImageDraw.ImageDraw, at: Point, luck: Random) -> None:
    x, y = at
    colour = luck.choice(((226, 130, 30), (222, 190, 60), (180, 40, 36), (108, 150, 50)))
    for _ in range(46):
        px, py = x + luck.gauss(0, 28), y - 42 + luck.gauss(0, 13)
        shade = luck.randint(-16, 16)
        draw.ellipse(
            (px - 13, py - 11, px + 13, py + 11), fill=tuple(max(0, min(255, c + shade)) for c in colour)
        )
    draw.polygon(
        [(x - 68, y - 34), (x + 68, y - 34), (x + 48, y + 40), (x - 48, y + 40)], fill=(176, 136, 78)
    )
    for row in range(5):
        draw.line(
            [(x - 66 + row * 4, y - 26 + row * 15), (x + 66 - row * 4, y - 26 + row * 15)],
            fill=(132, 98, 52),
            width=3,
        )
    for strip in range(-4, 5):
        draw.line([(x + strip * 15, y - 34), (x + strip * 10.5, y + 40)], fill=(146, 110, 60), width=3)


PHOTOS: Final[MappingProxyType[str, Callable[[], bytes]]] = MappingProxyType(
    {
        "07-02": boards.draw_election_board,
        "09-03": boards.draw_allowance_board,
        "13-03": boards.draw_subsidy_board,
        "17-03": _water_works,
        "19-02": _boundary_stake,
        "22-02": lambda: _festival("2022 11 06", "共建民族团结进步示范村", "unity", harvest=False),
        "23-02": lambda: _festival("2024 09 22", "听泉村丰收节各民族联欢", "harvest", harvest=True),
    }
)
