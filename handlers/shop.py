"""What every door is given: the parts of one running Likeness, put together by `compose`."""

from __future__ import annotations

import msgspec

from core.feeds import is_feed
from core.importing import Feeds
from core.indexing import Indexing, Settled
from core.ports import (
    Cache,
    Embedder,
    PhotoStore,
    Queue,
    RateLimiter,
    Shelf,
    SignedAddresses,
    VectorIndex,
)
from core.search import Search
from core.settings import Settings


class Shop(msgspec.Struct, frozen=True):
    settings: Settings
    embedder: Embedder
    index: VectorIndex
    photos: PhotoStore
    addresses: SignedAddresses | None
    """Of the photos, where browsers can get at them without us."""
    search: Search
    indexing: Indexing
    limiter: RateLimiter | None
    feeds: Feeds
    queue: Queue | None
    """Where the bucket tells what happens to its photos; None for one that tells otherwise."""

    def settle(self, subject: str) -> Settled:
        """What something happened to in the bucket: a product, by its id, or a feed, by its key."""
        return self.feeds.settle(subject) if is_feed(subject) else self.indexing.settle(subject)

    def unsettled(self) -> list[str]:
        """All of which the index says something else than the bucket does."""
        return [*self.feeds.unsettled(), *self.indexing.unsettled()]


class Workshop(msgspec.Struct, frozen=True):
    """The parts of which an index is made anew."""

    embedder: Embedder
    shelf: Shelf
    photos: PhotoStore
    cache: Cache
