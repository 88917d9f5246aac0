"""Which colour a real photo's product has, guessed from the middle of the photo.

Nobody wrote it down, and renders alone don't teach what daylight and old cameras make of a colour.
A guess is made only where one colour covers most of the middle; else nothing is said.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from scripts.mini.data.views import Views

_SURE = 0.55
"""How much of the middle has to be of one colour."""
_MIDDLE = slice(40, 88)

_COLOURLESS = 9
"""Below this chroma people say black, grey or white."""
_HUES = (
    (44, "red"),
    (70, "orange"),
    (104, "yellow"),
    (170, "green"),
    (225, "teal"),
    (302, "blue"),
    (330, "purple"),
    (352, "pink"),
    (360, "red"),
)
"""Where each colour's hue ends, in degrees of CIE L*a*b*."""
_DARK_BLUE, _PALE_RED = 30, 58

Floats = npt.NDArray[np.float64]


def guessed(photos: Views) -> list[str]:
    """A colour's name for each photo, or "" where there is none to be sure of."""
    return [_guess(photos.pixels[first]) for first in photos.start]


def _guess(photo: npt.NDArray[np.uint8]) -> str:
    middle = _lab(photo[_MIDDLE, _MIDDLE].reshape(-1, 3)[::3].astype(np.float64))
    names, counts = np.unique([_named(*pixel) for pixel in middle.tolist()], return_counts=True)
    likeliest = int(counts.argmax())
    return str(names[likeliest]) if counts[likeliest] >= _SURE * len(middle) else ""


def _named(light: float, a: float, b: float) -> str:
    chroma = math.hypot(a, b)
    if chroma < _COLOURLESS:
        return "black" if light < 26 else "white" if light > 72 else "grey"
    hue = math.degrees(math.atan2(b, a)) % 360
    name = next(name for end, name in _HUES if hue <= end)
    if 20 < hue <= 100 and chroma < 32:
        return "brown" if light < 58 else "beige" if hue > 45 else "pink"
    if name == "orange" and light < 52:
        return "brown"
    if name == "yellow" and light < 60:
        return "olive"
    if name == "blue" and light < _DARK_BLUE:
        return "navy"
    if name == "red" and light > _PALE_RED:
        return "pink"
    return name


def _lab(rgb: Floats) -> Floats:
    """CIE L*a*b*, in which distances are about what people see."""
    s = rgb / 255
    linear = np.where(s <= 0.04045, s / 12.92, ((s + 0.055) / 1.055) ** 2.4)
    to_xyz = np.asarray(
        [(0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505)]
    )
    xyz = linear @ to_xyz.T / np.asarray([0.9505, 1, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.stack(
        [116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1
    )
