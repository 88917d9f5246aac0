"""Photo files of every kind, made on the spot, and what colours they show."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image

FORMATS = ["JPEG", "PNG", "WEBP", "AVIF", "GIF"]
Colour = tuple[int, int, int]
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def halves(
    left: Colour = RED, right: Colour = BLUE, size: tuple[int, int] = (64, 48)
) -> Image.Image:
    image = Image.new("RGB", size, left)
    image.paste(right, (size[0] // 2, 0, *size))
    return image


def near(image: Image.Image, at: tuple[float, float], colour: Colour, slack: int = 40) -> bool:
    """Whether the picture has about this colour at a place given in shares of its sides."""
    x, y = int(at[0] * (image.width - 1)), int(at[1] * (image.height - 1))
    found = image.getpixel((x, y))
    assert isinstance(found, tuple)
    return all(abs(a - b) <= slack for a, b in zip(found, colour, strict=True))


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(
    width: int, height: int, depth: int, colour: int, pixels: bytes, extra: bytes = b""
) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(pixels, 1))
    return b"\x89PNG\r\n\x1a\n" + head + extra + body + chunk(b"IEND", b"")
