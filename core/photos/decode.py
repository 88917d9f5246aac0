"""Bytes from a stranger to an upright RGB picture, or one of two errors, in bounded time and space.

The formats below and nothing else ever reach Pillow, each straight to its own plugin, so neither a
file's name nor Pillow's dozens of other decoders have a say.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from io import BytesIO
from math import ceil, isqrt
from typing import Any, NamedTuple

from PIL import Image

from core.errors import ImageTooLarge, ImageUnreadable
from core.photos import MAX_PHOTO_BYTES
from core.photos.kinds import format_of
from core.photos.picture import Box, Picture, box_of
from core.photos.pieces import Plain, check_png, orientation_of, plain_avif, plain_gif, plain_jpeg
from core.photos.room import Room
from core.query import Crop

log = logging.getLogger(__name__)

MAX_PIXELS = 50_000_000
MAX_RATIO = 100
"""How many times longer than the other a side may be: filling a square with a hair's breadth
would blow its other side up to millions of pixels."""

_HEAD_ROOM, _LEAST_SIDE = 2, 336
"""A photo that is made smaller on reading keeps a short side of so many times what is needed, and
at least so many pixels: the fewer a model looks at, the more it minds how they were averaged."""
_MOST_KEPT = 4_000_000
"""Pixels, however thin the photo is."""

_MOST_PASSES, _MOST_WORK = 100, 500_000_000
"""Pixels that may be gone over in all of a JPEG's passes: each costs time, and only a few bytes of
the file. Real progressive photos have about ten passes."""

_MOST_UNPACKED = 200_000_000
_BAND, _BETWEEN = 1_000_000, 16
"""Pixels that are converted at once, and the bytes that takes for each."""
_room = Room(_MOST_UNPACKED + _BAND * _BETWEEN)
"""For all photos that are being read."""
_SUSPICIOUS, _MOST_TIMES = 50_000_000, 300
"""So many times its own bytes a photo may unpack to, where that is more than a little."""
_DEEP = {"RGB;16B": 6, "RGBA;16B": 8}
"""Bytes a pixel, where they are more than the usual four."""

# Pillow warns of oddities in the file. A stranger's file has nothing to say in our log.
warnings.filterwarnings("ignore", module=r"PIL\.")


class _Format(NamedTuple):
    name: str
    plugin: str
    reader: str


_FORMATS = {
    "image/jpeg": _Format("JPEG", "PIL.JpegImagePlugin", "JpegImageFile"),
    "image/png": _Format("PNG", "PIL.PngImagePlugin", "PngImageFile"),
    "image/webp": _Format("WebP", "PIL.WebPImagePlugin", "WebPImageFile"),
    "image/avif": _Format("AVIF", "PIL.AvifImagePlugin", "AvifImageFile"),
    "image/gif": _Format("GIF", "PIL.GifImagePlugin", "GifImageFile"),
}


def open_photo(data: bytes, at_least: int, crop: Crop | None = None) -> Image.Image:
    """The photo as `read_photo` reads it, as a picture."""
    return read_photo(data, at_least, crop).upright()


def read_photo(data: bytes, at_least: int, crop: Crop | None = None) -> Picture:
    """The photo, or a part of it, in RGB, on white where it was transparent.

    A larger photo comes smaller, with its short side still well above `at_least`: what a
    model looks at is small, and most of a decoder's time goes into pixels nobody will see.
    Raises ImageUnreadable or ImageTooLarge, and nothing else, whatever the bytes.
    """
    if len(data) > MAX_PHOTO_BYTES:
        megabytes, most = len(data) / 2**20, MAX_PHOTO_BYTES // 2**20
        raise ImageTooLarge(f"The photo has {megabytes:.1f} MB; at most {most} are accepted.")
    form = _FORMATS[format_of(data)]
    with _blaming_the_file(form.name):
        plain = _plain(form.name, data)
        reader: Any = getattr(import_module(form.plugin), form.reader)
        image: Image.Image = reader(BytesIO(plain.data))
        whole, times = image.size, 1
        _check_size(*whole)
        if form.name == "JPEG":
            _check_passes(plain.passes, whole)
            share = min(crop.width, crop.height) if crop else 1
            times = _draft(image, _short_side(ceil(at_least / share)))
        unpacked = _checked(_unpacked(form.name, image, whole, plain), form.name, data)
        with _room.taken(unpacked + _BETWEEN * min(image.width * image.height, _BAND)):
            image.load()
            orientation = orientation_of(plain.notes or image.info.get("exif", b""))
            read = Picture(image, whole, times, orientation)
            box = box_of(crop, read) if crop else (0, 0, *image.size)
            size = (box[2] - box[0], box[3] - box[1])
            _check_size(*size)
            small, factor = _flat_and_small(image, box, at_least)
            if crop:
                return Picture(small, size, factor, orientation)
            return Picture(small, whole, times * factor, orientation)


def _plain(name: str, data: bytes) -> Plain:
    if name == "JPEG":
        return plain_jpeg(data)
    if name == "PNG":
        check_png(data)
    if name == "GIF":
        data = plain_gif(data)
    if name == "AVIF":
        return plain_avif(data)
    return Plain(data)


def _unpacked(name: str, image: Any, whole: tuple[int, int], plain: Plain) -> int:
    """The bytes that it takes to read it."""
    pixels = max(whole[0] * whole[1], plain.pixels)
    if name == "JPEG":
        kept: int = 4 * image.width * image.height
        if plain.at_once and plain.passes == 1 and "progressive" not in image.info:
            return kept
        across, down = (max(layer[side] for layer in image.layer) for side in (1, 2))
        samples: int = sum(layer[1] * layer[2] for layer in image.layer)
        coefficients: int = 2 * pixels * samples // (across * down)
        return kept + coefficients
    if name == "PNG":
        deep: int = _DEEP.get(image.tile[0].args, 4)
        return pixels * deep
    return pixels * (4 if name == "GIF" else 16)


def _checked(unpacked: int, name: str, data: bytes) -> int:
    if unpacked > _MOST_UNPACKED:
        raise ImageTooLarge(f"This {name} photo has more pixels than we read of its kind.")
    always = name in ("WebP", "AVIF")  # which can say much in few bytes, and are quick to read
    if unpacked > max(_SUSPICIOUS, _MOST_TIMES * len(data)) and not always:
        raise ImageTooLarge(f"This {name} photo unpacks to far more than there is in it.")
    return unpacked


def _short_side(at_least: int) -> int:
    return max(_HEAD_ROOM * at_least, _LEAST_SIDE)


def _draft(image: Any, short_side: int) -> int:
    """Has a JPEG decoded 2, 4 or 8 times smaller if it stays large enough; says how many times."""
    width = image.width
    drafted = image.draft(None, (short_side, short_side))
    return round(width / drafted[1][2]) if drafted else 1


@contextmanager
def _blaming_the_file(name: str) -> Iterator[None]:
    """Whatever goes wrong inside, it is the file's fault and said in our own words.

    Every exception counts: which ones Pillow's decoders raise on broken files is written down
    nowhere, and fuzzing finds KeyError and ZeroDivisionError as well as OSError.
    """
    try:
        yield
    except (ImageTooLarge, ImageUnreadable):
        raise
    except (MemoryError, Image.DecompressionBombError) as error:
        raise ImageTooLarge(f"This {name} photo is too large to be opened.") from error
    except Exception as error:
        log.debug("a %s photo could not be read", name, exc_info=True)
        raise ImageUnreadable(
            f"This {name} photo is damaged or incomplete and can't be read."
        ) from error


def _check_size(width: int, height: int) -> None:
    if width < 1 or height < 1:
        raise ImageUnreadable("The photo has no pixels.")
    if width * height > MAX_PIXELS:
        raise ImageTooLarge(
            f"The photo has {width} × {height} pixels; "
            f"at most {MAX_PIXELS // 1_000_000} million are accepted."
        )
    if max(width, height) > MAX_RATIO * min(width, height):
        raise ImageTooLarge(
            f"The photo has {width} × {height} pixels; "
            f"no side may be more than {MAX_RATIO} times the other."
        )


def _check_passes(passes: int, size: tuple[int, int]) -> None:
    if passes > _MOST_PASSES or passes * size[0] * size[1] > _MOST_WORK:
        raise ImageTooLarge("This JPEG photo is stored in more passes than we read.")


def _flat_and_small(image: Image.Image, box: Box, at_least: int) -> tuple[Image.Image, int]:
    """What is in the box, flat, and how many times smaller it came: band after band, as what is
    held in between takes several times the memory of what comes of it."""
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    by_area = isqrt(max(width * height - 1, 0) // _MOST_KEPT) + 1
    factor = max(min(width, height) // _short_side(at_least), by_area)
    rows = max(_BAND // width // factor, 1) * factor
    if box == (0, 0, *image.size) and height <= rows:
        return _band(image, factor), factor
    small = Image.new("RGB", (ceil(width / factor), ceil(height / factor)))
    for at in range(top, bottom, rows):
        band = image.crop((left, at, right, min(at + rows, bottom)))
        small.paste(_band(band, factor), (0, (at - top) // factor))
    return small, factor


def _band(image: Image.Image, factor: int) -> Image.Image:
    """Smaller first where pixels can be averaged as they are stored: there are fewer to convert."""
    if image.mode in ("L", "LA", "RGB", "RGBA", "CMYK") and "transparency" not in image.info:
        return _flat(_reduced(image, factor))
    return _reduced(_flat(image), factor)


def _reduced(image: Image.Image, factor: int) -> Image.Image:
    return image.reduce(factor) if factor > 1 else image


def _flat(image: Image.Image) -> Image.Image:
    """RGB, on white where it was transparent."""
    if image.mode == "I;16":
        image = _eight_bit(image)
    if not image.has_transparency_data:
        return image if image.mode == "RGB" else image.convert("RGB")
    see_through = image.convert("RGBA")
    white = Image.new("RGB", image.size, "white")
    white.paste(see_through, mask=see_through.getchannel("A"))
    return white


def _eight_bit(image: Image.Image) -> Image.Image:
    """Pillow's own conversion would turn every shade but the darkest into white."""
    grey = image.point(lambda shade: shade * (1 / 256)).convert("L")
    see_through = image.info.get("transparency")
    if see_through is not None:
        grey.info["transparency"] = see_through >> 8
    return grey
