"""The file that is imported: one of this machine, or one that is fetched first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

from core.errors import InvalidRequest
from scripts.progress import Bar

_SECONDS = 30
_PIECE = 2**20
_MOST_BYTES = 2 * 2**30


class File(NamedTuple):
    path: Path
    folder: Path | None
    """Where the photos lie that it names by their paths; None for a file of the web."""


def is_address(raw: str) -> bool:
    return raw.lower().startswith(("http://", "https://"))


def name_of(source: str) -> str:
    """For files beside it."""
    path = unquote(urlsplit(source).path) if is_address(source) else source
    return Path(path).name or "feed"


@contextmanager
def at_hand(source: str) -> Iterator[File]:
    if not is_address(source):
        path = Path(source)
        if not path.is_file():
            raise InvalidRequest(f"There is no file {source}.")
        yield File(path, path.resolve().parent)
        return
    with TemporaryDirectory(prefix="likeness-import-") as folder:
        path = Path(folder) / "feed"
        _fetch(source, path)
        yield File(path, None)


def _fetch(url: str, path: Path) -> None:
    asked = Request(url, headers={"User-Agent": "Likeness", "Accept": "*/*"})  # noqa: S310
    try:
        with (
            urlopen(asked, timeout=_SECONDS) as answer,  # noqa: S310 (the operator's own word)
            path.open("wb") as file,
            Bar("Fetching the feed", unit="B") as bar,
        ):
            total, done = int(answer.headers.get("Content-Length") or 0), 0
            while piece := answer.read(_PIECE):
                done += file.write(piece)
                if done > _MOST_BYTES:
                    raise InvalidRequest("The feed has more than 2 GB.")
                bar.show(done, max(total, done))
            if done < total:
                raise InvalidRequest("The feed broke off before it was complete; try again.")
    except HTTPError as error:
        with error:
            raise InvalidRequest(f"The feed could not be fetched: {error}") from error
    except (URLError, OSError, ValueError) as error:
        why = getattr(error, "reason", error)
        raise InvalidRequest(f"The feed could not be fetched: {why}") from error
