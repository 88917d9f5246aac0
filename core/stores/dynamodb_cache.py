"""The cache that all instances share: a DynamoDB table.

An entry and its scope's generation are read in one round trip. Whether an entry counts is decided
here, by both: DynamoDB deletes what has expired when it comes to it, and gives it back till then.
"""

from __future__ import annotations

from contextlib import suppress

from core.ports import Lookup
from core.stores.dynamodb_entries import entry_place, from_item, to_item
from core.stores.dynamodb_generations import Generations
from core.stores.dynamodb_table import Refused, Table, TableDown
from core.stores.entries import Entry, lookup


class DynamoCache:
    """A Cache. While its table is down it knows nothing, not even a generation to keep under;
    what becomes of an `advance` then, see `Generations`."""

    at_hand = False

    def __init__(self, table: Table, generations: Generations | None = None) -> None:
        self.clock = table.clock
        self._table = table
        self._generations = generations or Generations(table)

    def get(self, key: str, scope: str = "") -> Lookup:
        entry, generation = self.read(key, scope)
        return lookup(entry, generation, self.clock())

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
            made = Entry.made(value, generation, self.clock(), ttl, stale_ttl)
            self.write(key, scope, made)

    def advance(self, scope: str) -> None:
        self._generations.advance(scope)

    # What a cache in front of this one needs

    def generation(self, scope: str) -> int | None:
        """The scope's generation now; None while it can't be told."""
        if not scope:
            return 0
        if self._generations.owes(scope):
            return None
        at = Generations.place(scope)
        try:
            return Generations.of(self._table.read([at], consistent=True).get(at))
        except TableDown:
            return None

    def read(self, key: str, scope: str) -> tuple[Entry | None, int | None]:
        """The entry, whether it counts or not, and the scope's generation."""
        if scope and self._generations.owes(scope):
            return None, None
        at, counter = entry_place(scope, key), Generations.place(scope)
        try:
            # A text's vector is the same whichever replica it comes from; a generation is not.
            found = self._table.read([at, counter] if scope else [at], consistent=bool(scope))
        except TableDown:
            return None, None if scope else 0
        entry = from_item(found[at]) if at in found else None
        return entry, Generations.of(found.get(counter)) if scope else 0

    def write(self, key: str, scope: str, entry: Entry) -> None:
        item = to_item(entry_place(scope, key), entry)
        if item is None:
            return
        newest = "attribute_not_exists(pk) OR generation <= :generation"
        with suppress(Refused, TableDown):
            self._table.put(item, newest, generation=item["generation"])
