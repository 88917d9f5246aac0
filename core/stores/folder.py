"""The bucket as a plain folder: a shop drops its photos with whatever copies files."""

from __future__ import annotations

import builtins
import errno
import logging
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

from core.bucket import IMAGES, place
from core.errors import (
    ImageTooLarge,
    ImageUnreadable,
    InvalidRequest,
    PhotoNotFound,
    StorageFull,
    Unavailable,
)
from core.ports import StoredObject
from core.stores import spellings
from core.stores.disk import insist_on_room, sync_folder, written_beside

log = logging.getLogger(__name__)

_NOT_THERE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP})
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_BAD_NAME = frozenset({errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG})


class FolderPhotos:
    """A PhotoStore on a folder. Files may come and go under it at any moment.

    A key is the file's path inside the folder. Hidden files are nobody's (half-made downloads,
    and our own half-made writes), and no symbolic link is followed, so no key leads outside.
    """

    def __init__(self, folder: Path, base_url: str) -> None:
        (folder / IMAGES).mkdir(parents=True, exist_ok=True)
        self._root = str(folder.resolve())
        self._base_url = base_url.rstrip("/")
        self._complained_of: set[str] = set()
        self._spellings_seen = False

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """In the order of the keys."""
        folder = prefix[: prefix.rfind("/") + 1]
        if folder and self._path(folder[:-1]) is None:
            return
        todo = [key for key in self._children(folder) if key.startswith(prefix)]
        while todo:
            key = todo.pop()
            if key.endswith("/"):
                todo += self._children(key)
            elif (stored := self._stored(key)) is not None:
                yield stored

    def of_product(self, product_id: str) -> builtins.list[StoredObject]:
        """Asks for the few names a product's files can have: the folder may hold 100,000 others."""
        inside = f"{IMAGES}{product_id}/"
        where = place(f"{inside}_.jpg")
        if where is None or where.product_id != product_id or self._path(IMAGES[:-1]) is None:
            return []
        if not self._spellings_seen:
            self._children(IMAGES)
        beside = (f"{IMAGES}{product_id}.{extension}" for extension in spellings.known())
        ours: dict[tuple[str, str], StoredObject] = {}
        for stored in (*map(self._stored, beside), *self._inside(inside)):
            if stored is not None and place(stored.key) is not None:
                # Where upper and lower case are one, a file answers to several of these names.
                ours.setdefault((stored.key.lower(), stored.version), stored)
        return sorted(ours.values(), key=lambda stored: stored.key)

    def read(self, key: str, max_bytes: int) -> bytes:
        path = self._path(key)
        if path is None:
            raise PhotoNotFound(_no_such(key))
        try:
            with open(path, "rb", opener=_open_at_once) as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise PhotoNotFound(_no_such(key))
                data = file.read(max_bytes + 1)
        except PermissionError as error:
            raise ImageUnreadable(f"{key!r} is a file that the server may not read.") from error
        except OSError as error:
            if error.errno in _NOT_THERE | _BAD_NAME:
                raise PhotoNotFound(_no_such(key)) from error
            raise _trouble(error) from error
        if len(data) > max_bytes:
            raise ImageTooLarge(f"{key!r} has more than the {max_bytes} bytes that are read.")
        return data

    def metadata(self, key: str) -> Mapping[str, str]:
        """A file has none."""
        path = self._path(key)
        if path is None or self._stored(key) is None:
            raise PhotoNotFound(_no_such(key))
        return {}

    def put(self, key: str, data: bytes, content_type: str) -> StoredObject:  # noqa: ARG002
        """All of it or nothing; once it returned, it outlives a power cut.

        A file's name tells its content type.
        """
        path = self._path(key)
        if path is None:
            raise InvalidRequest(f"{key!r} can't be the name of a photo.")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            insist_on_room(path.parent)
            with written_beside(path) as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
                written = os.fstat(file.fileno())
            sync_folder(path.parent)
            spellings.note(key)
        except OSError as error:
            if error.errno in _BAD_NAME:
                raise InvalidRequest(f"{key!r} is too long or in another file's way.") from error
            raise _trouble(error) from error
        return self._described(key, path, written)

    def delete(self, key: str) -> None:
        path = self._path(key)
        if path is None:
            return
        try:
            path.unlink()
        except OSError as error:
            if error.errno not in _NOT_THERE | _BAD_NAME:
                raise _trouble(error) from error

    def url(self, key: str) -> str:
        return f"{self._base_url}/{quote(key)}"

    def close(self) -> None:
        """There is nothing to let go of."""

    def _path(self, key: str) -> Path | None:
        """Where a file of this key would lie; None when no file of ours can have it."""
        hidden = any(not part or part.startswith(".") for part in key.split("/"))
        if hidden or "\0" in key or not _is_unicode(key):
            return None
        path = self._root
        for part in key.split("/"):
            path = f"{path}/{part}"
            if stat.S_ISLNK(_mode(path)):
                return None
        return Path(path)

    def _children(self, folder: str) -> builtins.list[str]:
        """The keys of what lies in a folder, subfolders with a slash; the first to come last."""
        keys = []
        try:
            with os.scandir(f"{self._root}/{folder}") as entries:
                for entry in entries:
                    if entry.name.startswith("."):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        keys.append(f"{folder}{entry.name}/")
                    elif entry.is_file(follow_symlinks=False):
                        keys.append(folder + entry.name)
                        spellings.note(entry.name)
        except PermissionError:
            self._complain(folder, "the server may not read it")
        except OSError as error:
            if error.errno not in _NOT_THERE:
                raise _trouble(error) from error
        self._spellings_seen = self._spellings_seen or folder == IMAGES
        for key in keys:
            if not _is_unicode(key):
                self._complain(key, "its name is not UTF-8")
        return sorted(filter(_is_unicode, keys), reverse=True)

    def _stored(self, key: str) -> StoredObject | None:
        path = f"{self._root}/{key}"
        try:
            found = os.lstat(path)
        except OSError as error:
            if error.errno in _NOT_THERE:
                return None
            raise _trouble(error) from error
        return self._described(key, path, found) if stat.S_ISREG(found.st_mode) else None

    def _described(self, key: str, path: Path | str, found: os.stat_result) -> StoredObject:
        version = f"{found.st_mtime_ns:x}-{found.st_size:x}-{found.st_ino:x}"
        if not os.access(path, os.R_OK):
            # Files dropped by another user are often opened up a moment later. To whoever gave
            # up on this one, it must then look like a new one.
            version += "-locked"
        return StoredObject(key, version, found.st_size, found.st_mtime)

    def _inside(self, folder: str) -> Iterator[StoredObject]:
        path = f"{self._root}/{folder}"
        if not stat.S_ISDIR(_mode(path)):
            return iter(())
        if not os.access(path, os.R_OK | os.X_OK):
            # A product must not seem to have lost its photos because we may not look at them.
            raise Unavailable(f"{folder!r} is a folder that the server may not read.")
        return self.list(folder)

    def _complain(self, key: str, why: str) -> None:
        if key not in self._complained_of:
            self._complained_of.add(key)
            log.warning("%a in the bucket is passed over: %s", key, why)


def _is_unicode(name: str) -> bool:
    """Names that are no text (a file system may hold any bytes) can't be keys."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _mode(path: str) -> int:
    """Zero for what can't be looked at."""
    try:
        return os.lstat(path).st_mode
    except OSError:
        return 0


def _open_at_once(path: str, flags: int) -> int:
    """No link is followed, and a named pipe does not hold us for ever."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def _trouble(error: OSError) -> Unavailable:
    log.error("the bucket's folder: %s", error)
    if error.errno in _FULL:
        return StorageFull("The photos' folder has no room left: make room on its disk.")
    return Unavailable("The photos' folder can't be used at the moment.")


def _no_such(key: str) -> str:
    return f"There is no {key!r} in the bucket."
