"""A piece of a photo as a studio might show it: alone, in the middle, on a light ground.

Shops' own pictures look like that and customers' photos don't. Seen as two views of one thing, a
photo and its cut-out teach that the ground and the frame say nothing about the product.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

_SIZE = 192


def cutout(piece: Image.Image, rng: np.random.Generator) -> Image.Image:
    """`piece` within a soft-edged outline between a disc and a box, on white or nearly white."""
    height = int(_SIZE * rng.uniform(0.6, 0.92))
    width = min(int(height * np.exp(rng.uniform(-0.6, 0.35))), int(_SIZE * 0.92))
    fitted = piece.resize((width, height), Image.Resampling.BICUBIC)
    ground = _ground(rng)
    place = ((_SIZE - width) // 2, (_SIZE - height) // 2)
    outline = _outline(width, height, rng)
    if rng.random() < 0.5:
        ground.paste((150, 150, 152), (place[0] + 3, place[1] + 6), _faint(outline))
    ground.paste(fitted, place, outline)
    return ground


def _ground(rng: np.random.Generator) -> Image.Image:
    level = 255 if rng.random() < 0.6 else int(rng.integers(225, 255))
    tint = rng.integers(-3, 4, 3) if level < 255 else np.zeros(3, int)
    red, green, blue = (int(value) for value in np.clip(level + tint, 0, 255))
    return Image.new("RGB", (_SIZE, _SIZE), (red, green, blue))


def _outline(width: int, height: int, rng: np.random.Generator) -> Image.Image:
    """A superellipse, from round (fruit) to nearly a box (a carton), with an uneven edge."""
    down, across = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    power = float(np.exp(rng.uniform(np.log(1.8), np.log(14))))
    around = np.arctan2(down, across)
    uneven = sum(
        rng.uniform(-0.05, 0.05) * np.cos(waves * around + rng.uniform(0, 6.3))
        for waves in (2, 3, 5)
    )
    inside = (np.abs(down) ** power + np.abs(across) ** power) ** (1 / power) < 0.97 + uneven
    mask = Image.fromarray(np.where(inside, 255, 0).astype(np.uint8))
    return mask.filter(ImageFilter.GaussianBlur(1))


def _faint(outline: Image.Image) -> Image.Image:
    blurred = outline.filter(ImageFilter.GaussianBlur(5))
    return blurred.point([value // 3 for value in range(256)])
