"""What was read of a photo, and how it comes out upright."""

from __future__ import annotations

import logging
from math import ceil, floor
from typing import NamedTuple

from PIL import Image
from PIL.Image import Resampling, Transpose

from core.query import Crop

log = logging.getLogger(__name__)

_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
_LYING = range(5, 9)


class Picture(NamedTuple):
    """A photo as it lies in its file, perhaps made smaller by a whole number."""

    image: Image.Image
    whole: tuple[int, int]
    """The size before it was made smaller."""
    times: int
    """How many times smaller it was made."""
    orientation: int

    @property
    def size(self) -> tuple[int, int]:
        """The size before it was made smaller, upright."""
        return self._turned(self.whole)

    def upright(self) -> Image.Image:
        return self._turn(self.image)

    def part(self, crop: Crop) -> Picture:
        """The pixels that are at least partly within, one at the least."""
        width, height = (length / self.times for length in self.size)
        left, top = floor(crop.x * width), floor(crop.y * height)
        right = max(ceil(min(crop.x + crop.width, 1) * width), left + 1)
        bottom = max(ceil(min(crop.y + crop.height, 1) * height), top + 1)
        part = self.upright().crop((left, top, right, bottom))
        return Picture(part, part.size, 1, 1)

    def resized(self, size: tuple[int, int], resample: Resampling) -> Image.Image:
        """All of it, upright, at this size, as if it had never been made smaller."""
        # Where it does not divide evenly, its last row and column are only partly photo. Taken for
        # whole, they would stretch it: 897 pixels, halved twice, would be seen as if they were 900.
        width, height = (length / self.times for length in self.whole)
        box = (0, 0, width, height)
        return self._turn(self.image.resize(self._turned(size), resample, box))

    def _turn(self, image: Image.Image) -> Image.Image:
        turn = _UPRIGHT.get(self.orientation)
        return image if turn is None else image.transpose(turn)

    def _turned(self, size: tuple[int, int]) -> tuple[int, int]:
        return size[::-1] if self.orientation in _LYING else size


def orientation_of(image: Image.Image) -> int:
    """What the camera noted, or 1: a photo whose notes are broken is still a photo."""
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:
        log.debug("unreadable EXIF", exc_info=True)
        return 1
