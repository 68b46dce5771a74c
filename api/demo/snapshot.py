"""What a plain camera makes of a scene: soft lens, grain, dark corners, a date in the corner."""

import io
from random import Random
from typing import Final

from PIL import Image, ImageFilter

from api.demo import paint
from api.demo.paint import letter

SIZE: Final = (1280, 960)

_STAMP: Final = (255, 150, 40)


def developed(image: Image.Image, luck: Random, date: str) -> bytes:
    """The scene as JPEG; `date` may be empty."""
    shot = image.filter(ImageFilter.GaussianBlur(0.9))
    shot = paint.vignette(paint.add_grain(shot, luck, 7), 38)
    letter(shot, (SIZE[0] - 160, SIZE[1] - 44), date, 34, _STAMP, "hei")
    paint.foot(shot, (236, 236, 228))
    out = io.BytesIO()
    shot.save(out, "JPEG", quality=84, dpi=(150, 150))
    return out.getvalue()
