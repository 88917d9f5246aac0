"""What kind of photo bytes are, read from the bytes alone."""

from __future__ import annotations

from core.errors import ImageUnreadable


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
