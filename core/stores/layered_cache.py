"""The memory of this process before the table that all instances share."""

from __future__ import annotations

from core.ports import Lookup
from core.stores.dynamodb_cache import DynamoCache
from core.stores.entries import BoundedEntries, Entry, lookup


class LayeredCache:
    """A Cache. What has no scope may be answered from memory alone. An answer is only as good as
    its generation, which is the table's to say each time: another instance may have changed a
    product a moment ago. It is one small question instead of the whole entry.
    """

    at_hand = False

    def __init__(self, near: BoundedEntries, far: DynamoCache) -> None:
        self._near = near
        self._far = far

    def get(self, key: str, scope: str = "") -> Lookup:
        held = self._near.find(scope, key, self._far.clock())
        if held is not None:
            found = lookup(held, self._far.generation(scope), self._far.clock())
            if found.value is not None or found.generation is None:
                return found
        entry, generation = self._far.read(key, scope)
        if entry is not None:
            self._near.keep(scope, key, entry)
        return lookup(entry or held, generation, self._far.clock())

    def put(
        self,
        key: str,
        value: bytes,
        ttl: float,
        scope: str = "",
        generation: int | None = 0,
        stale_ttl: float = 0,
    ) -> None:
        if ttl > 0 and generation is not None:
            made = Entry.made(value, generation, self._far.clock(), ttl, stale_ttl)
            self._near.keep(scope, key, made)
            self._far.write(key, scope, made)

    def advance(self, scope: str) -> None:
        self._far.advance(scope)
