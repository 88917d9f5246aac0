"""A VectorIndex in a dictionary: the port's promises in their plainest form."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from math import log
from threading import RLock

import msgspec
import numpy as np

from core.errors import IndexUnavailable, InvalidRequest, ProductNotFound
from core.ports import (
    ByMeaning,
    ByPhotos,
    CatalogueItem,
    IndexStatus,
    Match,
    Page,
    PhotoVector,
    Probe,
    Vectors,
)
from core.product import Listing, Product, Vector, attribute_facts
from core.query import Filters
from core.words import Lexical

_CURSOR = "after "


@dataclass(slots=True)
class _Entry:
    item: CatalogueItem
    photos: dict[str, PhotoVector] = field(default_factory=dict)

    @property
    def product_id(self) -> str:
        return self.item.listing.product.id

    def ordered(self) -> list[PhotoVector]:
        return [self.photos[key] for key in sorted(self.photos)]

    def listing(self) -> Listing:
        photos = tuple(one.photo for one in self.ordered())
        return msgspec.structs.replace(self.item.listing, photos=photos)


class MemoryIndex:
    def __init__(self, model: str, dimension: int, name: str = "products") -> None:
        self._model = model
        self._dimension = dimension
        self._name = name
        self._lock = RLock()
        self._known: dict[str, _Entry] | None = {}

    @property
    def _entries(self) -> dict[str, _Entry]:
        if self._known is None:
            raise IndexUnavailable("The index is closed.")
        return self._known

    def put_items(self, items: Sequence[CatalogueItem]) -> None:
        for item in items:
            self._check(item.meaning, stored=True)
        with self._lock:
            for item in items:
                entry = self._entries.setdefault(item.listing.product.id, _Entry(item))
                entry.item = item

    def put_photos(self, product: Product, photos: Sequence[PhotoVector]) -> None:
        for one in photos:
            self._check(one.vector, stored=True)
        with self._lock:
            if product.id not in self._entries:
                raise ProductNotFound(f"There is no product with the id {product.id!r}.")
            self._entries[product.id].photos.update({one.photo.key: one for one in photos})

    def remove_photos(self, product_id: str, keys: Sequence[str]) -> None:
        with self._lock:
            if product_id in self._entries:
                for key in keys:
                    self._entries[product_id].photos.pop(key, None)

    def remove(self, product_id: str) -> bool:
        with self._lock:
            return self._entries.pop(product_id, None) is not None

    def get(self, product_id: str) -> Listing | None:
        with self._lock:
            entry = self._entries.get(product_id)
            return None if entry is None else entry.listing()

    def listings(self, product_ids: Sequence[str]) -> dict[str, Listing]:
        with self._lock:
            found = {one: self._entries.get(one) for one in product_ids}
        return {one: entry.listing() for one, entry in found.items() if entry is not None}

    def vectors(self, product_ids: Sequence[str]) -> dict[str, Vectors]:
        with self._lock:
            return {
                one: Vectors([photo.vector for photo in entry.ordered()], entry.item.meaning)
                for one in product_ids
                if (entry := self._entries.get(one)) is not None
            }

    def search(
        self,
        probes: Sequence[Probe],
        filters: Filters,
        limit: int,
        exclude: Sequence[str] = (),
    ) -> list[list[Match]]:
        with self._lock:
            accepts = _acceptance(filters)
            entries = [
                entry
                for product_id, entry in self._entries.items()
                if product_id not in exclude and accepts(entry.item.listing.product)
            ]
            return [_ranked(self._answers(probe, entries))[:limit] for probe in probes]

    def photo_scores(self, vector: Vector, product_ids: Sequence[str]) -> dict[str, Match]:
        with self._lock:
            entries = [self._entries[one] for one in product_ids if one in self._entries]
            found = self._answers(ByPhotos(vector), entries)
            return {match.product_id: match for match in found}

    def page(self, limit: int, cursor: str | None = None, category: str | None = None) -> Page:
        if cursor is not None and not cursor.startswith(_CURSOR):
            raise InvalidRequest("The cursor is none of ours.")
        with self._lock:
            order = sorted(
                product_id
                for product_id, entry in self._entries.items()
                if category is None or entry.item.listing.product.category == category
            )
            start = 0 if cursor is None else bisect_right(order, cursor[len(_CURSOR) :])
            ids = order[start : start + limit]
            more = start + limit < len(order)
            listings = tuple(self._entries[product_id].listing() for product_id in ids)
            return Page(listings, _CURSOR + ids[-1] if more else None)

    def count(self, filters: Filters) -> int:
        return len(self._satisfying(filters))

    def count_by(self, facet: str, filters: Filters) -> dict[str, int]:
        products = self._satisfying(filters)
        if facet == "category":
            return dict(Counter(p.category for p in products if p.category))
        start = facet.removeprefix("attributes.") + "="
        facts = [fact for p in products for fact in set(attribute_facts(p.attributes))]
        return dict(Counter(f.removeprefix(start) for f in facts if f.startswith(start)))

    def _satisfying(self, filters: Filters) -> list[Product]:
        with self._lock:
            products = [entry.item.listing.product for entry in self._entries.values()]
        accepts = _acceptance(filters)
        return [product for product in products if accepts(product)]

    def status(self) -> IndexStatus:
        with self._lock:
            products = len(self._entries)
            photos = sum(len(entry.photos) for entry in self._entries.values())
        return IndexStatus(
            name=self._name,
            products=products,
            photos=photos,
            points=products + photos,
            dimension=self._dimension,
            model=self._model,
        )

    def close(self) -> None:
        with self._lock:
            self._known = None

    def _answers(self, probe: Probe, entries: Sequence[_Entry]) -> Iterator[Match]:
        if isinstance(probe, ByPhotos):
            self._check(probe.vector)
            for entry in entries:
                if entry.photos:
                    cosines = [
                        (_cosine(probe.vector, o.vector), o.photo.key) for o in entry.ordered()
                    ]
                    score, key = max(cosines, key=lambda one: one[0])
                    yield Match(entry.product_id, score, key)
        elif isinstance(probe, ByMeaning):
            self._check(probe.vector)
            for entry in entries:
                yield Match(entry.product_id, _cosine(probe.vector, entry.item.meaning))
        else:
            rarity = self._rarity()
            for entry in entries:
                shared = _shared(probe.lexical, entry.item.lexical)
                if shared:
                    score = sum(weight * rarity(word) for word, weight in shared.items())
                    yield Match(entry.product_id, score)

    def _rarity(self) -> Callable[[int], float]:
        items = [entry.item for entry in self._entries.values() if entry.item.lexical]
        having = Counter(word for item in items for word in item.lexical.indices)
        total = len(items)
        return lambda word: log(1 + (total - having[word] + 0.5) / (having[word] + 0.5))

    def _check(self, vector: Vector, stored: bool = False) -> None:
        if vector.shape != (self._dimension,) or not np.isfinite(vector).all():
            raise InvalidRequest("The vector has the wrong shape, or numbers that are not finite.")
        if stored and abs(float(np.linalg.norm(vector)) - 1) > 1e-3:
            raise InvalidRequest("The vector is not of unit length.")


def _ranked(matches: Iterator[Match]) -> list[Match]:
    return sorted(matches, key=lambda match: (-match.score, match.product_id))


def _cosine(one: Vector, other: Vector) -> float:
    length = float(np.linalg.norm(one)) or 1.0
    return round(float(one @ other) / length, 6)  # so that equal vectors are a tie


def _shared(question: Lexical, answer: Lexical) -> dict[int, float]:
    asked = dict(zip(question.indices, question.values, strict=True))
    has = dict(zip(answer.indices, answer.values, strict=True))
    return {word: asked[word] * has[word] for word in asked.keys() & has.keys()}


def _acceptance(filters: Filters) -> Callable[[Product], bool]:
    low, high = filters.price_min, filters.price_max

    def accepts(product: Product) -> bool:
        facts = set(attribute_facts(product.attributes))
        return (
            (not filters.categories or product.category in filters.categories)
            and (low is None or (product.price is not None and product.price >= low))
            and (high is None or (product.price is not None and product.price <= high))
            and (filters.in_stock is None or product.in_stock == filters.in_stock)
            and all(facts & {f"{n}={v}" for v in values} for n, values in filters.attributes)
        )

    return accepts
