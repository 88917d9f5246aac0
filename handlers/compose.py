"""The one place where the parts are chosen and put together, for every door."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

from core.clip.embedder import whole
from core.clip.loading import Loading
from core.indexing import Indexing
from core.search import Search
from core.settings import Settings
from core.stores.folder import FolderPhotos
from core.stores.folder_watch import changed_products
from core.stores.memory_cache import MemoryCache
from core.stores.qdrant_embedded import EmbeddedIndex
from handlers.folder_index import FolderIndexer
from handlers.shop import Shop

PHOTOS_URL = "/photos"


@contextmanager
def open_shop(settings: Settings, model: Loading | None = None) -> Iterator[Shop]:
    """The embedded default: everything in this process and under DATA_DIR, closed at the end.
    `model` is the one of the settings, for doors that began to load it earlier."""
    with ExitStack() as closing:
        embedder = whole(model or Loading(settings.model, settings.model_dir))
        index = EmbeddedIndex.open(
            settings.data_dir / "index", settings.collection, embedder.model, embedder.dimension
        )
        closing.callback(index.close)
        photos = FolderPhotos(settings.data_dir / "bucket", PHOTOS_URL)
        cache = MemoryCache()
        yield Shop(
            settings=settings,
            embedder=embedder,
            index=index,
            photos=photos,
            search=Search(embedder, index, cache, settings.collection, settings.cache_ttl),
            indexing=Indexing(embedder, index, photos, cache, settings.collection),
        )


@contextmanager
def folder_watched(shop: Shop) -> Iterator[None]:
    """The door for files dropped into the bucket's folder, open while the block runs."""
    indexer = FolderIndexer(shop.indexing)
    indexer.follow(partial(changed_products, shop.settings.data_dir / "bucket"))
    try:
        yield
    finally:
        indexer.close()
