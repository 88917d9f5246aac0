"""Photos that a request names by their address, fetched in threads of their own: strangers' slow
servers take none of those in which searches are answered."""

from __future__ import annotations

from asyncio import wrap_future
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from core import budget

if TYPE_CHECKING:
    from core.photos.fetch.fetcher import Fetcher

T = TypeVar("T")

_SECONDS = 5.0
"""For one photo, from its name to its last byte."""
_AT_ONCE = 8


class Fetching:
    def __init__(self, fetcher: Callable[[], Fetcher]) -> None:
        """`fetcher` is made with the first photo: no start waits for TLS and its certificates."""
        self._fetcher = cache(fetcher)
        self._threads = ThreadPoolExecutor(_AT_ONCE, "fetch")

    def photo(self, url: str) -> bytes:
        """In the caller's thread, and no longer than there is time to answer the request."""
        return self._fetcher().fetch(url, monotonic() + min(_SECONDS, budget.left()))

    async def run(self, work: Callable[[], T]) -> T:
        """Work in which photos are fetched, in a thread for such."""
        return await wrap_future(self._threads.submit(budget.shared(work)))

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
