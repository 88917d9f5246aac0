"""Keeping the index true: products that are told to us, and photos that lie in the bucket.

The bucket is never followed event by event. An event only says "look at this product again", and
`settle` makes the index say what the bucket says now. So events may come twice, late, out of
order or not at all (`unsettled` finds what was missed), and a process killed half-way leaves
nothing that the next look does not put right.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from contextlib import contextmanager

import msgspec

from core import words
from core.bucket import Role
from core.bucket_facts import BucketFacts, digest_of
from core.bucket_view import BucketView
from core.differences import Difference, difference, differences
from core.errors import BadInput, PhotoNotFound, Unavailable
from core.facts import FactsVersion
from core.meanings import Meanings
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
from core.refusals import Refusals, Rejected, facts_digest
from core.turns import Turns

_ROUNDS = 8
"""How often one settling looks again because the bucket changed under it."""


class Settled(msgspec.Struct, frozen=True):
    """How a product stands after a look at it."""

    changed: bool
    rejected: tuple[Rejected, ...]
    """Of its objects in the bucket, those that can't be used as they are."""


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
        self._meanings = Meanings(embedder, index)
        self._refusals = Refusals()
        self._facts = BucketFacts(photos, self._refusals)
        self.turns = Turns()

    # Products that are told to us

    def put_product(self, product: Product) -> Listing:
        """Take a product's facts as given. Its photos stay; it no longer hangs on the bucket.

        The latest word counts: a sidecar that was read before does not come back over it, one
        that changes later does.
        """
        with self.turns.of(product.id):
            known = self._index.get(product.id)
            listing = Listing(
                product=product,
                photos=known.photos if known else (),
                origin=Origin.API,
                facts_version=known.facts_version if known else "",
            )
            with self._changing():
                self._put_item(listing, known)
        return listing

    def take_over(self, listing: Listing) -> None:
        """Take a product's facts as another index has them, which may have known it for longer."""
        with self._changing():
            self._put_item(listing)

    def forget(self, product_id: str) -> bool:
        """Forget a product. If it has photos in the bucket, the next look revives it."""
        with self.turns.of(product_id), self._changing():
            return self._index.remove(product_id)

    def remove_product(self, product_id: str) -> bool:
        """Forget a product, its photos in the bucket included, or the next look would revive it."""
        with self.turns.of(product_id):
            for stored in self._photos.of_product(product_id):
                self._photos.delete(stored.key)
            return self.forget(product_id)

    def known(self, product_id: str) -> Listing | None:
        return self._index.get(product_id)

    # Products that lie in the bucket

    def settle(self, product_id: str) -> Settled:
        """Make the index say of this product what the bucket says.

        Each round reads the index *before* the bucket: what the index holds was in the bucket
        once, so what a later listing lacks was truly deleted, even with others writing too. It
        ends with a round that finds nothing to do.
        """
        with self.turns.of(product_id):
            return self._settled(product_id)

    def _settled(self, product_id: str) -> Settled:
        changed = False
        for _ in range(_ROUNDS):
            known = self._index.get(product_id)
            view = self._view(product_id)
            if view.agrees_with(known):
                if known is None:
                    self._facts.of_sidecar(
                        view
                    )  # one that is broken is told before its photo comes
                if not changed:
                    self.freshen()
                return Settled(changed, self._refusals.of(product_id))
            if view.keeps(known):
                changed |= self._bring_in(view, known)
            else:
                with self._changing():
                    changed |= self._index.remove(product_id)
        raise Unavailable(f"The product {product_id!r} keeps changing; it wants another look.")

    def freshen(self) -> None:
        """What was cached is out of date from now on: for whoever finds nothing to do, perhaps
        after a process that was killed before it could tell of what it had done."""
        self._cache.advance(self._collection)

    def unsettled(self) -> list[str]:
        """The products of which the index says something else than the bucket does."""
        return list(self.differences())

    def differences(self, prefix: str = "") -> dict[str, Difference]:
        """The same, and how they differ; of those whose ids begin so."""
        return differences(self._index, self._photos, self._refusals, prefix)

    def difference(self, product_id: str) -> Difference | None:
        known = self._index.get(product_id)
        return difference(self._view(product_id), known)

    def rejected(self) -> list[Rejected]:
        """The bucket's objects that could not be indexed and still lie there, by key."""
        return sorted(self._refusals.all(), key=lambda one: one.key)

    def _view(self, product_id: str) -> BucketView:
        """What the bucket holds of the product now, less what we already know to be unusable."""
        refused = self._refusals.of(product_id)  # first: what is refused meanwhile stays
        view = BucketView.of(product_id, self._photos.of_product(product_id), refused)
        self._refusals.forget(product_id, set(refused) - set(view.refused))
        return view

    def _bring_in(self, view: BucketView, known: Listing | None) -> bool:
        new = view.new_photos(known)
        photos = [vector for o in new if (vector := self._embedded(view, o)) is not None]
        if known is None and not photos:
            return False
        unusable = {o.key for o in new} - {one.photo.key for one in photos}
        listing = self._listing(view, known, unusable)
        gone = view.gone_photos(known)
        if listing == known and not photos and not gone:
            return False
        with self._changing():
            if listing != known:
                self._put_item(listing, known)
            if photos:
                self._index.put_photos(listing.product, photos)
            if gone:
                self._index.remove_photos(view.product_id, gone)
        return True

    def _embedded(self, view: BucketView, stored: StoredObject) -> PhotoVector | None:
        try:
            vector = self._embedder.photo(self._photos.read(stored.key, MAX_PHOTO_BYTES))
        except PhotoNotFound:
            return None  # deleted since it was listed; the next round sees that
        except BadInput as error:
            self._refusals.add(view.product_id, stored, Role.PHOTO, error.detail)
            return None
        url = self._photos.url(stored.key)
        return PhotoVector(Photo(key=stored.key, url=url, version=stored.version), vector)

    def _listing(self, view: BucketView, known: Listing | None, unusable: Set[str]) -> Listing:
        """The product as it shall stand: what the bucket says of it, over what was told us, over
        its id as its name."""
        metadata = self._facts.of_photos(view, unusable)
        said = {**self._facts.of_sidecar(view), **metadata}
        refused = facts_digest(self._refusals.of(view.product_id))
        version = str(FactsVersion(view.sidecar_version, digest_of(metadata), refused))
        if known is not None and known.facts_version == version:
            return known
        product = Product(id=view.product_id, name=view.product_id)
        origin = Origin.BUCKET
        if known is not None and known.origin is Origin.API:
            product, origin = known.product, known.origin
        return Listing(
            product=msgspec.structs.replace(product, **said),
            photos=known.photos if known is not None else (),
            origin=origin,
            facts_version=version,
        )

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Cached answers are out of date from the first write on, even if the next one fails."""
        try:
            yield
        finally:
            self._cache.advance(self._collection)

    def _put_item(self, listing: Listing, known: Listing | None = None) -> None:
        product = listing.product
        meaning = self._meanings.of(product, known)
        self._index.put_items([CatalogueItem(listing, meaning, words.of_product(product))])
