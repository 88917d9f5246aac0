"""Photos, however they are at hand."""

from __future__ import annotations

import base64
from os import PathLike
from pathlib import Path
from typing import BinaryIO

Photo = bytes | PathLike[str] | BinaryIO | str
"""Its bytes, a `Path`, an open file, or its address on the web. Text is never a path: what a
shopper typed must not become a file of yours."""

_MAGIC = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG": "image/png",
    b"GIF8": "image/gif",
}


def photo_fields(photo: Photo | None) -> dict[str, str]:
    """A photo as a search names it."""
    if photo is None:
        return {}
    if isinstance(photo, str):
        return {"image_url": address(photo)}
    return {"image_base64": base64.b64encode(photo_bytes(photo)).decode()}


def photo_bytes(photo: Photo) -> bytes:
    if isinstance(photo, bytes):
        return photo
    if isinstance(photo, PathLike):
        return Path(photo).read_bytes()
    if isinstance(photo, str):
        raise ValueError("This takes a photo itself, not its address on the web.")
    return photo.read()


def address(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ValueError(f"{text[:80]!r} is no address on the web. A file is pathlib.Path(...).")
    return text


def kind_of(photo: bytes) -> str:
    """What uploads must be announced as. Whether it is true is looked at by the service."""
    if photo[:4] == b"RIFF" and photo[8:12] == b"WEBP":
        return "image/webp"
    if photo[4:12] in (b"ftypavif", b"ftypavis"):
        return "image/avif"
    return next((kind for magic, kind in _MAGIC.items() if photo.startswith(magic)), "image/jpeg")
