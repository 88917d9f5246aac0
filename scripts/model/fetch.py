"""Fetching a published model into a folder, in the Hugging Face layout.

Beside the files goes `checksums.json`, which is to the model what a lock file is to packages: what
was fetched once must be the same the next time, also where no checksum was known beforehand.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from scripts.model.catalogue import (
    CLIP_FILES,
    CONFIG,
    PUBLIC_HUB,
    PUBLISHED,
    SHARDS,
    WHOLE,
    Published,
)
from scripts.model.download import Download, WrongBytes
from scripts.model.hub import Hub, NotThere
from scripts.model.part import on_disk
from scripts.model.patience import FetchFailed, Patience
from scripts.model.record import Record

_PART = r"[A-Za-z0-9][A-Za-z0-9._-]*"
_REPO = re.compile(rf"{_PART}/{_PART}")
_REVISION = re.compile(rf"{_PART}(/{_PART})*")
_SHARD = re.compile(rf"{_PART}\.safetensors")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_MOST_SHARDS = 1000
_LOCK = ".fetch.lock"


@dataclass(frozen=True, slots=True)
class Fetched:
    folder: Path
    repo: str
    revision: str
    """The commit, where the hub told it."""
    licence: str | None
    sha256: dict[str, str]
    unpinned: tuple[str, ...]
    """The files whose checksum nobody knew beforehand."""


def fetch(
    model: str,
    into: Path,
    *,
    revision: str | None = None,
    endpoint: str | None = None,
    token: str | None = None,
    patience: Patience | None = None,
    say: Callable[[str], None] | None = None,
) -> Fetched:
    """`model` is a name in PUBLISHED or a repository of the hub. FetchFailed says what is wrong.

    The endpoint and the token are HF_ENDPOINT's and HF_TOKEN's unless given.
    """
    say = say or _to_stderr
    patience = patience or Patience()
    endpoint = endpoint or os.environ.get("HF_ENDPOINT") or PUBLIC_HUB
    hub = Hub(endpoint, token or os.environ.get("HF_TOKEN") or None, patience)
    published = _find(model, revision)
    with _alone(into, say):
        return _Fetch(hub, published, into, patience, say).run()


def _find(model: str, revision: str | None) -> Published:
    known = PUBLISHED.get(model)
    if known is None and not _REPO.fullmatch(model):
        raise FetchFailed(
            f"{model!r} is no model we know ({', '.join(PUBLISHED)}) and no repository of a hub, "
            "which is written owner/name."
        )
    if revision is not None and not _REVISION.fullmatch(revision):
        raise FetchFailed(f"{revision!r} is no revision: give a commit, a tag or a branch.")
    if known is None:
        return Published(model, revision or "main", "", CLIP_FILES, {})
    if revision in (None, known.revision):
        return known
    return replace(known, revision=revision, sha256={})


class _Fetch:
    def __init__(
        self,
        hub: Hub,
        published: Published,
        into: Path,
        patience: Patience,
        say: Callable[[str], None],
    ) -> None:
        self._hub = hub
        self._published = published
        self._into = into
        self._patience = patience
        self._say = say
        self._record = Record.read(into, published.repo, published.revision)
        self._revision = published.revision

    def run(self) -> Fetched:
        published, record = self._published, self._record
        if not _COMMIT.fullmatch(published.revision):
            self._resolve()
        for name in published.files:
            self._get(name)
        if not {WHOLE, SHARDS} & set(published.files):
            self._get_weights()
        if SHARDS in record.sha256:
            for name in self._shards():
                self._get(name)
        unpinned = tuple(sorted(record.sha256.keys() - published.sha256.keys()))
        if unpinned:
            self._say(
                f"NOT PINNED: of {', '.join(unpinned)} in {published.repo} no checksum was known "
                f"beforehand, so they were taken on trust. {record.path} has what they are now; "
                "another fetch into this folder insists on the same."
            )
        return Fetched(
            self._into,
            published.repo,
            self._revision,
            published.licence or None,
            dict(sorted(record.sha256.items())),
            unpinned,
        )

    def _resolve(self) -> None:
        """A branch is followed to its commit once, so that all files are of the same one."""
        url = self._hub.url(self._published.repo, self._published.revision, CONFIG)

        def ask() -> str | None:
            with self._hub.ask(url, {}, "HEAD") as answer:
                return answer.commit

        commit = self._patience.insist(ask, self._say)
        if commit is None or not _COMMIT.fullmatch(commit):
            self._say(f"{url} does not say of which commit it is; a second fetch may differ.")
            return
        self._say(f"{self._published.revision} may move; at this moment it is {commit}.")
        self._record.at(commit)
        self._revision = commit

    def _get(self, name: str) -> None:
        path = self._into / name
        pinned = self._published.sha256.get(name)
        must = pinned or self._record.sha256.get(name)
        if must and path.exists():
            if _sha256(path) == must:
                self._record.add(name, must)
                return
            self._say(f"{path} is not what it must be: fetching it again.")
        url = self._hub.url(self._published.repo, self._revision, name)
        whence = "our catalogue" if pinned else f"{self._record.path} of an earlier fetch"
        download = Download(
            self._hub, self._patience, self._say, url=url, name=name, must=must, whence=whence
        )
        part = download.into(path)
        _check_kind(part.path, url)
        # The record first: a recorded file that is missing is fetched, and must then be the same;
        # a file that is there without a record would be worth nothing.
        self._record.add(name, part.sha256)
        part.settle(path)

    def _get_weights(self) -> None:
        if SHARDS in self._record.sha256:
            self._get(SHARDS)
            return
        try:
            self._get(WHOLE)
        except NotThere:
            try:
                self._get(SHARDS)
            except NotThere:
                raise NotThere(
                    f"{self._published.repo} at {self._published.revision} has neither {WHOLE} "
                    f"nor {SHARDS}. Where there is a pytorch_model.bin, look for a revision "
                    "with safetensors: the other kind can run code when it is read."
                ) from None

    def _shards(self) -> list[str]:
        path = self._into / SHARDS
        try:
            with on_disk(path):
                names = sorted(set(json.loads(path.read_bytes())["weight_map"].values()))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise WrongBytes(f"{path} is no list of shards.") from error
        for name in names:
            if not isinstance(name, str) or not _SHARD.fullmatch(name):
                raise WrongBytes(
                    f"{path} lists {name!r}, which is no name of a safetensors file in the same "
                    "folder. Nothing of it was fetched: don't use this model."
                )
        if not 0 < len(names) <= _MOST_SHARDS:
            raise WrongBytes(f"{path} lists {len(names)} files.")
        return names


def _check_kind(path: Path, url: str) -> None:
    """A network's log-in page, for one, comes with status 200 under any name."""
    kind = Path(path.stem).suffix
    with on_disk(path), path.open("rb") as file:
        if kind == ".safetensors":
            length = int.from_bytes(file.read(8), "little")
            fits = length + 8 <= path.stat().st_size and file.read(1) == b"{"
        else:
            fits = file.read(64).lstrip()[:1] in (b"{", b"[")
    if not fits:
        path.unlink()
        raise WrongBytes(
            f"What came from {url} is no {kind[1:]} file and was not kept: does something on "
            "your network answer in the hub's place?"
        )


def _sha256(path: Path) -> str:
    with on_disk(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _alone(into: Path, say: Callable[[str], None]) -> Iterator[None]:
    """One fetch into a folder at a time. The system lets go of the lock when we die."""
    with on_disk(into):
        into.mkdir(parents=True, exist_ok=True)
        file = (into / _LOCK).open("w")
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another fetch into {into} is under way, waiting")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
