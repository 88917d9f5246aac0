"""One file from a hub to the disk: what is there already is not fetched again, and what has
arrived counts only when its checksum holds."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from scripts.model.hub import Answer, Hub, whole_number
from scripts.model.part import CHUNK, About, DiskTrouble, Part
from scripts.model.patience import FetchFailed, Passing, Patience
from scripts.progress import Bar

_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


class WrongBytes(FetchFailed):
    """A file is not what it must be."""


class Download:
    """`must` is the SHA-256 the file must have, where one is known, `whence` who says so; without
    it the hub's word counts."""

    def __init__(
        self,
        hub: Hub,
        patience: Patience,
        say: Callable[[str], None],
        *,
        url: str,
        name: str,
        must: str | None,
        whence: str,
    ) -> None:
        self._hub = hub
        self._patience = patience
        self._say = say
        self._url = url
        self._name = name
        self._must = must
        self._whence = whence

    def into(self, path: Path) -> Part:
        """The whole file with its checksum proven, still under its `.part` name."""
        part = Part(path, self._url)
        try:
            patched = part.size > 0
            wanted = self._complete(part)
            if wanted not in (None, part.sha256) and patched:
                self._say(f"{self._name} was put together from pieces that don't fit: once more")
                part.restart(About())
                wanted = self._complete(part)
        except BaseException:
            part.close()
            if not part.size:
                part.discard()
            raise
        part.close()
        if wanted in (None, part.sha256):
            return part
        part.discard()
        raise WrongBytes(
            f"{self._url} is not the file it must be: its SHA-256 is {part.sha256} and not "
            f"{wanted}, as {self._whence if self._must else 'the hub itself'} says. It was not "
            "kept. Something on the way may have changed it, or HF_ENDPOINT is a mirror with "
            "other files."
        )

    def _complete(self, part: Part) -> str | None:
        self._patience.insist(lambda: self._attempt(part), self._say, lambda: part.size)
        return self._must or part.about.digest

    def _attempt(self, part: Part) -> None:
        if part.size and part.size == part.about.total:
            return  # it had arrived whole when it was interrupted
        headers = {}
        # Without a tag, only a checksum would show that the rest is of another version.
        if part.size and (part.about.etag or self._must):
            headers["Range"] = f"bytes={part.size}-"
            if part.about.etag:
                headers["If-Range"] = part.about.etag
        with self._hub.ask(self._url, headers) as answer:
            self._agree(answer)
            if answer.status == 206:
                self._continue(part, answer)
            elif answer.status == 416:
                part.restart(About())
                raise Passing(f"{answer.host} has no more of {self._name}")
            else:
                total = whole_number(answer.headers.get("Content-Length"))
                etag = _strong(answer.headers.get("ETag"))
                part.restart(About(etag, answer.size if total is None else total, answer.digest))
            self._receive(part, answer)

    def _agree(self, answer: Answer) -> None:
        """The hub's own word on the checksum, before gigabytes are fetched in vain."""
        if answer.digest and self._must and answer.digest != self._must:
            raise WrongBytes(
                f"{self._url} is not the file it must be: the hub says its SHA-256 is "
                f"{answer.digest} and not {self._must}, as {self._whence} says. Nothing was "
                "fetched."
            )

    def _continue(self, part: Part, answer: Answer) -> None:
        told = answer.headers.get("Content-Range") or ""
        found = _RANGE.fullmatch(told)
        if found is None or int(found[1]) != part.size:
            part.restart(About())
            raise Passing(f"{answer.host} sent another piece of {self._name} than asked ({told})")
        total = whole_number(found[2])
        changed = answer.digest and part.about.digest not in (None, answer.digest)
        if changed or (part.about.total and total not in (None, part.about.total)):
            part.restart(About())
            raise Passing(f"{self._name} has changed meanwhile")

    def _receive(self, part: Part, answer: Answer) -> None:
        total = part.about.total
        if total is not None and answer.size not in (None, total):
            raise Passing(f"{answer.host} says {total} bytes and the hub {answer.size}")
        if total is None and not answer.chunked:
            # Then a body that is cut looks like one that is over. A head that is cut looks so too.
            raise Passing(f"{answer.host} does not say how long {self._name} is")
        _room(part, total)
        clock, since, mark = self._patience.clock, self._patience.clock(), part.size
        with Bar(self._name, unit="B", already=part.size) as bar:
            while chunk := answer.read(CHUNK):
                part.append(chunk)
                bar.show(part.size, total or part.size + 1)
                if clock() - since >= self._patience.stall:
                    if part.size - mark < self._patience.least:
                        raise Passing(f"almost nothing comes from {answer.host} any more")
                    since, mark = clock(), part.size
            if total is not None and part.size != total:
                raise Passing(f"{answer.host} sent {part.size} of {total} bytes of {self._name}")


def _strong(etag: str | None) -> str | None:
    """A weak tag is the same for files that differ, so nothing may be continued by it."""
    return etag if etag and etag.startswith('"') else None


def _room(part: Part, total: int | None) -> None:
    missing = (total or 0) - part.size
    free = shutil.disk_usage(part.path.parent).free
    if missing > free:
        raise DiskTrouble(
            f"{part.path} still needs {missing / 1e9:.2f} GB, and its disk has "
            f"{free / 1e9:.2f} GB left. Make room and run it again."
        )
