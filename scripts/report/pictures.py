"""Small pictures of photos, to be part of the page."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

from core.errors import LikenessError
from core.photos.decode import open_photo
from scripts.progress import Bar
from scripts.report.sources import Source

_AT_ONCE = 8
"""A bucket is far away: while one waits for it, others compute."""
_QUALITY = 72


class Pictures:
    """By a photo's place and the length of a picture's sides; empty where there is none."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, int], str] = {}
        self.missing = 0

    def __call__(self, place: str, side: int) -> str:
        return self._made.get((place, side), "")

    def make(self, source: Source, wanted: Mapping[str, set[int]]) -> None:
        """A photo that can't be had leaves a gap in the page, not none of it."""

        def one(place: str) -> list[tuple[tuple[str, int], str]]:
            try:
                data = source.picture(place)
                return [((place, side), _small(data, side)) for side in wanted[place]]
            except LikenessError:
                return []

        with Bar("Making small pictures") as bar, ThreadPoolExecutor(_AT_ONCE) as threads:
            try:
                for done, made in enumerate(threads.map(one, wanted), start=1):
                    self._made.update(made)
                    self.missing += not made
                    bar.show(done, len(wanted))
            except BaseException:
                threads.shutdown(wait=False, cancel_futures=True)
                raise


def _small(data: bytes, side: int) -> str:
    picture = open_photo(data, side)
    picture.thumbnail((side, side))
    out = BytesIO()
    picture.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return f"data:image/jpeg;base64,{b64encode(out.getvalue()).decode()}"
