"""Photos made to harm whoever opens them, made on the spot: small files that ask for much."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

from PIL import Image

from tests.unit.photo_files import chunk, halves, png, saved

ROOM = 20 * 2**20 - 4096
"""Nearly all bytes that a photo may have."""


def flat_png(width: int, height: int, depth: int, colour: int, interlace: int = 0) -> bytes:
    """All of its pixels are there, in about a thousandth of their bytes."""
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    row = 1 + (width * samples * depth + 7) // 8
    # Passes of an interlaced one have more rows, each with its filter: a little more than enough.
    pixels = packed_zeros(row * (height + (height if interlace else 0)))
    palette = chunk(b"PLTE", bytes(768)) + chunk(b"tRNS", bytes(256)) if colour == 3 else b""
    shape = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", shape),
            palette,
            chunk(b"IDAT", pixels),
            chunk(b"IEND", b""),
        )
    )


def packed_zeros(count: int) -> bytes:
    """As zlib packs them, without going through them all: a megabyte's, over and over."""
    packer = zlib.compressobj(9, wbits=-15)
    megabyte = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    whole, rest = divmod(count, 2**20)
    end = packer.compress(bytes(rest)) + packer.flush()
    checksum = struct.pack(">HH", count % 65_521, 1)
    return b"\x78\xda" + megabyte * whole + end + checksum


def small(form: str, **options: object) -> bytes:
    return saved(halves(size=(64, 64)), form, **options)


def patched(data: bytes, marker: bytes, ahead: int, new: bytes) -> bytes:
    at = data.index(marker) + len(marker) + ahead
    return data[:at] + new + data[at + len(new) :]


def jpeg_saying(width: int, height: int, **options: object) -> bytes:
    """One whose head says that it is larger than what follows."""
    sof = b"\xff\xc2" if options.get("progressive") else b"\xff\xc0"
    return patched(small("JPEG", **options), sof, 3, struct.pack(">HH", height, width))


def jpeg_with(segments: bytes) -> bytes:
    data = small("JPEG")
    return data[:2] + segments + data[2:]


def passes(megapixels: int, count: int) -> bytes:
    """A progressive JPEG of one grey whose passes say, each in little, that nothing changes."""
    side = int((megapixels * 1e6) ** 0.5) // 8 * 8
    data = saved(Image.new("L", (side, side), 90), "JPEG", progressive=True, optimize=True)
    last = data.rindex(b"\xff\xda")
    # Refining the bits of the last pass again is refused by no decoder.
    return data[:last] + data[last:-2] * count + b"\xff\xd9"


def gif_with(blocks: bytes) -> bytes:
    data = small("GIF")
    head = 13 + 3 * 2 ** ((data[10] & 7) + 1)
    return data[:head] + blocks + data[head:]


def avif_saying(width: int, height: int, really: tuple[int, int] = (64, 64)) -> bytes:
    data = saved(Image.new("RGB", really, (9, 90, 200)), "AVIF", speed=10)
    return data.replace(struct.pack(">II", *really), struct.pack(">II", width, height))


def webp_saying(width: int, height: int) -> bytes:
    data = small("WEBP", lossless=True)
    return patched(data, b"VP8L", 5, struct.pack("<I", width - 1 | (height - 1) << 14))


def webp_canvas(width: int, height: int, really: tuple[int, int]) -> bytes:
    """An extended one whose canvas is not the size of its picture."""
    inner = saved(Image.new("RGB", really, (9, 90, 200)), "WEBP", method=0)[12:]
    shape = struct.pack("<I", 0) + (width - 1).to_bytes(3, "little")
    extended = b"VP8X" + struct.pack("<I", 10) + shape + (height - 1).to_bytes(3, "little")
    body = b"WEBP" + extended + inner
    return b"RIFF" + struct.pack("<I", len(body)) + body


