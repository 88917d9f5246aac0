"""A photo as the image tower reads it: the manifest's square of uint8 pixels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.clip.manifest import ImageTower
from core.photos.decode import open_photo

Pixels = npt.NDArray[np.uint8]

_FILTERS = {
    "bicubic": Image.Resampling.BICUBIC,
    "bilinear": Image.Resampling.BILINEAR,
}


def pixels(data: bytes, tower: ImageTower) -> Pixels:
    """[1, side, side, 3]. Raises ImageUnreadable or ImageTooLarge for bytes that are no photo."""
    return np.asarray(fitted(open_photo(data, tower.side), tower))[None]


def fitted(image: Image.Image, tower: ImageTower) -> Image.Image:
    """The photo as a square, in the way that the model was trained on."""
    side, interpolation = tower.side, _FILTERS[tower.interpolation]
    if tower.fit == "squash":
        return image.resize((side, side), interpolation)
    # Sizes and offsets are rounded as the published CLIP preprocessing rounds them.
    short = min(image.size)
    width, height = (int(side * length / short) for length in image.size)
    left, top = round((width - side) / 2), round((height - side) / 2)
    return image.resize((width, height), interpolation).crop((left, top, left + side, top + side))
