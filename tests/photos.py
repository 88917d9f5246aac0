"""Real JPEGs for tests, each told from the others by its look."""

from __future__ import annotations

import io
from colorsys import hsv_to_rgb
from random import Random

from PIL import Image, ImageDraw


def jpeg(number: int, size: tuple[int, int] = (160, 160), quality: int = 90) -> bytes:
    """A photo like no other number's: two coloured shapes on a coloured ground."""
    image = Image.new("RGB", size, _colour(number * 0.381, 0.25, 0.95))
    draw = ImageDraw.Draw(image)
    width, height = size
    edge = 0.1 + 0.02 * (number % 11)
    box = (width * edge, height * edge, width * 0.8, height * (0.55 + 0.03 * (number % 13)))
    draw.rectangle(box, fill=_colour(number * 0.618, 0.9, 0.8))
    draw.ellipse(
        (width * 0.45, height * 0.4, width * 0.95, height * 0.9),
        fill=_colour(number * 0.77, 1, 0.6),
    )
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def noisy_jpeg() -> bytes:
    """One of 3 MB, as phones make them: noise is what JPEG can't make small."""
    size = (1700, 1500)
    image = Image.frombytes("RGB", size, Random(7).randbytes(size[0] * size[1] * 3))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95)
    return out.getvalue()


def _colour(hue: float, saturation: float, value: float) -> tuple[int, int, int]:
    red, green, blue = hsv_to_rgb(hue % 1, saturation, value)
    return int(red * 255), int(green * 255), int(blue * 255)
