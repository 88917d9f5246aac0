"""What a photo's file is made of, looked at before a decoder is let near it.

Decoders go through a file's pieces one at a time, in Python, and keep what they find: millions of
empty ones would cost seconds and hundreds of megabytes, and so would a camera's notes of which
each says that it is as long as the file. So a decoder gets what it takes to see the pixels, and
what it would keep besides is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import error as StructError  # noqa: N812
from struct import unpack_from
from typing import NamedTuple

import numpy as np

from core.errors import ImageTooLarge

_MOST_PIECES = 20_000
"""Some writers of PNG cut its pixels into pieces of a kilobyte."""
_MOST_SEGMENTS, _MOST_NEEDED = 1000, 64
_MOST_RUBBLE = 64 * 1024
"""Bytes between pieces that belong to none: they are passed over, one after the other."""
_LONGEST_TABLE = 4096

_NEAR, _FAR = 1024, 64 * 1024
"""Bytes looked at together: more from time to time, as most markers are near."""
_BARE = frozenset({0x01, *range(0xD0, 0xDA)})
"""Markers that nothing belongs to: what follows is the next."""
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_NEEDED = _FRAMES | {0xC4, 0xCC, 0xDA, 0xDB, 0xDD, 0xE0, 0xEE}
"""Frames and tables, and what the application segments 0 and 14 say of colours."""
_END_OF_IMAGE, _START_OF_SCAN, _EXIF = 0xD9, 0xDA, 0xE1

_ORIENTATION, _SHORT, _LONG = 0x0112, 3, 4


class Plain(NamedTuple):
    """A photo without what it does not take to see its pixels, and what was found on the way."""

    data: bytes
    notes: bytes = b""
    """The camera's, where the decoder is not given them."""
    passes: int = 1
    """In which its pixels are stored."""
    at_once: bool = True
    """Whether the first has all colours."""
    pixels: int = 0
    """That the decoder will find, where the file says so in two places."""


def plain_jpeg(data: bytes) -> Plain:
    parts: list[bytes | memoryview] = [data[:2]]
    notes, at_once = b"", True
    at, seen, rubble, frame = 2, 0, 0, 0
    while (found := _marker(data, at)) is not None:
        rubble += found - at
        marker, body = data[found + 1], found + 2
        seen += 1
        _insist(seen <= _MOST_SEGMENTS and rubble <= _MOST_RUBBLE, "JPEG")
        if marker in _BARE:
            at = body
            continue
        at = body + max(int.from_bytes(data[body : body + 2], "big"), 2)
        if marker in _NEEDED and at - body <= _LONGEST_TABLE:
            parts.append(data[found:at])
            _insist(len(parts) <= _MOST_NEEDED, "JPEG")
        elif marker == _EXIF and not notes and data.startswith(b"Exif\0\0", body + 2):
            notes = data[body + 2 : at]
        if marker in _FRAMES:
            frame = body
        if marker == _START_OF_SCAN:
            at_once = data[body + 2 : body + 3] == data[frame + 7 : frame + 8]
            break
    else:
        return Plain(b"".join(parts))  # which ends before its pixels, whatever else is in it
    parts.append(memoryview(data)[at:])
    return Plain(b"".join(parts), notes, _passes(data, at, seen), at_once)


def _passes(data: bytes, at: int, seen: int) -> int:
    passes = 1
    while (found := _marker(data, at, among_pixels=True)) is not None:
        marker, at = data[found + 1], found + 2
        if marker == _END_OF_IMAGE:
            break
        seen += 1
        _insist(seen <= _MOST_SEGMENTS, "JPEG")
        passes += marker == _START_OF_SCAN
        at += int.from_bytes(data[at : at + 2], "big")
    return passes


def _marker(data: bytes, at: int, *, among_pixels: bool = False) -> int | None:
    """Where the next begins; among pixels, the next that ends them. A stranger may write nothing
    but what looks like the beginning of one: numpy passes 20 MB of it in 20 ms."""
    every, length = np.frombuffer(data, np.uint8), _NEAR
    while at + 1 < len(data):
        then = every[at + 1 : at + 1 + length]
        begins = every[at : at + len(then)] == 0xFF
        _insist(len(then) < _FAR or not begins.all(), "JPEG")  # a decoder goes over it many times
        found = begins & (then != 0) & (then != 0xFF)
        if among_pixels:
            found &= (then != 1) & (then & 0xF8 != 0xD0)
        first = int(found.argmax())
        if found[first]:
            return at + first
        at += length
        length = _FAR
    return None


