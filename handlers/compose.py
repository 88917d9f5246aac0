"""The one place where the parts are put together, for every door."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

from core.clip.absent import Absent
from core.clip.embedder import unhurried, whole
from core.clip.loading import Loading
from core.errors import ModelRefused
from core.importing import Feeds
from core.indexing import Indexing
from core.ports import Embedder
from core.processors import cpus
from core.search import Search
from core.settings import Settings
from handlers import choices
from handlers.admission import Admission
from handlers.fetching import Fetching
from handlers.listening import Listening
from handlers.shop import Shop, Workshop, settle

log = logging.getLogger(__name__)


@contextmanager
def open_shop(
    settings: Settings, model: Loading | None = None, *, words_will_do: bool = False
) -> Iterator[Shop]:
    """Everything in this process and under DATA_DIR, but for what the settings put elsewhere;
    closed at the end. `model` is the one of the settings, for doors that began to load it earlier;
    doors to search by may do without one that can't be loaded, as words are matched all the same.
    """
    with ExitStack() as closing:
        embedder = _embedder(model or Loading(settings.model, settings.model_dir), words_will_do)
        index = choices.index(settings, embedder)
        closing.callback(index.close)
        photos, addresses = choices.photos(settings)
        closing.callback(photos.close)
        table = choices.table(settings)
        cache = choices.cache(table)
        collection = settings.collection
        fetching = Fetching(partial(choices.fetcher, settings))
        closing.callback(fetching.close)
        indexing = Indexing(unhurried(embedder), index, photos, cache, collection)
        feeds = Feeds(index, photos, indexing, cache, collection, fetching.photo)
        listening = Listening(partial(settle, indexing, feeds))
        closing.callback(listening.close)
        yield Shop(
            settings=settings,
            embedder=embedder,
            index=index,
            index_version=partial(choices.index_version, settings),
            cache=cache,
            photos=photos,
            addresses=addresses,
            search=Search(
                embedder, index, cache, collection, settings.cache_ttl, settings.stale_ttl
            ),
            fetching=fetching,
            admission=Admission(cpus(), beside=1 if settings.qdrant_url else 0),
            limiter=choices.limiter(settings, table),
            once=choices.once(table),
            indexing=indexing,
            feeds=feeds,
            disk=choices.disk(settings),
            query_log=choices.query_log(settings),
            queue=choices.queue(settings),
            listening=listening,
        )


def to_index(settings: Settings) -> Loading:
    """The settings' model, for doors where nobody waits for one photo or text."""
    return Loading(settings.model, settings.model_dir, threads=1)


def _embedder(model: Loading, words_will_do: bool) -> Embedder:
    try:
        return whole(model)
    except ModelRefused as error:
        if not words_will_do:
            raise
        log.error("%s: %s Until the next start words alone are matched.", error.code, error.detail)
        return Absent(model.manifest)


@contextmanager
def open_workshop(settings: Settings) -> Iterator[Workshop]:
    """The parts of which an index is made anew, while the shop may be open elsewhere."""
    with ExitStack() as closing:
        embedder = whole(to_index(settings))
        shelf = choices.shelf(settings)
        closing.callback(shelf.close)
        photos, _ = choices.photos(settings)
        closing.callback(photos.close)
        yield Workshop(embedder, shelf, photos, choices.cache(choices.table(settings)))


@contextmanager
def folder_watched(shop: Shop) -> Iterator[None]:
    """The door for files dropped into the bucket's folder, open while the block runs. A bucket
    that is no folder tells of what is dropped in its own way."""
    if shop.settings.image_bucket or shop.settings.image_container:
        yield
        return
    from handlers.folder_index import FolderIndexer, now_and_then

    products = FolderIndexer(shop.indexing.settle, shop.indexing.unsettled)
    # Beside each other: a feed takes as long as it has rows, and photos shall not wait for it.
    feeds = FolderIndexer(lambda key: shop.feeds.settle(key, feeds.goes_on), shop.feeds.unsettled)
    try:  # who is asked to end while it starts, ends between any two of these
        products.follow(choices.changed_products(shop.settings))
        feeds.follow(now_and_then)
        yield
    finally:
        feeds.close()
        products.close()
