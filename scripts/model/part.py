"""What has arrived of a file, on the disk and ready to be gone on with."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from scripts.model.patience import FetchFailed

CHUNK = 1024 * 1024


class DiskTrouble(FetchFailed):
    """The disk is full, or we may not write where we are told to."""


@contextmanager
def on_disk(path: Path) -> Iterator[None]:
    """Whatever the disk refuses, in words."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise DiskTrouble(
                f"There is no room left for {path} ({error.strerror}). Make room and run it "
                "again: what has arrived is kept."
            ) from error
        raise DiskTrouble(
            f"{path} can't be written ({error.strerror}): choose another folder, or see to it "
            "that this user may write there."
        ) from error


@dataclass(frozen=True, slots=True)
class About:
    """What the server said of a file when it began to send it."""

    etag: str | None = None
    total: int | None = None
    digest: str | None = None


class Part:
    """What has arrived of a file: its bytes, their running checksum, and a note of which file of
    the server's they are, without which the rest of another version might be put after them."""

    def __init__(self, path: Path, source: str) -> None:
        self.path = path.with_name(f"{path.name}.part")
        self._note = path.with_name(f"{path.name}.part.json")
        self._source = source
        self.about = About()
        self.size = 0
        self._hash = hashlib.sha256()
        with on_disk(self.path):
            path.parent.mkdir(parents=True, exist_ok=True)
            # Unbuffered, so that what was counted is there whenever we are killed.
            self._file = self.path.open("a+b", buffering=0)
            known = self._noted()
            if known is None:
                self.restart(About())
                return
            self.about = known
            self._file.seek(0)
            while chunk := self._file.read(CHUNK):
                self._count(chunk)

    def _noted(self) -> About | None:
        try:
            note = json.loads(self._note.read_bytes())
            about = About(note["etag"], note["total"], note["digest"])
            return about if note["source"] == self._source else None
        except (FileNotFoundError, ValueError, TypeError, KeyError):
            return None

    def _count(self, chunk: bytes) -> None:
        self._hash.update(chunk)
        self.size += len(chunk)

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def restart(self, about: About) -> None:
        self.about, self.size, self._hash = about, 0, hashlib.sha256()
        with on_disk(self.path):
            # In this order: a note must never be about older bytes than its own.
            self._file.truncate(0)
            self._note.write_text(json.dumps({"source": self._source} | asdict(about)))

    def append(self, chunk: bytes) -> None:
        rest = memoryview(chunk)
        with on_disk(self.path):
            while rest:
                rest = rest[self._file.write(rest) :]
        self._count(chunk)

    def close(self) -> None:
        with on_disk(self.path), self._file:
            os.fsync(self._file.fileno())

    def settle(self, path: Path) -> None:
        with on_disk(path):
            self.path.replace(path)
            self._note.unlink(missing_ok=True)

    def discard(self) -> None:
        with on_disk(self.path):
            self.path.unlink(missing_ok=True)
            self._note.unlink(missing_ok=True)
