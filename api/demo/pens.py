"""What a hand, a seal and an ink pad leave on a PDF page."""

import math
from random import Random

from reportlab.pdfgen.canvas import Canvas

from api.demo.fonts import Face, pdf_font, require, width
from api.demo.looks import Colour

_SEAL_RED: Colour = (0.80, 0.10, 0.10)


def write(canvas: Canvas, x: float, y: float, text: str, size: float, face: Face = "song") -> None:
    """Print one line with its left end at (x, y), in the canvas's fill colour."""
    canvas.setFont(pdf_font(face), size)
    canvas.drawString(x, y, require(text, face))


def write_centred(canvas: Canvas, x: float, y: float, text: str, size: float, face: Face = "song") -> None:
    """Print one line with its middle at (x, y)."""
    write(canvas, x - width(text, face, size) / 2, y, text, size, face)


def handwrite(canvas: Canvas, x: float, y: float, text: str, size: float, luck: Random) -> None:
    """Write one line as a hand does: every character a little off line, size and angle."""
    line = canvas.beginText()
    for char in require(text, "kai"):
        line.setFont(pdf_font("kai"), size * luck.uniform(0.95, 1.07))
        turn = math.radians(luck.uniform(-3.5, 3.5))
        cos, sin = math.cos(turn), math.sin(turn)
        line.setTextTransform(cos, sin, -sin, cos, x, y + luck.uniform(-0.05, 0.06) * size)
        line.textOut(char)
        x += width(char, "kai", size) * luck.uniform(0.97, 1.0)
    canvas.drawText(line)


def seal(canvas: Canvas, x: float, y: float, organ: str, luck: Random, radius: float = 54) -> None:
    """Round official seal around (x, y): the organ's name on the upper arc, a star in the middle."""
    canvas.saveState()
    canvas.translate(x, y)
    canvas.rotate(luck.uniform(-7, 7))
    canvas.setStrokeColorRGB(*_SEAL_RED, alpha=0.72)
    canvas.setFillColorRGB(*_SEAL_RED, alpha=0.72)
    canvas.setLineWidth(radius * 0.055)
    canvas.circle(0, 0, radius)
    star = canvas.beginPath()
    for tip in range(10):
        reach = radius * (0.30 if tip % 2 == 0 else 0.115)
        angle = math.pi / 2 + tip * math.pi / 5
        point = (reach * math.cos(angle), reach * math.sin(angle))
        star.moveTo(*point) if tip == 0 else star.lineTo(*point)
    star.close()
    canvas.drawPath(star, stroke=0, fill=1)
    sweep = math.radians(min(250, 26 * (len(organ) - 1)))
    size = min(radius * 0.30, radius * 0.80 * sweep / max(1, len(organ) - 1))
    for place, char in enumerate(require(organ, "song")):
        angle = math.pi / 2 + sweep / 2 - sweep * place / max(1, len(organ) - 1)
        canvas.saveState()
        canvas.translate(radius * 0.66 * math.cos(angle), radius * 0.66 * math.sin(angle))
        canvas.rotate(math.degrees(angle) - 90)
        write_centred(canvas, 0, 0, char, size)
        canvas.restoreState()
    canvas.restoreState()


def thumbprint(canvas: Canvas, x: float, y: float, luck: Random) -> None:
    """A red thumbprint, about 10 by 15 points, centred at (x, y)."""
    canvas.saveState()
    canvas.translate(x, y)
    canvas.rotate(luck.uniform(-35, 35))
    canvas.setFillColorRGB(0.85, 0.16, 0.13, alpha=0.28)
    canvas.ellipse(-6.5, -9, 6.5, 9, stroke=0, fill=1)
    canvas.setStrokeColorRGB(0.80, 0.10, 0.08, alpha=0.70)
    canvas.setLineWidth(0.75)
    for ring in range(1, 7):
        w, h = ring * 1.05, ring * 1.45
        start = luck.uniform(-60, 20)
        canvas.arc(-w, -h, w, h, start, luck.uniform(230, 340))
    canvas.restoreState()
