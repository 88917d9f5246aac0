"""Memory for all photos that are opened at once: so much, and who wants more waits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Lock


class Room:
    """Who comes first goes first, or small ones would pass a large one by for ever."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._turn = Lock()
        self._freed = Condition()

    @contextmanager
    def taken(self, wanted: int) -> Iterator[None]:
        """`wanted` is what there is at most."""
        with self._turn, self._freed:
            self._freed.wait_for(lambda: self._left >= wanted)
            self._left -= wanted
        try:
            yield
        finally:
            with self._freed:
                self._left += wanted
                self._freed.notify()
