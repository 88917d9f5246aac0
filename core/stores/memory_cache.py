"""The cache of one process: bounded in bytes and entries, the least used goes first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import NamedTuple

from core.ports import Lookup

_OVERHEAD = 200
"""What an entry costs beside its key and value, roughly, so that many tiny ones count too."""


class _Entry(NamedTuple):
    value: bytes
    expires: float
    generation: int


class MemoryCache:
    """A Cache that forgets all when the process ends.

    Entries of an earlier generation are not hunted down: they can't be read any more, and make
    room as the least used do.
    """

    def __init__(
        self,
        max_bytes: int = 64 * 1024 * 1024,
        max_entries: int = 50_000,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._max_bytes = max_bytes
        self._max_entries = max_entries
        self._clock = clock
        self._lock = Lock()
        self._entries: OrderedDict[tuple[str, str], _Entry] = OrderedDict()
        self._generations: dict[str, int] = {}
        self._bytes = 0

    def get(self, key: str, scope: str = "") -> Lookup:
        with self._lock:
            generation = self._generations.get(scope, 0)
            entry = self._entries.get((scope, key))
            if entry is None:
                return Lookup(None, generation)
            if entry.generation != generation or entry.expires <= self._clock():
                self._drop((scope, key))
                return Lookup(None, generation)
            self._entries.move_to_end((scope, key))
            return Lookup(entry.value, generation)

    def put(self, key: str, value: bytes, ttl: float, scope: str = "", generation: int = 0) -> None:
        with self._lock:
            stale = generation != self._generations.get(scope, 0)
            if stale or ttl <= 0 or _size(scope, key, value) > self._max_bytes:
                return
            self._drop((scope, key))
            self._entries[scope, key] = _Entry(value, self._clock() + ttl, generation)
            self._bytes += _size(scope, key, value)
            while self._bytes > self._max_bytes or len(self._entries) > self._max_entries:
                self._drop(next(iter(self._entries)))

    def advance(self, scope: str) -> None:
        with self._lock:
            self._generations[scope] = self._generations.get(scope, 0) + 1

    def _drop(self, place: tuple[str, str]) -> None:
        entry = self._entries.pop(place, None)
        if entry is not None:
            self._bytes -= _size(*place, entry.value)


def _size(scope: str, key: str, value: bytes) -> int:
    return len(scope) + len(key) + len(value) + _OVERHEAD
