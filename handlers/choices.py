"""Which store serves each port, by the settings: the one place where doors reach the stores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import LikenessError, SettingsInvalid
from core.findings import Finding, failed
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
from core.settings import Settings
from core.stores.disk import insist_on_room
from core.stores.entries import BoundedEntries
from core.stores.folder import FolderPhotos
from core.stores.memory_cache import MemoryCache
from core.stores.memory_limits import MemoryLimiter, MemoryOnce

if TYPE_CHECKING:
    from core.photos.fetch.fetcher import Fetcher
    from core.query import Query
    from core.search import Answer
    from core.stores.dynamodb_table import Table
    from handlers.folder_index import Changes

PHOTOS_URL = "/photos"

# What a choice needs is imported where it is chosen: a laptop does without the clouds' packages,
# and a cloud without the engine.


def index(settings: Settings, embedder: Embedder) -> VectorIndex:
    made_for = (settings.collection, embedder.model, embedder.dimension)
    if settings.qdrant_url:
        from core.stores.qdrant_cloud import CloudIndex

        url, key = settings.qdrant_url, settings.qdrant_api_key
        return CloudIndex.open(url, key, *made_for)

    with _installed("QDRANT_URL"):
        from core.stores.qdrant_embedded import EmbeddedIndex
    return EmbeddedIndex.open(settings.data_dir / "index", *made_for)


def index_version(settings: Settings) -> str:
    if settings.qdrant_url:
        from core.stores.qdrant_checks import version_of

        return version_of(settings.qdrant_url, settings.qdrant_api_key)

    from importlib.metadata import version

    return version("qdrant-edge-py")


def shelf(settings: Settings) -> Shelf:
    if settings.qdrant_url:
        from core.stores.qdrant_shelf import CloudShelf

        return CloudShelf(settings.qdrant_url, settings.qdrant_api_key, settings.collection)

    from core.stores.folder_shelf import FolderShelf

    return FolderShelf(settings.data_dir / "index", settings.collection)


def photos(settings: Settings) -> tuple[PhotoStore, SignedAddresses | None]:
    if settings.image_bucket:
        from core.stores.s3 import S3Photos

        photos = S3Photos.connect(settings.image_bucket, PHOTOS_URL)
        return photos, photos
    if settings.image_container:
        from core.stores.blob import BlobPhotos

        blobs = BlobPhotos.connect(settings.image_container, settings.blob_key, PHOTOS_URL)
        return blobs, blobs
    return FolderPhotos(settings.data_dir / "bucket", PHOTOS_URL), None


def disk(settings: Settings) -> Callable[[], None] | None:
    if settings.qdrant_url and (settings.image_bucket or settings.image_container):
        return None
    return partial(insist_on_room, settings.data_dir)


def query_log(settings: Settings) -> Callable[[Query, Answer, float], None] | None:
    if not settings.query_log:
        return None
    from core.stores.query_log import QueryFile, query_lines

    if disk(settings) is None:
        return query_lines
    return QueryFile(query_file(settings))


def query_file(settings: Settings) -> Path:
    return settings.data_dir / "queries.jsonl"


def fetcher(settings: Settings) -> Fetcher:
    from core.photos.fetch.fetcher import Fetcher

    return Fetcher(allow_http=settings.allow_http_images)


def queue(settings: Settings) -> Queue | None:
    if settings.index_queue_url:
        from core.stores.sqs import SqsQueue

        return SqsQueue.connect(settings.index_queue_url)
    return None


def table(settings: Settings) -> Table | None:
    if settings.cache_table:
        from core.stores.dynamodb_table import Table

        return Table.connect(settings.cache_table)
    return None


def cache(table: Table | None) -> Cache:
    if table is not None:
        from core.stores.dynamodb_cache import DynamoCache
        from core.stores.layered_cache import LayeredCache

        return LayeredCache(BoundedEntries(), DynamoCache(table))
    return MemoryCache()


def limiter(settings: Settings, table: Table | None) -> RateLimiter | None:
    if settings.rate_limit is None:
        return None
    from core.stores.token_bucket import TokenBucket

    bucket = TokenBucket(*settings.rate_limit)
    if table is not None:
        from core.stores.dynamodb_limits import DynamoLimiter

        return DynamoLimiter(table, bucket)
    return MemoryLimiter(bucket)


def once(table: Table | None) -> Once:
    if table is not None:
        from core.stores.dynamodb_limits import DynamoOnce

        return DynamoOnce(table)
    return MemoryOnce()


def changed_products(settings: Settings) -> Changes:
    """What is dropped into the bucket's folder."""
    with _installed("IMAGE_BUCKET"):
        from core.stores.folder_watch import changed_products as changed
    return partial(changed, settings.data_dir / "bucket")


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
    if settings.image_container:
        from core.stores.blob_checks import look_at_container

        container = (settings.image_container, settings.blob_key)
        yield from _told("container", look_at_container(*container))
    if settings.qdrant_url:
        from core.stores.qdrant_checks import look_at_qdrant

        where = (settings.qdrant_url, settings.qdrant_api_key, settings.collection)
        yield from _told("Qdrant", look_at_qdrant(*where, model, dimension))


def _told(part: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    try:
        yield from findings
    except LikenessError as error:
        yield failed(part, error.detail, "put right what it says")


@contextmanager
def _installed(setting: str) -> Iterator[None]:
    """The image for the clouds has no engine of its own and watches no folder."""
    try:
        yield
    except ModuleNotFoundError as missing:
        raise SettingsInvalid(
            f"Set {setting}: what does without it ({missing.name}) is not installed here."
        ) from missing
