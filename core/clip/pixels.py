"""A photo as the image tower reads it: the manifest's square of uint8 pixels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.clip.manifest import ImageTower
from core.photos.decode import read_photo
from core.photos.picture import Picture
from core.query import Crop

Pixels = npt.NDArray[np.uint8]

_FILTERS = {
    "bicubic": Image.Resampling.BICUBIC,
    "bilinear": Image.Resampling.BILINEAR,
}


def pixels(data: bytes, tower: ImageTower, crop: Crop | None = None) -> Pixels:
    """[1, side, side, 3]. Raises ImageUnreadable or ImageTooLarge for bytes that are no photo."""
    return np.asarray(_fitted(read_photo(data, tower.side, crop), tower))[None]


def _fitted(photo: Picture, tower: ImageTower) -> Image.Image:
    """The photo as a square, in the way that the model was trained on."""
    side, interpolation = tower.side, _FILTERS[tower.interpolation]
    if tower.fit == "squash":
        return photo.resized((side, side), interpolation)
    # Sizes and offsets are rounded as the published CLIP preprocessing rounds them.
    short = min(photo.size)
    width, height = (int(side * length / short) for length in photo.size)
    left, top = round((width - side) / 2), round((height - side) / 2)
    whole = photo.resized((width, height), interpolation)
    return whole.crop((left, top, left + side, top + side))
