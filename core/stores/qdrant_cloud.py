"""The VectorIndex of a shop with a managed Qdrant, such as Qdrant Cloud.

Points, filters and ids are those of the embedded engine. What differs is that others may write at
the same time, and that the other side may be slow, busy or away: a question then ends within its
time with an error that says so, and the next one may find all well again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Self

from core.budget import left
from core.errors import OutOfTime, ProductNotFound, Unavailable
from core.ports import (
    ByPhotos,
    ByWords,
    CatalogueItem,
    IndexStatus,
    Match,
    Page,
    PhotoVector,
    Probe,
    Vectors,
)
from core.product import Listing, Product, Vector
from core.query import Filters
from core.stores import qdrant_payload as layout
from core.stores import qdrant_rest as rest
from core.stores.qdrant_collection import Collection
from core.stores.qdrant_payload import Field, MadeFor
from core.stores.qdrant_talk import (
    FACTS,
    agree,
    batches,
    confirm,
    count,
    count_by,
    delete,
    listings,
    nearest,
    one_page,
    retrieve,
    tell_photos,
    upsert,
    vectors,
)
from core.stores.qdrant_wire import Talk, Wire

log = logging.getLogger(__name__)

READING_SECONDS, WRITING_SECONDS = 4.0, 30.0
"""How long a question may take altogether, and a write of at most a batch."""
_SHARE, _LEAST_SECONDS = 0.9, 0.02
_MOST_VALUES = 100_000


class CloudIndex:
    """One collection of one Qdrant. Safe to use from several threads, and several processes."""

    def __init__(
        self, collection: Collection, name: str, made_for: MadeFor, reading: float, writing: float
    ) -> None:
        self._collection = collection
        self._name = name
        self._made_for = made_for
        self._clip = rest.clip(made_for)
        self._reading_seconds = reading
        self._writing_seconds = writing

    @classmethod
    def open(
        cls,
        url: str,
        api_key: str | None,
        collection: str,
        model: str,
        dimension: int,
        *,
        large: bool = False,
        reading: float = READING_SECONDS,
        writing: float = WRITING_SECONDS,
    ) -> Self:
        """The collection at `url`, made if it is not there; `large` says how it is made then.

        Raises IndexMismatch when it was made for another model. A Qdrant that is away is no reason
        not to start: it is looked at when it first answers.
        """
        made_for = MadeFor(model, dimension)
        held = Collection(Wire(url, api_key), collection, made_for, large=large)
        index = cls(held, collection, made_for, reading, writing)
        try:
            with index._reading():
                pass
        except Unavailable as error:
            log.warning("the index is not to be had yet: %s", error.detail)
        except BaseException:
            index.close()
            raise
        return index

    @classmethod
    def reopen(
        cls, url: str, api_key: str | None, collection: str, made_for: MadeFor, seconds: float
    ) -> Self:
        """A collection that is known to be there; it is not made again when it goes."""
        held = Collection(Wire(url, api_key), collection, made_for, make=False)
        return cls(held, collection, made_for, seconds, seconds)

    # Writing. Nothing locks other processes out: see qdrant_talk.

    def put_items(self, items: Sequence[CatalogueItem]) -> None:
        for item in items:
            what = f"product {item.listing.product.id!r}"
            layout.check_stored(item.meaning, self._made_for.dimension, what)
        last = {item.listing.product.id: item for item in items}
        points = {
            product_id: rest.record_point(item, self._clip) for product_id, item in last.items()
        }
        for some in batches(last):
            facts = {one: layout.filterable(last[one].listing.product) for one in some}
            with self._writing() as talk:
                tell_photos(talk, facts)
                upsert(talk, [points[one] for one in some])
                agree(talk, some)

    def put_photos(self, product: Product, photos: Sequence[PhotoVector]) -> None:
        for one in photos:
            layout.check_stored(one.vector, self._made_for.dimension, f"photo {one.photo.key!r}")
        record_id = str(layout.record_id(product.id))
        missing = ProductNotFound(f"There is no product with the id {product.id!r}.")
        with self._writing() as talk:
            record = retrieve(talk, record_id, FACTS)
            if record is None:
                raise missing
        facts = layout.filterable_of(record.carries)
        points = [rest.photo_point(product.id, one, facts, self._clip) for one in photos]
        for some in batches(points):
            with self._writing() as talk:
                upsert(talk, some)
                if not confirm(talk, product.id, facts):  # it was removed meanwhile
                    delete(talk, {"points": [point["id"] for point in some]})
                    raise missing

    def remove_photos(self, product_id: str, keys: Sequence[str]) -> None:
        for some in batches(str(layout.photo_id(product_id, key)) for key in keys):
            with self._writing() as talk:
                delete(talk, {"points": some})

    def remove(self, product_id: str) -> bool:
        with self._writing() as talk:
            known = retrieve(talk, str(layout.record_id(product_id)), [])
            delete(talk, {"filter": rest.both(rest.equal(Field.PRODUCT, product_id))})
            return known is not None

    # Reading

    def get(self, product_id: str) -> Listing | None:
        with self._reading() as talk:
            return listings(talk, [product_id]).get(product_id)

    def listings(self, product_ids: Sequence[str]) -> dict[str, Listing]:
        with self._reading() as talk:
            return listings(talk, product_ids)

    def vectors(self, product_ids: Sequence[str]) -> dict[str, Vectors]:
        with self._reading() as talk:
            return layout.vectors_of(vectors(talk, product_ids, self._clip))

    def search(
        self,
        probes: Sequence[Probe],
        filters: Filters,
        limit: int,
        exclude: Sequence[str] = (),
    ) -> list[list[Match]]:
        for probe in probes:
            if not isinstance(probe, ByWords):
                layout.check_numbers(probe.vector, self._made_for.dimension, "the query")
        with self._reading() as talk:
            return nearest(talk, probes, self._clip, rest.satisfying(filters), limit, exclude)

    def photo_scores(self, vector: Vector, product_ids: Sequence[str]) -> dict[str, Match]:
        layout.check_numbers(vector, self._made_for.dimension, "the query")
        with self._reading() as talk:
            best: list[Match] = []
            for some in batches(dict.fromkeys(product_ids)):
                theirs = [rest.any_of(Field.PRODUCT, some)]
                [order] = nearest(talk, [ByPhotos(vector)], self._clip, theirs, len(some))
                best += order
        return {match.product_id: match for match in best}

    def page(self, limit: int, cursor: str | None = None, category: str | None = None) -> Page:
        of_category = [] if category is None else [rest.equal(Field.CATEGORY, category)]
        records = rest.both(rest.RECORDS, *of_category)
        offset = None if cursor is None else str(layout.place(cursor))
        with self._reading() as talk:
            found, beyond = one_page(talk, records, [Field.PRODUCT], limit, offset)
            product_ids = [point.carries[Field.PRODUCT] for point in found]
            known = listings(talk, product_ids)
        return Page(tuple(known[one] for one in product_ids if one in known), beyond)

    def count(self, filters: Filters) -> int:
        with self._reading() as talk:
            return count(talk, rest.both(rest.RECORDS, *rest.satisfying(filters)))

    def count_by(self, facet: str, filters: Filters) -> dict[str, int]:
        where = rest.both(rest.RECORDS, *rest.satisfying(filters))
        with self._reading() as talk:
            found = count_by(talk, layout.counted_field(facet), where, _MOST_VALUES)
        return layout.values_of(facet, found)

    def status(self) -> IndexStatus:
        with self._reading() as talk:
            products, photos = (
                count(talk, rest.both(kind)) for kind in (rest.RECORDS, rest.PHOTOS)
            )
        return IndexStatus(
            name=self._name,
            products=products,
            photos=photos,
            points=products + photos,
            dimension=self._made_for.dimension,
            model=self._made_for.model,
        )

    def close(self) -> None:
        """Idempotent. What is under way ends by itself."""
        self._collection.close()

    def _reading(self) -> AbstractContextManager[Talk]:
        # Less than all that is left: there may be an answer to give that is out of date.
        seconds = min(self._reading_seconds, _SHARE * left())
        if seconds < _LEAST_SECONDS:  # too short to blame Qdrant for
            raise OutOfTime("There is no time left to ask the vector index.")
        return self._collection.reading(seconds)

    def _writing(self) -> AbstractContextManager[Talk]:
        # Even if nobody waits any longer: half a change would be worse than a late one.
        return self._collection.writing(self._writing_seconds)
