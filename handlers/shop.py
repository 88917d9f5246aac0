"""What every door is given: the parts of one running Likeness, put together by `compose`."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from core.feeds import is_feed
from core.importing import Feeds
from core.indexing import Indexing, Settled
from core.ports import (
    Cache,
    Embedder,
    Once,
    PhotoStore,
    Queue,
    RateLimiter,
    Shelf,
    SignedAddresses,
    VectorIndex,
)
from core.query import Query
from core.search import Answer, Search
from core.settings import Settings
from handlers.admission import Admission
from handlers.fetching import Fetching
from handlers.listening import Listening


class Shop(msgspec.Struct, frozen=True):
    settings: Settings
    embedder: Embedder
    index: VectorIndex
    index_version: Callable[[], str]
    """Of the engine or the server that keeps it; looked up where somebody asks."""
    cache: Cache
    photos: PhotoStore
    addresses: SignedAddresses | None
    """Of the photos, where browsers can get at them without us."""
    search: Search
    indexing: Indexing
    fetching: Fetching
    admission: Admission
    limiter: RateLimiter | None
    once: Once
    """For webhooks' events."""
    feeds: Feeds
    disk: Callable[[], None] | None
    """Raises StorageFull when the disk has no room left to write to; None where nothing is kept on
    one."""
    query_log: Callable[[Query, Answer, float], None] | None
    """Is told of each search and the milliseconds it took; None where nobody wants to know."""
    queue: Queue | None
    """Where the bucket tells what happens to its photos; None for one that tells otherwise."""
    listening: Listening
    """To events that come as requests."""

    def settle(self, subject: str, goes_on: Callable[[], bool] = lambda: True) -> Settled:
        return settle(self.indexing, self.feeds, subject, goes_on)


def settle(indexing: Indexing, feeds: Feeds, subject: str, goes_on: Callable[[], bool]) -> Settled:
    """What something happened to in the bucket: a product, by its id, or a feed, by its key.
    A feed may take a while, and is left where it is when the door no longer `goes_on`."""
    return feeds.settle(subject, goes_on) if is_feed(subject) else indexing.settle(subject)


class Workshop(msgspec.Struct, frozen=True):
    """The parts of which an index is made anew."""

    embedder: Embedder
    shelf: Shelf
    photos: PhotoStore
    cache: Cache
