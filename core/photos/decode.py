"""Bytes from a stranger to an upright RGB picture, or one of two errors, in bounded time and space.

What the bytes are is read from the bytes alone: the formats below and nothing else ever reach
Pillow, each straight to its own plugin, so neither a file's name nor Pillow's dozens of other
decoders have a say.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from importlib import import_module
from io import BytesIO
from math import ceil
from threading import Lock
from typing import Any, NamedTuple

from PIL import Image

from core.errors import ImageTooLarge, ImageUnreadable
from core.photos import MAX_PHOTO_BYTES
from core.photos.picture import Picture, orientation_of
from core.query import Crop

log = logging.getLogger(__name__)

MAX_PIXELS = 50_000_000
MAX_RATIO = 100
"""How many times longer than the other a side may be: filling a square with a hair's breadth
would blow its other side up to millions of pixels."""

_HEAD_ROOM, _LEAST_SIDE = 2, 336
"""A photo that is made smaller on reading keeps a short side of so many times what is needed, and
at least so many pixels: the fewer a model looks at, the more it minds how they were averaged."""

_MAX_JPEG_SCANS = 100
"""Real progressive photos have about ten. Each scan costs a pass over every pixel and only a few
bytes, so that a small file could keep a decoder busy for hours."""

_LARGE = 12_000_000
_one_large_at_a_time = Lock()
"""What can't be shrunk while it is read takes up to 20 bytes a pixel for a moment."""

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


def sniff(data: bytes) -> str | None:
    """The content type the bytes themselves show, or None when it is none that we read."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if _brands(data) & {b"avif", b"avis"}:
        return "image/avif"
    return None


def format_of(data: bytes) -> str:
    """The same, of a photo or its first bytes. Raises ImageUnreadable where it is none of ours."""
    content_type = sniff(data)
    if content_type is None:
        raise ImageUnreadable(_not_ours(data))
    return content_type


def open_photo(data: bytes, at_least: int, crop: Crop | None = None) -> Image.Image:
    """The photo as `read_photo` reads it, as a picture."""
    return read_photo(data, at_least, crop).upright()


def read_photo(data: bytes, at_least: int, crop: Crop | None = None) -> Picture:
    """The photo, or a part of it, in RGB, on white where it was transparent.

    A larger photo comes smaller, with its short side still well above `at_least`: what a
    model looks at is small, and most of a decoder's time goes into pixels nobody will see.
    Raises ImageUnreadable or ImageTooLarge, and nothing else, whatever the bytes.
    """
    if crop is not None:
        whole = _read(data, ceil(at_least / min(crop.width, crop.height)))
        part = whole.part(crop)
        _check_size(*part.size)
        return part
    return _read(data, at_least)


def _read(data: bytes, at_least: int) -> Picture:
    if len(data) > MAX_PHOTO_BYTES:
        megabytes, most = len(data) / 2**20, MAX_PHOTO_BYTES // 2**20
        raise ImageTooLarge(f"The photo has {megabytes:.1f} MB; at most {most} are accepted.")
    form = _FORMATS[format_of(data)]
    with _blaming_the_file(form.name):
        reader: Any = getattr(import_module(form.plugin), form.reader)
        image: Image.Image = reader(BytesIO(data))
        _check_size(*image.size)
        short_side = max(_HEAD_ROOM * at_least, _LEAST_SIDE)
        whole, times = image.size, 1
        if form.name == "JPEG":
            _check_scans(data)
            times = _draft(image, short_side)
        at_once = form.name != "JPEG" or "progressive" in image.info
        width, height = whole if at_once else image.size
        with _one_large_at_a_time if width * height > _LARGE else nullcontext():
            image.load()
            factor = max(min(image.size) // short_side, 1)
            small = _flat_and_small(image, factor)
            return Picture(small, whole, times * factor, orientation_of(image))


def _draft(image: Any, short_side: int) -> int:
    """Has a JPEG decoded 2, 4 or 8 times smaller if it stays large enough; says how many times."""
    width = image.width
    drafted = image.draft(None, (short_side, short_side))
    return round(width / drafted[1][2]) if drafted else 1


def _brands(data: bytes) -> set[bytes]:
    """The brands of an ISO media file (AVIF, HEIC, MP4): what its first box says it is."""
    if data[4:8] != b"ftyp":
        return set()
    box = data[8 : min(int.from_bytes(data[:4], "big"), 256)]
    return {box[at : at + 4] for at in range(0, len(box), 4) if at != 4}


def _not_ours(data: bytes) -> str:
    if not data:
        return "The photo is empty."
    if _brands(data) & {b"heic", b"heix", b"hevc", b"mif1"}:
        return "This is a HEIC photo, which we can't read: please save it as JPEG."
    return "This is not a JPEG, PNG, WebP, AVIF or GIF photo."


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


_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd7\xff]")
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9


def _check_scans(data: bytes) -> None:
    scans = 0
    at = 2
    while found := _MARKER.search(data, at):
        marker, at = found[0][1], found.end()
        if marker == _END_OF_IMAGE:
            return
        scans += marker == _START_OF_SCAN
        if scans > _MAX_JPEG_SCANS:
            raise ImageTooLarge("This JPEG photo is stored in more passes than we read.")
        at += int.from_bytes(data[at : at + 2], "big")


def _flat_and_small(image: Image.Image, factor: int) -> Image.Image:
    """Smaller first where pixels can be averaged as they are stored: there are fewer to convert."""
    if image.mode in ("L", "LA", "RGB", "RGBA", "CMYK") and "transparency" not in image.info:
        return _flat(_small(image, factor))
    return _small(_flat(image), factor)


def _small(image: Image.Image, factor: int) -> Image.Image:
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
