"""What a cache keeps, and when it counts: the same for every Cache there is."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

import msgspec

from core.ports import Lookup

_OVERHEAD = 200
"""What an entry costs beside its key and value, roughly, so that many tiny ones count too."""


class Entry(msgspec.Struct, frozen=True):
    value: bytes
    generation: int
    fresh_until: float
    stale_until: float
    """As `fresh_until` for what may not be served stale."""

    @classmethod
    def made(cls, value: bytes, generation: int, now: float, ttl: float, stale_ttl: float) -> Entry:
        return cls(value, generation, now + ttl, now + ttl + stale_ttl)


def lookup(entry: Entry | None, generation: int | None, now: float) -> Lookup:
    """What is known by this entry while its scope is at this generation (None: can't tell)."""
    if entry is None or entry.stale_until <= now:
        return Lookup(None, generation)
    if entry.generation == generation and now < entry.fresh_until:
        return Lookup(entry.value, generation)
    may_be_stale = entry.fresh_until < entry.stale_until
    return Lookup(None, generation, entry.value if may_be_stale else None)


class BoundedEntries:
    """Entries in memory, bounded in bytes and number: the least used goes first.

    Entries of an earlier generation are not hunted down: they can't be taken for fresh any more,
    and make room as the least used do.
    """

    def __init__(self, max_bytes: int = 64 * 1024 * 1024, max_entries: int = 50_000) -> None:
        self._max_bytes = max_bytes
        self._max_entries = max_entries
        self._lock = Lock()
        self._entries: OrderedDict[tuple[str, str], Entry] = OrderedDict()
        self._bytes = 0

    def find(self, scope: str, key: str, now: float) -> Entry | None:
        with self._lock:
            entry = self._entries.get((scope, key))
            if entry is None:
                return None
            if entry.stale_until <= now:
                self._drop((scope, key))
                return None
            self._entries.move_to_end((scope, key))
            return entry

    def keep(self, scope: str, key: str, entry: Entry) -> None:
        if _size(scope, key, entry) > self._max_bytes:
            return
        with self._lock:
            self._drop((scope, key))
            self._entries[scope, key] = entry
            self._bytes += _size(scope, key, entry)
            while self._bytes > self._max_bytes or len(self._entries) > self._max_entries:
                self._drop(next(iter(self._entries)))

    def _drop(self, place: tuple[str, str]) -> None:
        entry = self._entries.pop(place, None)
        if entry is not None:
            self._bytes -= _size(*place, entry)


def _size(scope: str, key: str, entry: Entry) -> int:
    return len(scope) + len(key) + len(entry.value) + _OVERHEAD
