"""Writing to a disk: all of a file or nothing, and only while there is room.

The embedded engine keeps its files mapped into memory. A disk that is full does not tell it so: the
kernel ends a process that touches a page for which there is no room, and every search with it. So
writing stops while there is room, and opening, which takes up to 32 MB itself, has some left.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from core.errors import StorageFull

_MB = 1 << 20


class Need(NamedTuple):
    megabytes: int
    otherwise: str


TO_WRITE = Need(128, "nothing is written to it")
TO_REMOVE = Need(64, "nothing is removed from the index")
"""Removing is let on for longer, because it is what makes room."""
TO_OPEN = Need(64, "no index on it is opened")


def insist_on_room(folder: str | Path, need: Need = TO_WRITE) -> None:
    left = room(folder) // _MB
    if left < need.megabytes:
        raise StorageFull(
            f"The disk has {left} MB left. With less than {need.megabytes} MB {need.otherwise}: "
            "make room on it."
        )


def room(folder: str | Path) -> int:
    """In bytes, for those who are not root."""
    told = os.statvfs(folder)
    return told.f_bavail * told.f_frsize


def taken(folder: Path) -> int:
    """The bytes that a folder's files take of the disk, which are less than their sizes where
    they have holes."""
    return sum(path.lstat().st_blocks * 512 for path in folder.rglob("*"))


@contextmanager
def written_beside(path: Path) -> Iterator[BinaryIO]:
    """A hidden file in the same folder, which takes the place of `path` when it is done."""
    temporary = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with temporary.open("xb") as file:
            yield file
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
