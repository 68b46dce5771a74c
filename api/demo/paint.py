"""Brushes for the pictures: paper, grain, wobbling lines, turned lettering. All lengths in pixels.

Everything random comes from a generator that the caller has seeded, so the same picture is drawn each time.
"""

import itertools
import math
from collections.abc import Sequence
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from api.demo.fonts import Face, image_font, require

Point = tuple[float, float]
Rgb = tuple[int, int, int]

FOOT = "演示样例：内容均为虚构 / Sample, all invented"


def grain(size: tuple[int, int], luck: Random, cell: int, soft: float = 0.0) -> Image.Image:
    """Grey noise (mode L) with spots of about `cell` pixels, blurred by `soft`."""
    width, height = max(2, size[0] // cell + 1), max(2, size[1] // cell + 1)
    noise = Image.frombytes("L", (width, height), luck.randbytes(width * height))
    if cell > 1:
        noise = noise.resize(size, Image.Resampling.BICUBIC)
    return noise.filter(ImageFilter.GaussianBlur(soft)) if soft else noise.crop((0, 0, *size))


def gradient(size: tuple[int, int], stops: Sequence[tuple[float, Rgb]]) -> Image.Image:
    """Vertical gradient through (height from 0 to 1, colour) stops."""
    column = Image.new("RGB", (1, size[1]))
    for y in range(size[1]):
        at = y / max(1, size[1] - 1)
        low = max((s for s in stops if s[0] <= at), key=lambda s: s[0])
        high = min((s for s in stops if s[0] >= at), key=lambda s: s[0])
        part = 0.0 if high[0] == low[0] else (at - low[0]) / (high[0] - low[0])
        mixed = [round(a + (b - a) * part) for a, b in zip(low[1], high[1], strict=True)]
        column.putpixel((0, y), (mixed[0], mixed[1], mixed[2]))
    return column.resize(size)


def tint(image: Image.Image, mask: Image.Image, colour: Rgb) -> None:
    """Lay a colour over the image where the mask (mode L) is bright."""
    image.paste(colour, (0, 0, *image.size), mask)


def scaled(mask: Image.Image, factor: float, offset: float = 0.0) -> Image.Image:
    """Mask with every value times `factor` plus `offset`, kept within 0 and 255."""
    return mask.point([max(0, min(255, round(value * factor + offset))) for value in range(256)])


def add_grain(image: Image.Image, luck: Random, strength: int) -> Image.Image:
    """Film grain of at most `strength` steps up or down."""
    noise = scaled(grain(image.size, luck, 2), 2 * strength / 255)
    layer = Image.merge("RGB", (noise, noise, noise))
    return ImageChops.subtract(ImageChops.add(image, layer), Image.new("RGB", image.size, (strength,) * 3))


def vignette(image: Image.Image, depth: int) -> Image.Image:
    """Darken towards the corners by at most `depth` steps, as a plain lens does."""
    small = Image.new("L", (64, 48))
    for y in range(48):
        for x in range(64):
            away = math.hypot((x - 31.5) / 32, (y - 23.5) / 24)
            small.putpixel((x, y), round(depth * min(1.0, max(0.0, away - 0.55) / 0.85)))
    dark = small.resize(image.size, Image.Resampling.BICUBIC)
    return ImageChops.subtract(image, Image.merge("RGB", (dark, dark, dark)))


def wobble(points: Sequence[Point], luck: Random, by: float, closed: bool = False) -> list[Point]:
    """The polyline as a hand draws it: a point every 14 pixels or so, each a little off."""
    ends = [*points, points[0]] if closed else list(points)
    drawn: list[Point] = []
    drift = (0.0, 0.0)
    for (x0, y0), (x1, y1) in itertools.pairwise(ends):
        steps = max(2, round(math.hypot(x1 - x0, y1 - y0) / 14))
        for step in range(steps):
            drift = (drift[0] * 0.7 + luck.uniform(-by, by), drift[1] * 0.7 + luck.uniform(-by, by))
            part = step / steps
            drawn.append((x0 + (x1 - x0) * part + drift[0], y0 + (y1 - y0) * part + drift[1]))
    return [*drawn, drawn[0] if closed else ends[-1]]


def dashed(
    draw: ImageDraw.ImageDraw, a: Point, b: Point, fill: Rgb | int, width: int, dash: float = 12
) -> None:
    """A dashed straight line."""
    length = math.dist(a, b)
    for start in range(0, int(length), int(dash * 1.8)):
        p, q = start / length, min(1.0, (start + dash) / length)
        ends = [(a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t) for t in (p, q)]
        draw.line(ends, fill=fill, width=width)


def letter(
    image: Image.Image,
    at: Point,
    text: str,
    size: int,
    colour: Rgb | int,
    face: Face = "kai",
    turn: float = 0.0,
) -> None:
    """Write text with its middle at `at`, turned by `turn` degrees anticlockwise."""
    font = image_font(face, size)
    left, top, right, bottom = font.getbbox(require(text, face))
    stamp = Image.new("L", (round(right - left) + 8, round(bottom - top) + 8))
    ImageDraw.Draw(stamp).text((4 - left, 4 - top), text, font=font, fill=255)
    if turn:
        stamp = stamp.rotate(turn, expand=True, resample=Image.Resampling.BICUBIC)
    place = (round(at[0] - stamp.width / 2), round(at[1] - stamp.height / 2))
    image.paste(colour, (*place, place[0] + stamp.width, place[1] + stamp.height), stamp)


def foot(image: Image.Image, colour: Rgb) -> None:
    """The small line that says what this is, in the lower left corner."""
    size = max(11, image.height // 85)
    width = image_font("song", size).getlength(require(FOOT, "song"))
    letter(image, (width / 2 + size, image.height - size), FOOT, size, colour, "song")


def hatch(size: tuple[int, int], step: int, width: int) -> Image.Image:
    """Mask of slanting lines, `step` pixels apart."""
    mask = Image.new("L", size)
    draw = ImageDraw.Draw(mask)
    for x in range(-size[1], size[0], step):
        draw.line([(x, size[1]), (x + size[1], 0)], fill=255, width=width)
    return mask


def round_seal(radius: int, organ: str, colour: Rgb, luck: Random) -> Image.Image:
    """A round seal as RGBA, unevenly inked."""
    side = 2 * radius + 8
    mask = Image.new("L", (side, side))
    draw = ImageDraw.Draw(mask)
    c = side / 2
    draw.ellipse((4, 4, side - 5, side - 5), outline=255, width=max(3, radius // 14))
    star = []
    for tip in range(10):
        reach = radius * (0.32 if tip % 2 == 0 else 0.13)
        angle = -math.pi / 2 + tip * math.pi / 5
        star.append((c + reach * math.cos(angle), c + reach * math.sin(angle)))
    draw.polygon(star, fill=255)
    sweep = math.radians(min(250, 27 * (len(organ) - 1)))
    for place, char in enumerate(organ):
        angle = math.pi / 2 + sweep / 2 - sweep * place / (len(organ) - 1)
        at = (c + radius * 0.70 * math.cos(angle), c - radius * 0.70 * math.sin(angle))
        letter(mask, at, char, max(10, round(radius * 0.30)), 255, "song", math.degrees(angle) - 90)
    uneven = scaled(grain((side, side), luck, 5, 2), 1.1, 60)
    seal = Image.new("RGBA", (side, side), (*colour, 0))
    seal.putalpha(ImageChops.multiply(mask, uneven))
    return seal.rotate(luck.uniform(-9, 9), resample=Image.Resampling.BICUBIC)
