"""The cache of one process."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from time import monotonic

from core.ports import Lookup
from core.stores.entries import BoundedEntries, Entry, lookup


class MemoryCache:
    """A Cache that forgets all when the process ends."""

    at_hand = True

    def __init__(
        self, entries: BoundedEntries | None = None, clock: Callable[[], float] = monotonic
    ) -> None:
        self._entries = entries or BoundedEntries()
        self._clock = clock
        self._lock = Lock()
        self._generations: dict[str, int] = {}

    def get(self, key: str, scope: str = "") -> Lookup:
        # The generation first: an entry that comes in between is then at worst too new to count.
        generation = self._generations.get(scope, 0)
        now = self._clock()
        return lookup(self._entries.find(scope, key, now), generation, now)

    def put(
        self,
        key: str,
        value: bytes,
        ttl: float,
        scope: str = "",
        generation: int | None = 0,
        stale_ttl: float = 0,
    ) -> None:
        with self._lock:
            current = self._generations.get(scope, 0)
            if ttl <= 0 or generation != current:
                return
            made = Entry.made(value, current, self._clock(), ttl, stale_ttl)
            self._entries.keep(scope, key, made)

    def advance(self, scope: str) -> None:
        with self._lock:
            self._generations[scope] = self._generations.get(scope, 0) + 1
