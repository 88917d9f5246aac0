"""The folder an embedded collection lives in: who may open it, and what it was made for.

<folder>/<collection>.lock           held by the one process that has it open
<folder>/<collection>/made_for.json  the model, dimension and layout of what is inside
<folder>/<collection>/tidied.json    which of the engine's folders counts, once it was tidied
<folder>/<collection>/shard/         the engine's own; shard-1 and so on once it was tidied
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import msgspec

from core.errors import IndexMismatch, IndexUnavailable
from core.stores.disk import sync_folder, written_beside
from core.stores.qdrant_payload import MadeFor


class Tidied(msgspec.Struct, frozen=True):
    """The engine's folder that counts, and how many points it had when it was tidied."""

    shard: str = "shard"
    points: int = 0


class CollectionFolder(msgspec.Struct, frozen=True):
    path: Path
    _lock: IO[str]

    @classmethod
    def open(
        cls, folder: Path, collection: str, made_for: MadeFor, create: Callable[[Path], None]
    ) -> CollectionFolder:
        """Take the collection for this process; `create` makes its shard where there is none."""
        path = folder / collection
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = _locked(folder / f"{collection}.lock", path)
        except OSError as error:
            raise _unusable(path, error) from error
        try:
            if not path.exists():
                end_switch(path)
            if not path.exists():
                _make(path, made_for, create)
            _check(path, made_for)
            held = cls(path, lock)
            held._keep_only(held.shard.name)  # not what a copy left that was never to be used
            return held
        except OSError as error:
            lock.close()
            raise _unusable(path, error) from error
        except BaseException:
            lock.close()
            raise

    @property
    def tidied(self) -> Tidied:
        note = self.path / "tidied.json"
        try:
            return msgspec.json.decode(note.read_bytes(), type=Tidied)
        except FileNotFoundError:
            return Tidied()
        except msgspec.DecodeError as error:
            raise IndexUnavailable(
                f"{note} is broken: it should name a folder beside it."
            ) from error

    @property
    def shard(self) -> Path:
        return self.path / self.tidied.shard

    def beside(self) -> Path:
        """Where a copy of the shard is to lie. The engine keeps its absolute path, so that it could
        not be moved into the place of another one."""
        number = int(self.shard.name.partition("-")[2] or 0) + 1
        return self.path / f"shard-{number}"

    def use(self, tidied: Tidied) -> None:
        """From this moment on, whoever is killed when."""
        with written_beside(self.path / "tidied.json") as file:
            file.write(msgspec.json.encode(tidied))
            file.flush()
            os.fsync(file.fileno())
        sync_folder(self.path)
        self._keep_only(tidied.shard)

    def _keep_only(self, shard: str) -> None:
        if not (self.path / shard).is_dir():
            return  # of a folder that somebody put together: nothing is to be lost by it
        for other in self.path.glob("shard*"):
            if other.name != shard:
                shutil.rmtree(other, ignore_errors=True)

    def release(self) -> None:
        self._lock.close()


def end_switch(path: Path) -> None:
    """Of one that was cut short between its two steps: see FolderShelf."""
    coming, kept = path.with_name(f"{path.name}-next"), path.with_name(f"{path.name}-previous")
    if coming.exists() and kept.exists() and not path.exists():
        coming.rename(path)


@contextmanager
def kept_shut(folder: Path, collection: str) -> Iterator[None]:
    """Nobody can open the collection meanwhile, and nobody had it open."""
    with _locked(folder / f"{collection}.lock", folder / collection):
        yield


def _locked(lock_path: Path, path: Path) -> IO[str]:
    """The kernel frees the lock when its process dies, however it dies, so it is never stale."""
    lock = lock_path.open("a+", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.seek(0)
        holder = lock.read(20).strip()
        lock.close()
        who = f"process {holder}" if holder.isdigit() else "another process"
        raise IndexUnavailable(
            f"The collection in {path} is already open in {who}. One process at a time can have "
            "it open: stop the other one, or choose another DATA_DIR."
        ) from error
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def _make(path: Path, made_for: MadeFor, create: Callable[[Path], None]) -> None:
    """All or nothing: a process killed half-way leaves no collection that looks whole."""
    draft = path.with_name(f"{path.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    create(draft / "shard")
    (draft / "made_for.json").write_bytes(msgspec.json.encode(made_for))
    draft.rename(path)


def _check(path: Path, made_for: MadeFor) -> None:
    found = what_for(path)
    if found != made_for:
        raise IndexMismatch(
            f"The collection in {path} was made for {found}, but this is {made_for}. Set MODEL "
            "back, or index anew for this model: python -m scripts.reindex."
        )


def what_for(path: Path) -> MadeFor:
    try:
        return msgspec.json.decode((path / "made_for.json").read_bytes(), type=MadeFor)
    except (FileNotFoundError, msgspec.DecodeError, UnicodeError) as error:
        raise IndexMismatch(
            f"{path} is no collection of ours: its made_for.json is missing or broken. "
            "Move the folder away and start again; the catalogue is then indexed anew."
        ) from error


def _unusable(path: Path, error: OSError) -> IndexUnavailable:
    return IndexUnavailable(f"The collection in {path} can't be opened: {error.strerror}.")
