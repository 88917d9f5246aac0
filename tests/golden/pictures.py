"""Pictures of many shapes, the same wherever they are made, for what is recorded about them."""

from __future__ import annotations

import numpy as np
from PIL import Image

SIDE = 16
SIZES = [(16, 16), (32, 49), (51, 32), (90, 33), (47, 100), (95, 95), (20, 27), (7, 300), (95, 64)]
"""Odd lengths on either side of even ones: how halves are rounded shows at the edges."""


def picture(width: int, height: int) -> Image.Image:
    """Noise over coarse fields, from a stream that numpy promises never to change."""
    random = np.random.RandomState(1000 * width + height)
    fields = random.randint(0, 200, (8, 8, 3))
    rows, columns = np.arange(height) * 8 // height, np.arange(width) * 8 // width
    shades = fields[rows][:, columns] + random.randint(0, 56, (height, width, 3))
    return Image.fromarray(shades.astype(np.uint8))


def name(size: tuple[int, int], filter_: str) -> str:
    return f"{size[0]}x{size[1]} {filter_}"
