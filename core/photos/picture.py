"""What was read of a photo, and how it comes out upright."""

from __future__ import annotations

from math import ceil, floor
from typing import NamedTuple

from PIL import Image
from PIL.Image import Resampling, Transpose

from core.query import Crop

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


Box = tuple[int, int, int, int]
"""Left, top, right, bottom."""


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


def box_of(crop: Crop, picture: Picture) -> Box:
    """Where a part, told of what a person sees, lies in the picture as it is stored: the pixels
    that are at least partly within, one at the least."""
    orientation = picture.orientation
    lying = orientation in _LYING
    width, height = (length / picture.times for length in picture.size)
    columns, rows = picture.image.size[::-1] if lying else picture.image.size
    across = _span(crop.x, crop.width, width)
    down = _span(crop.y, crop.height, height)
    if orientation in (2, 3, 6, 7):
        across = columns - across[1], columns - across[0]
    if orientation in (3, 4, 7, 8):
        down = rows - down[1], rows - down[0]
    (left, right), (top, bottom) = (down, across) if lying else (across, down)
    return left, top, right, bottom


def _span(begin: float, share: float, length: float) -> tuple[int, int]:
    first = floor(begin * length)
    return first, max(ceil(min(begin + share, 1) * length), first + 1)