def exif(length: int) -> bytes:
    """A camera's notes, each of which says that it is as long as all of them."""
    count = min((length - 20) // 12, 65_000)
    notes = b"".join(
        struct.pack("<HHII", 40_000 + n % 25_000, 7, length - 20, 8) for n in range(count)
    )
    return (b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", count) + notes).ljust(length, b"\0")


def frames(form: str, count: int) -> bytes:
    pictures = [Image.new("RGB", (16, 16), (n % 256, n // 256 % 256, n % 7)) for n in range(count)]
    return saved(pictures[0], form, save_all=True, append_images=pictures[1:])


BOMBS: dict[str, Callable[[], bytes]] = {
    # sizes far beyond what is read
    "png, 50,000 x 50,000": lambda: flat_head(50_000, 50_000, 2),
    "png, 2,147,483,647 x 1": lambda: flat_head(2**31 - 1, 1, 0),
    "png, 10,000 x 10,000 of one grey": lambda: flat_png(10_000, 10_000, 8, 0),
    "png, 30,000 x 30,000 of one bit": lambda: flat_png(30_000, 30_000, 1, 0),
    "jpeg, 65,535 x 65,535": lambda: jpeg_saying(65_535, 65_535),
    "jpeg, 65,500 x 65,500 progressive": lambda: jpeg_saying(65_500, 65_500, progressive=True),
    "gif, 65,535 x 65,535": lambda: (d := small("GIF"))[:6] + b"\xff" * 4 + d[10:],
    "gif, a frame of 65,535 x 65,535": lambda: patched(small("GIF"), b",\0\0\0\0", 0, b"\xff" * 4),
    "webp, 16,383 x 16,383": lambda: webp_saying(16_383, 16_383),
    "webp, 13,000 x 13,000": lambda: webp_saying(13_000, 13_000),
    "webp, a canvas of 16,000,000 x 1": lambda: webp_canvas(16_000_000, 1, (64, 64)),
    "webp, a canvas of 7,000 x 7,000": lambda: webp_canvas(7000, 7000, (64, 64)),
    "webp, a picture of 7,000 x 7,000": lambda: webp_canvas(64, 64, (7000, 7000)),
    "avif, 16,000 x 16,000": lambda: avif_saying(16_000, 16_000),
    "avif, a picture of 7,200 x 7,200 said to be small": lambda: avif_saying(64, 64, (7200, 7200)),
    # just within it
    "png, 49 million of rgb": lambda: flat_png(7000, 7000, 8, 2),
    "png, 49 million of rgba": lambda: flat_png(7000, 7000, 8, 6),
    "png, 49 million of 16-bit rgba": lambda: flat_png(7000, 7000, 16, 6),
    "png, 49 million of 16-bit grey": lambda: flat_png(7000, 7000, 16, 0),
    "png, 49 million of 16-bit rgba, interlaced": lambda: flat_png(7000, 7000, 16, 6, 1),
    "png, 49 million of a palette, see-through": lambda: flat_png(7000, 7000, 8, 3),
    "png, 49 million of one bit, interlaced": lambda: flat_png(7000, 7000, 1, 0, 1),
    "gif, 49 million": lambda: saved(Image.new("P", (7000, 7000)), "GIF"),
    "webp, 49 million": lambda: saved(Image.new("RGB", (7000, 7000)), "WEBP", method=0),
    "webp, 49 million, lossless and see-through": lambda: saved(
        Image.new("RGBA", (7000, 7000)), "WEBP", lossless=True, method=0
    ),
    "avif, 49 million": lambda: avif_saying(7000, 7000, (7000, 7000)),
    "jpeg, 49 million, progressive": lambda: saved(
        Image.new("RGB", (7000, 7000)), "JPEG", progressive=True
    ),
    "jpeg, 49 million, progressive, every colour": lambda: saved(
        Image.new("RGB", (7000, 7000)), "JPEG", progressive=True, subsampling=0
    ),
    "jpeg, 49 million, progressive, cmyk": lambda: saved(
        Image.new("CMYK", (7000, 7000)), "JPEG", progressive=True
    ),
    # passes without end
    "jpeg, 2,000 passes": lambda: passes(1, 2000),
    "jpeg, 90 passes over 12 million": lambda: passes(12, 90),
    "jpeg, 90 passes over 49 million": lambda: passes(49, 90),
    # notes without end
    "png, notes that unpack to gigabytes": lambda: png(
        8, 8, 8, 0, bytes(72), extra=chunk(b"zTXt", b"k\0\0" + packed_zeros(50 * 2**20)) * 200
    ),
    "png, a profile that unpacks to gigabytes": lambda: png(
        8, 8, 8, 0, bytes(72), extra=chunk(b"iCCP", b"k\0\0" + packed_zeros(500 * 2**20))
    ),
    "png, words that unpack to gigabytes": lambda: png(
        8, 8, 8, 0, bytes(72), extra=chunk(b"iTXt", b"k\0\1\0\0\0" + packed_zeros(500 * 2**20))
    ),
    "png, a million notes": lambda: png(8, 8, 8, 0, bytes(72), chunk(b"tEXt", b"k\0v") * 1_000_000),
    "png, a million strangers' notes": lambda: png(
        8, 8, 8, 0, bytes(72), chunk(b"prVt", b"") * 1_500_000
    ),
    "png, a million empty pieces": lambda: (
        (d := png(8, 8, 8, 0, bytes(72)))[:33] + chunk(b"IDAT", b"") * 1_500_000 + d[33:]
    ),
    "jpeg, five million notes": lambda: jpeg_with(b"\xff\xfe\0\2" * (ROOM // 4)),
    "jpeg, four million segments": lambda: jpeg_with(b"\xff\xe5\0\3x" * (ROOM // 5)),
    "jpeg, notes of 20 MB": lambda: jpeg_with((b"\xff\xe1\xff\xffExif\0\0" + bytes(65_527)) * 300),
    "jpeg, a profile of 20 MB": lambda: jpeg_with(
        (b"\xff\xe2\xff\xffICC_PROFILE\0\1\1" + bytes(65_519)) * 300
    ),
    "jpeg, 20 MB of rubble": lambda: jpeg_with(bytes(ROOM)),
    "jpeg, 20 MB of padding": lambda: jpeg_with(b"\xff" * ROOM),
    "jpeg, 20 MB of tables": lambda: jpeg_with((b"\xff\xdb\0\x43\0" + b"\1" * 64) * (ROOM // 69)),
    "jpeg, 20 MB after its pixels": lambda: small("JPEG")[:-2] + bytes(ROOM),
    "jpeg, padding that leads to nothing": lambda: b"\xff\xd8" + b"\xff" * 50_000,
    "jpeg, 5 MB without a segment": lambda: b"\xff\xd8\xff" + bytes(ROOM // 4),
    "jpeg, 10 MB of padding after its pixels": lambda: small("JPEG")[:-2] + b"\xff" * (ROOM // 2),
    "jpeg, a million restarts": lambda: small("JPEG")[:-2] + b"\xff\xd0" * (ROOM // 2),
    "gif, 20 MB of remarks": lambda: gif_with(b"!\xfe\1x\0" * (ROOM // 5)),
    "gif, one remark of 20 MB": lambda: gif_with(b"!\xfe" + b"\1x" * (ROOM // 2 - 10) + b"\0"),
    "gif, 20 MB of extensions": lambda: gif_with(b"!\x42\1x\0" * (ROOM // 5)),
    "gif, 20 MB of rubble": lambda: gif_with(b"\7" * ROOM),
    "webp, a million pieces": lambda: _riff(small("WEBP")[12:], b"xxxx\0\0\0\0" * (ROOM // 8)),
    "jpeg, notes that each are the whole": lambda: jpeg_with(b"\xff\xe1\xff\xff" + exif(65_527)),
    "png, notes that each are the whole": lambda: png(
        8, 8, 8, 0, bytes(72), chunk(b"eXIf", exif(15_000_000)[6:])
    ),
    "webp, notes that each are the whole": lambda: small("WEBP", exif=exif(15_000_000)),
    "avif, notes that each are the whole": lambda: small("AVIF", exif=exif(15_000_000)),
    "jpeg, tables within tables": lambda: jpeg_with(
        (b"\xff\xdb\xff\xff" + (b"\0" + b"\1" * 64) * 1008 + b"\0\0") * 300
    ),
    # frames without end, of which one is looked at
    "gif, 3,000 frames": lambda: frames("GIF", 3000),
    "webp, 1,000 frames": lambda: frames("WEBP", 1000),
    "png, 3,000 frames": lambda: frames("PNG", 3000),
    "avif, 100 frames": lambda: frames("AVIF", 100),
}


LARGEST: dict[str, Callable[[], bytes]] = {
    "jpeg, 49 million": lambda: saved(Image.new("RGB", (7000, 7000)), "JPEG"),
    "jpeg, 12 million, progressive": lambda: saved(
        Image.new("RGB", (4000, 3000)), "JPEG", progressive=True
    ),
    "png, 12 million of rgba, interlaced": lambda: flat_png(4000, 3000, 8, 6, 1),
    "webp, 12 million": lambda: saved(Image.new("RGB", (4000, 3000)), "WEBP"),
    "avif, 12 million": lambda: avif_saying(4000, 3000, (4000, 3000)),
    "avif, 12 million, every colour, see-through": lambda: saved(
        Image.new("RGBA", (4000, 3000)), "AVIF", subsampling="4:4:4", speed=10
    ),
}
"""Within what is read, and as costly as that allows."""


def flat_head(width: int, height: int, colour: int) -> bytes:
    return png(width, height, 8, colour, bytes(1_000_000))


def _riff(pieces: bytes, more: bytes) -> bytes:
    body = b"WEBP" + pieces + more
    return b"RIFF" + struct.pack("<I", len(body)) + body
