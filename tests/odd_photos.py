"""Photos that are odd, broken or none, made on the spot: what they must do is end well."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from io import BytesIO

from PIL import Image

from core.photos import MAX_PHOTO_BYTES
from tests.photos import jpeg
from tests.unit.photo_files import FORMATS, chunk, halves, png, saved

CUTS = 20


def odd_photos() -> Iterator[tuple[str, bytes]]:
    yield from _cut_short()
    yield from _disguised()
    yield from _two_in_one()
    yield from _of_strange_shapes()
    yield from _of_strange_colours()
    yield from _lying_strangely()
    whole = jpeg(3)
    yield "of 20 MB to the byte", whole + bytes(MAX_PHOTO_BYTES - len(whole))
    yield "of a byte more than 20 MB", whole + bytes(MAX_PHOTO_BYTES + 1 - len(whole))


def _cut_short() -> Iterator[tuple[str, bytes]]:
    photo = Image.open(BytesIO(jpeg(7)))
    for form in FORMATS:
        data = saved(photo, form)
        for cut in range(CUTS):
            yield f"{form}, {cut}/{CUTS} of it", data[: len(data) * cut // CUTS]


def _disguised() -> Iterator[tuple[str, bytes]]:
    for form in ("BMP", "TIFF", "ICO", "PPM", "TGA", "PCX", "JPEG2000", "PDF", "EPS"):
        yield f"a {form}", saved(halves(), form)
    yield "an SVG", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    yield "a PSD", b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 64, 64, 8, 3) + bytes(200)
    yield "a page", b"<!doctype html><title>404</title>"
    yield "a program", b"\x7fELF" + bytes(500)
    yield "nothing but zeros", bytes(5000)


def _two_in_one() -> Iterator[tuple[str, bytes]]:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("a.html", "<script>alert(1)</script>")
    for form in FORMATS:
        data = saved(halves(), form)
        yield f"{form} and an archive", data + archive.getvalue()
        yield f"{form} and a page", data + b"<script>alert(1)</script>"
        yield f"{form} and a PDF", data + saved(halves(), "PDF")
        yield f"{form} and another", data + saved(halves(), "PNG")
        yield f"a page and {form}", b"<html>" + data


def _of_strange_shapes() -> Iterator[tuple[str, bytes]]:
    for size in ((1, 1), (1, 65_500), (65_500, 1), (1, 100), (100, 1), (3, 299)):
        for form in ("JPEG", "PNG", "GIF"):
            yield f"{form} of {size}", saved(Image.new("RGB", size), form)
    for width, height in ((0, 0), (0, 9), (9, 0)):
        yield f"PNG of {width} x {height}", png(width, height, 8, 0, bytes(90))
        data = saved(halves(), "JPEG")
        at = data.index(b"\xff\xc0") + 5
        told = struct.pack(">HH", height, width)
        yield f"JPEG of {width} x {height}", data[:at] + told + data[at + 4 :]
        data = saved(halves(), "GIF")
        yield (
            f"GIF of {width} x {height}",
            data[:6] + struct.pack("<HH", width, height) + data[10:],
        )


def _of_strange_colours() -> Iterator[tuple[str, bytes]]:
    for mode, form in (
        ("CMYK", "JPEG"),
        ("L", "JPEG"),
        ("1", "PNG"),
        ("P", "PNG"),
        ("LA", "PNG"),
        ("I;16", "PNG"),
        ("RGBA", "PNG"),
        ("RGBA", "WEBP"),
        ("RGBA", "AVIF"),
        ("P", "GIF"),
        ("1", "GIF"),
    ):
        yield f"{form} in {mode}", saved(Image.new(mode, (40, 30)), form)
    seen_through = chunk(b"PLTE", bytes(6)) + chunk(b"tRNS", bytes(1))
    yield "PNG of a palette too short", png(20, 20, 8, 3, b"\xff" * 420, extra=seen_through)
    yield "PNG without its palette", png(20, 20, 8, 3, bytes(420))
    yield "PNG in colours there are not", png(20, 20, 8, 5, bytes(420))
    yield "PNG of 3 bits", png(20, 20, 3, 0, bytes(420))


def _lying_strangely() -> Iterator[tuple[str, bytes]]:
    for orientation in (0, 9, 255, 65_535):
        exif = Image.Exif()
        exif[0x0112] = orientation
        for form in ("JPEG", "PNG", "WEBP"):
            yield f"{form} lying {orientation}", saved(halves(), form, exif=exif)
    for notes in (b"", b"II", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff" + bytes(40)):
        data = saved(halves(), "JPEG")
        body = b"Exif\0\0" + notes
        yield (
            f"JPEG with the notes {notes[:10]!r}",
            data[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + data[2:],
        )
