"""The one place where the parts are chosen and put together, for every door."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING

from core.clip.embedder import whole
from core.clip.loading import Loading
from core.errors import LikenessError, SettingsInvalid
from core.findings import Finding, failed
from core.importing import Feeds
from core.indexing import Indexing
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
from core.search import Search
from core.settings import Settings
from core.stores.entries import BoundedEntries
from core.stores.folder import FolderPhotos
from core.stores.memory_cache import MemoryCache
from core.stores.memory_limits import MemoryLimiter, MemoryOnce
from handlers.fetching import Fetching
from handlers.shop import Shop, Workshop

if TYPE_CHECKING:
    from core.photos.fetch.fetcher import Fetcher
    from core.stores.dynamodb_table import Table

PHOTOS_URL = "/photos"


@contextmanager
def open_shop(settings: Settings, model: Loading | None = None) -> Iterator[Shop]:
    """Everything in this process and under DATA_DIR, but for what the settings put elsewhere;
    closed at the end. `model` is the one of the settings, for doors that began to load it earlier.
    """
    with ExitStack() as closing:
        embedder = whole(model or Loading(settings.model, settings.model_dir))
        index = _index(settings, embedder)
        closing.callback(index.close)
        photos, addresses = _photos(settings)
        table = _table(settings)
        cache = _cache(table)
        collection = settings.collection
        fetching = Fetching(partial(_fetcher, settings))
        closing.callback(fetching.close)
        indexing = Indexing(embedder, index, photos, cache, collection)
        yield Shop(
            settings=settings,
            embedder=embedder,
            index=index,
            index_version=partial(_index_version, settings),
            cache=cache,
            photos=photos,
            addresses=addresses,
            search=Search(
                embedder, index, cache, collection, settings.cache_ttl, settings.stale_ttl
            ),
            fetching=fetching,
            limiter=_limiter(settings, table),
            once=_once(table),
            indexing=indexing,
            feeds=Feeds(index, photos, indexing, cache, collection),
            queue=index_queue(settings),
        )


@contextmanager
def open_workshop(settings: Settings) -> Iterator[Workshop]:
    """The parts of which an index is made anew, while the shop may be open elsewhere."""
    with ExitStack() as closing:
        embedder = whole(Loading(settings.model, settings.model_dir))
        shelf = _shelf(settings)
        closing.callback(shelf.close)
        photos, _ = _photos(settings)
        yield Workshop(embedder, shelf, photos, _cache(_table(settings)))


def examine(settings: Settings, model: str, dimension: int) -> Iterator[Finding]:
    """Of what the settings put elsewhere: whether it is there, lets us in, and is as it should."""
    if settings.image_bucket or settings.index_queue_url or settings.cache_table:
        from core.stores import aws_checks as aws

        yield from _told("AWS", aws.look_at_credentials())
        if settings.image_bucket:
            yield from _told("bucket", aws.look_at_bucket(settings.image_bucket))
        if settings.index_queue_url:
            yield from _told("queue of events", aws.look_at_queue(settings.index_queue_url))
        if settings.cache_table:
            yield from _told("table", aws.look_at_table(settings.cache_table))
    if settings.qdrant_url:
        from core.stores.qdrant_checks import look_at_qdrant

        where = (settings.qdrant_url, settings.qdrant_api_key, settings.collection)
        yield from _told("Qdrant", look_at_qdrant(*where, model, dimension))


def _told(part: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    try:
        yield from findings
    except LikenessError as error:
        yield failed(part, error.detail, "put right what it says")


# What a choice needs is imported where it is chosen: a laptop does without the clouds' packages,
# and a cloud without the engine.


def _index(settings: Settings, embedder: Embedder) -> VectorIndex:
    made_for = (settings.collection, embedder.model, embedder.dimension)
    if settings.qdrant_url:
        from core.stores.qdrant_cloud import READING_SECONDS, CloudIndex

        # Nobody waits for an answer that comes after the request's own end.
        reading = min(READING_SECONDS, settings.request_budget_ms / 1000)
        url, key = settings.qdrant_url, settings.qdrant_api_key
        return CloudIndex.open(url, key, *made_for, reading=reading)

    with _installed("QDRANT_URL"):
        from core.stores.qdrant_embedded import EmbeddedIndex
    return EmbeddedIndex.open(settings.data_dir / "index", *made_for)


def _index_version(settings: Settings) -> str:
    if settings.qdrant_url:
        from core.stores.qdrant_checks import version_of

        return version_of(settings.qdrant_url, settings.qdrant_api_key)

    from importlib.metadata import version

    return version("qdrant-edge-py")


def _shelf(settings: Settings) -> Shelf:
    if settings.qdrant_url:
        from core.stores.qdrant_shelf import CloudShelf

        return CloudShelf(settings.qdrant_url, settings.qdrant_api_key, settings.collection)

    from core.stores.folder_shelf import FolderShelf

    return FolderShelf(settings.data_dir / "index", settings.collection)


def _photos(settings: Settings) -> tuple[PhotoStore, SignedAddresses | None]:
    if settings.image_bucket:
        from core.stores.s3 import S3Photos

        photos = S3Photos.connect(settings.image_bucket, PHOTOS_URL)
        return photos, photos
    return FolderPhotos(settings.data_dir / "bucket", PHOTOS_URL), None


def _fetcher(settings: Settings) -> Fetcher:
    from core.photos.fetch.fetcher import Fetcher

    return Fetcher(allow_http=settings.allow_http_images)


def index_queue(settings: Settings) -> Queue | None:
    if settings.index_queue_url:
        from core.stores.sqs import SqsQueue

        return SqsQueue.connect(settings.index_queue_url)
    return None


def _table(settings: Settings) -> Table | None:
    if settings.cache_table:
        from core.stores.dynamodb_table import Table

        return Table.connect(settings.cache_table)
    return None


def _cache(table: Table | None) -> Cache:
    if table is not None:
        from core.stores.dynamodb_cache import DynamoCache
        from core.stores.layered_cache import LayeredCache

        return LayeredCache(BoundedEntries(), DynamoCache(table))
    return MemoryCache()


def _limiter(settings: Settings, table: Table | None) -> RateLimiter | None:
    if settings.rate_limit is None:
        return None
    from core.stores.token_bucket import TokenBucket

    bucket = TokenBucket(*settings.rate_limit)
    if table is not None:
        from core.stores.dynamodb_limits import DynamoLimiter

        return DynamoLimiter(table, bucket)
    return MemoryLimiter(bucket)


def _once(table: Table | None) -> Once:
    if table is not None:
        from core.stores.dynamodb_limits import DynamoOnce

        return DynamoOnce(table)
    return MemoryOnce()


@contextmanager
def folder_watched(shop: Shop) -> Iterator[None]:
    """The door for files dropped into the bucket's folder, open while the block runs. A bucket
    that is no folder tells of what is dropped in its own way."""
    if shop.settings.image_bucket:
        yield
        return
    with _installed("IMAGE_BUCKET"):
        from core.stores.folder_watch import changed_products
    from handlers.folder_index import FolderIndexer, now_and_then

    products = FolderIndexer(shop.indexing.settle, shop.indexing.unsettled)
    # Beside each other: a feed takes as long as it has rows, and photos shall not wait for it.
    feeds = FolderIndexer(lambda key: shop.feeds.settle(key, feeds.goes_on), shop.feeds.unsettled)
    products.follow(partial(changed_products, shop.settings.data_dir / "bucket"))
    feeds.follow(now_and_then)
    try:
        yield
    finally:
        feeds.close()
        products.close()


@contextmanager
def _installed(setting: str) -> Iterator[None]:
    """The image for the clouds has no engine of its own and watches no folder."""
    try:
        yield
    except ModuleNotFoundError as missing:
        raise SettingsInvalid(
            f"Set {setting}: what does without it ({missing.name}) is not installed here."
        ) from missing
