"""Photos that lie on this machine."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from core.errors import ImageTooLarge, InvalidRequest, PhotoNotFound
from core.photos import MAX_PHOTO_BYTES
from core.photos.kinds import format_of
from core.web_photos import photo_name
from scripts.imports.source import is_address


class LocalPhoto(NamedTuple):
    data: bytes
    kind: str
    name: str
    """Another one for another photo, so that one which is there already is known by it."""


def read_photo_file(raw: str, place: int, folder: Path | None) -> LocalPhoto:
    """Raises BadInput for one that is not to be had."""
    path = _path(raw, folder)
    if not path.is_file():
        raise PhotoNotFound(f"There is no file {path}.")
    if path.stat().st_size > MAX_PHOTO_BYTES:
        raise ImageTooLarge(f"It has more than {MAX_PHOTO_BYTES // 2**20} MB.")
    data = path.read_bytes()
    kind = format_of(data)
    return LocalPhoto(data, kind, photo_name(place, blake2b(data).hexdigest()))


def stamp_of(raw: str, folder: Path | None) -> str:
    """By which it is seen that a file has changed, without reading it."""
    if is_address(raw):
        return ""
    try:
        about = _path(raw, folder).stat()
    except (InvalidRequest, OSError):
        return "none"
    return f"{about.st_size} {about.st_mtime_ns}"


def _path(raw: str, folder: Path | None) -> Path:
    """A feed may come from others, and shall not choose what of this machine is made public."""
    if folder is None:
        raise InvalidRequest("A feed of the web has no photos here; say where with --images.")
    path = (folder / raw).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise InvalidRequest(f"It lies outside of {folder}; say where photos are with --images.")
    return path