def check_png(data: bytes) -> None:
    at, seen = 8, 0
    while at + 8 <= len(data):
        seen += 1
        _insist(seen <= _MOST_PIECES, "PNG")
        at += 12 + int.from_bytes(data[at : at + 4], "big")


def plain_gif(data: bytes) -> bytes:
    """The GIF without what comes before its first picture, but for what that says of it."""
    colours = 3 << (data[10] & 7) + 1 if len(data) > 10 and data[10] & 0x80 else 0
    head = at = 13 + colours
    control = b""
    seen = rubble = 0
    while at < len(data) and data[at] not in b",;":
        began = at
        if data[at] == ord("!"):
            at += 2
            while at < len(data) and data[at] and seen <= _MOST_PIECES:
                at, seen = at + 1 + data[at], seen + 1
            seen += 1
            if data[began + 1 : began + 3] == b"\xf9\x04":
                control = data[began : at + 1]
        else:
            rubble += 1
        at += 1
        _insist(seen <= _MOST_PIECES and rubble <= _MOST_RUBBLE, "GIF")
    return b"".join((data[:head], control, memoryview(data)[at:]))


def plain_avif(data: bytes) -> Plain:
    """Without a camera's notes: how the photo lies is said elsewhere in it."""
    parts: list[bytes | memoryview] = []
    pixels = 0
    for begin, end in _boxes(data):
        kind = data[begin + 4 : begin + 8]
        if kind == b"meta":
            parts.append(data[begin:end].replace(b"Exif", b"none"))
        else:
            parts.append(memoryview(data)[begin:end])
        if kind == b"mdat":
            pixels = max(pixels, _pixels_of_av1(data[begin + 8 : begin + 48]))
    return Plain(b"".join(parts), pixels=pixels)


def _pixels_of_av1(head: bytes) -> int:
    """As its sequence header says, where the data begin with one, as writers of AVIF have it."""
    head = head.removeprefix(b"\x12\0")
    if not head.startswith(b"\x0a"):
        return 0
    bits = "".join(f"{byte:08b}" for byte in head[2:].ljust(40, b"\0"))
    at = 10
    if bits[4] == "0":  # a header in full, perhaps of a film
        at = 29 + (bits[24:29] > "00111")
        if bits[6] == "1":
            at += 5 if bits[at] == "1" else 1
        if bits[5] == "1" or bits[7:12] != "00000":
            return 0
    across, down = (int(bits[begin : begin + 4], 2) + 1 for begin in (at, at + 4))
    width, height = bits[at + 8 :][:across], bits[at + 8 + across :][:down]
    return (int(width, 2) + 1) * (int(height, 2) + 1)


def _boxes(data: bytes) -> Iterator[tuple[int, int]]:
    at = seen = 0
    while at + 8 <= len(data):
        seen += 1
        _insist(seen <= _MOST_SEGMENTS, "AVIF")
        length = int.from_bytes(data[at : at + 4], "big")
        if length == 1:
            length = int.from_bytes(data[at + 8 : at + 16], "big")
        end = at + max(length, 8) if length else len(data)
        yield at, end
        at = end


def orientation_of(notes: bytes) -> int:
    """How the camera was held, or 1: a photo whose notes are broken is still a photo."""
    notes = notes.removeprefix(b"Exif\0\0")
    order = ">" if notes.startswith(b"MM") else "<"
    try:
        (first,) = unpack_from(f"{order}I", notes, 4)
        (count,) = unpack_from(f"{order}H", notes, first)
        for at in range(first + 2, first + 2 + 12 * count, 12):
            tag, kind, _, value = unpack_from(f"{order}HHIH", notes, at)
            if tag == _ORIENTATION and kind == _SHORT:
                return int(value)
            if tag == _ORIENTATION and kind == _LONG:
                return int(unpack_from(f"{order}I", notes, at + 8)[0])
    except StructError:
        pass
    return 1


def _insist(fine: bool, name: str) -> None:
    if not fine:
        raise ImageTooLarge(f"This {name} photo consists of more pieces than we read.")
