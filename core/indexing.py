"""Keeping the index true: products that are told to us, and photos that lie in the bucket.

The bucket is never followed event by event. An event only says "look at this product again", and
`settle` makes the index say what the bucket says now. So events may come twice, late, out of
order or not at all (`unsettled` finds what was missed), and a process killed half-way leaves
nothing that the next look does not put right.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock

from core import words
from core.bucket import IMAGES, place
from core.bucket_view import BucketView
from core.errors import BadInput, PhotoNotFound
from core.facts import MAX_FACTS_BYTES, read_facts
from core.photos import MAX_PHOTO_BYTES
from core.ports import (
    Cache,
    CatalogueItem,
    Embedder,
    PhotoStore,
    PhotoVector,
    StoredObject,
    VectorIndex,
)
from core.product import Listing, Origin, Photo, Product

log = logging.getLogger(__name__)

_ROUNDS = 8
"""How often one settling looks again because the bucket changed under it."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """An object of the bucket that can't be indexed, and why."""

    key: str
    version: str
    reason: str


class Indexing:
    """Writes to one collection. Safe to call from several threads and several processes."""

    def __init__(
        self,
        embedder: Embedder,
        index: VectorIndex,
        photos: PhotoStore,
        cache: Cache,
        collection: str,
    ) -> None:
        self._embedder = embedder
        self._index = index
        self._photos = photos
        self._cache = cache
        self._collection = collection
        self._rejected: dict[str, dict[str, Rejected]] = {}
        self._lock = Lock()

    # Products that are told to us

    def put_product(self, product: Product) -> Listing:
        """Take a product's facts as given. Its photos stay; it no longer hangs on the bucket.

        The latest word counts: a sidecar that was read before does not come back over it, one
        that changes later does.
        """
        known = self._index.get(product.id)
        facts_version = known.facts_version if known else ""
        photos = known.photos if known else ()
        listing = Listing(
            product=product, photos=photos, origin=Origin.API, facts_version=facts_version
        )
        self._put_item(listing)
        self._cache.advance(self._collection)
        return listing

    def remove_product(self, product_id: str) -> bool:
        """Forget a product, its photos in the bucket included, or the next look would revive it."""
        for stored in self._photos.of_product(product_id):
            self._photos.delete(stored.key)
        removed = self._index.remove(product_id)
        self._cache.advance(self._collection)
        return removed

    # Products that lie in the bucket

    def settle(self, product_id: str) -> bool:
        """Make the index say of this product what the bucket says; True when anything changed.

        Each round reads the index *before* the bucket: what the index holds was in the bucket
        once, so what a later listing lacks was truly deleted, even with others writing too. It
        ends with a round that finds nothing to do.
        """
        changed = False
        for _ in range(_ROUNDS):
            known = self._index.get(product_id)
            view = self._view(product_id)
            if view.agrees_with(known):
                break
            if view.keeps(known):
                changed |= self._bring_in(view, known)
            else:
                changed |= self._index.remove(product_id)
        else:
            log.warning("product %s keeps changing; its next event settles it", product_id)
        if changed:
            self._cache.advance(self._collection)
        return changed

    def unsettled(self) -> list[str]:
        """The products of which the index says something else than the bucket does."""
        known = {listing.product.id: listing for listing in self._listings()}
        stored: dict[str, list[StoredObject]] = {}
        for item in self._photos.list(IMAGES):
            where = place(item.key)
            if where is not None:
                stored.setdefault(where.product_id, []).append(item)
        return [
            product_id
            for product_id in sorted(stored.keys() | known.keys())
            if not BucketView.of(product_id, stored.get(product_id, ())).agrees_with(
                known.get(product_id)
            )
        ]

    def rejected(self) -> list[Rejected]:
        """The bucket's objects that could not be indexed and still lie there, by key."""
        with self._lock:
            found = [one for of_product in self._rejected.values() for one in of_product.values()]
        return sorted(found, key=lambda one: one.key)

    def _listings(self) -> Iterator[Listing]:
        cursor: str | None = None
        while True:
            page = self._index.page(limit=1000, cursor=cursor)
            yield from page.listings
            if page.next_cursor is None:
                return
            cursor = page.next_cursor

    def _view(self, product_id: str) -> BucketView:
        """What the bucket holds of the product now, less what we already know to be unreadable."""
        objects = self._photos.of_product(product_id)
        with self._lock:
            refused = self._rejected.get(product_id, {})
            still = {o.key: refused[o.key] for o in objects if _is_refused(o, refused)}
            if still:
                self._rejected[product_id] = still
            else:
                self._rejected.pop(product_id, None)
        return BucketView.of(product_id, objects, refused=frozenset(still))

    def _bring_in(self, view: BucketView, known: Listing | None) -> bool:
        photos = [v for o in view.new_photos(known) if (v := self._embedded(view, o)) is not None]
        if known is None and not photos:
            return False
        listing = self._listing(view, known)
        if listing != known:
            self._put_item(listing)
        if photos:
            self._index.put_photos(listing.product, photos)
        gone = view.gone_photos(known)
        if gone:
            self._index.remove_photos(view.product_id, gone)
        return True

    def _embedded(self, view: BucketView, stored: StoredObject) -> PhotoVector | None:
        try:
            vector = self._embedder.photo(self._photos.read(stored.key, MAX_PHOTO_BYTES))
        except PhotoNotFound:
            return None  # deleted since it was listed; the next round sees that
        except BadInput as error:
            self._reject(view.product_id, stored, error.detail)
            return None
        url = self._photos.url(stored.key)
        return PhotoVector(Photo(key=stored.key, url=url, version=stored.version), vector)

    def _listing(self, view: BucketView, known: Listing | None) -> Listing:
        """The product as it shall stand: its sidecar's facts, else the catalogue's, else its id."""
        if known is not None and known.facts_version == view.facts_version:
            return known
        origin = known.origin if known is not None else Origin.BUCKET
        product = self._facts(view)
        if product is None:
            told = known is not None and origin is Origin.API
            product = known.product if known and told else _nameless(view.product_id)
        photos = known.photos if known is not None else ()
        return Listing(
            product=product, photos=photos, origin=origin, facts_version=view.facts_version
        )

    def _facts(self, view: BucketView) -> Product | None:
        if view.facts is None:
            return None
        try:
            data = self._photos.read(view.facts.key, MAX_FACTS_BYTES)
            return read_facts(view.product_id, data)
        except PhotoNotFound:
            return None
        except BadInput as error:
            self._reject(view.product_id, view.facts, error.detail)
            return None

    def _reject(self, product_id: str, stored: StoredObject, reason: str) -> None:
        log.warning("%s was not indexed: %s", stored.key, reason)
        with self._lock:
            of_product = self._rejected.setdefault(product_id, {})
            of_product[stored.key] = Rejected(stored.key, stored.version, reason)

    def _put_item(self, listing: Listing) -> None:
        product = listing.product
        text = f"{product.name}. {product.description}".strip()
        meaning = self._embedder.words(text).vector
        self._index.put_items([CatalogueItem(listing, meaning, words.of_product(product))])


def _is_refused(stored: StoredObject, refused: dict[str, Rejected]) -> bool:
    return stored.key in refused and refused[stored.key].version == stored.version


def _nameless(product_id: str) -> Product:
    return Product(id=product_id, name=product_id)
