"""The VectorIndex of a shop without a server: Qdrant's engine inside this process.

The write-ahead log is on, so a write that returned outlives the process. A small index is searched
by comparing with every vector, one that has grown large is tidied up for that (qdrant_tidying).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import qdrant_edge as edge

from core.errors import ProductNotFound
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
from core.stores import qdrant_engine as engine
from core.stores import qdrant_payload as layout
from core.stores import qdrant_shard as shards
from core.stores.disk import TO_REMOVE, TO_WRITE, Need
from core.stores.qdrant_folder import CollectionFolder
from core.stores.qdrant_held import HeldShard
from core.stores.qdrant_names import Names
from core.stores.qdrant_payload import Field, MadeFor
from core.stores.qdrant_ranking import (
    DEEPEST_TIE,
    first_fetch,
    next_fetch,
    ranked,
    with_ties,
)
from core.stores.qdrant_tidying import Tidier


class EmbeddedIndex:
    """One collection in one folder. One process may have it open; its threads share it."""

    def __init__(self, held: HeldShard, collection: str, made_for: MadeFor) -> None:
        self._held = held
        self._tidier = Tidier(held)
        self._names = Names()
        self._collection = collection
        self._made_for = made_for

    @classmethod
    def open(cls, folder: Path, collection: str, model: str, dimension: int) -> EmbeddedIndex:
        """The collection in `folder`, made if it is not there.

        Raises IndexMismatch when it was made for another model, IndexUnavailable when another
        process has it open, StorageFull when the disk has no room for it.
        """
        made_for = MadeFor(model, dimension)
        with engine.own_errors():
            taken = CollectionFolder.open(
                folder, collection, made_for, lambda path: shards.create_shard(path, dimension)
            )
            try:
                index = cls(HeldShard(taken, dimension), collection, made_for)
            except BaseException:
                taken.release()
                raise
        index._tidier.look()
        return index

    def tidy(self) -> None:
        """Now, and beside all else; else it is done when it pays."""
        self._tidier.tidy()

    # Writing

    def put_items(self, items: Sequence[CatalogueItem]) -> None:
        for item in items:
            what = f"product {item.listing.product.id!r}"
            layout.check_stored(item.meaning, self._made_for.dimension, what)
        products = {item.listing.product.id: item.listing.product for item in items}
        with self._changing(products) as shard:
            points = [engine.record_point(item) for item in items]
            for some in engine.batches(products.values()):
                engine.refresh_photos(shard, some)
            for batch in engine.batches(points):
                shard.update(edge.UpdateOperation.upsert_points(batch))

    def put_photos(self, product: Product, photos: Sequence[PhotoVector]) -> None:
        for one in photos:
            layout.check_stored(one.vector, self._made_for.dimension, f"photo {one.photo.key!r}")
        with self._changing([product.id]) as shard:
            record = shard.retrieve([layout.record_id(product.id)], True, False)
            if not record:
                raise ProductNotFound(f"There is no product with the id {product.id!r}.")
            facts = layout.filterable_of(record[0].payload or {})
            points = [engine.photo_point(product.id, one, facts) for one in photos]
            for batch in engine.batches(points):
                shard.update(edge.UpdateOperation.upsert_points(batch))

    def remove_photos(self, product_id: str, keys: Sequence[str]) -> None:
        with self._changing([product_id], TO_REMOVE) as shard:
            points: list[edge.PointId] = [layout.photo_id(product_id, key) for key in keys]
            shard.update(edge.UpdateOperation.delete_points(points))

    def remove(self, product_id: str) -> bool:
        with self._changing([product_id], TO_REMOVE) as shard:
            known = shard.retrieve([layout.record_id(product_id)], False, False)
            its = engine.both(engine.equal(Field.PRODUCT, product_id))
            shard.update(edge.UpdateOperation.delete_points_by_filter(its))
            return bool(known)

    # Reading

    def get(self, product_id: str) -> Listing | None:
        with self._held.reading() as shard:
            return engine.listings(shard, [product_id]).get(product_id)

    def listings(self, product_ids: Sequence[str]) -> dict[str, Listing]:
        with self._held.reading() as shard:
            return engine.listings(shard, product_ids)

    def vectors(self, product_ids: Sequence[str]) -> dict[str, Vectors]:
        with self._held.reading() as shard:
            points = [
                point
                for some in engine.batches(dict.fromkeys(product_ids))
                for point in engine.scroll(
                    shard, engine.both(engine.any_of(Field.PRODUCT, some)), with_vector=True
                )
            ]
        return layout.vectors_of((one.payload or {}, engine.vector_of(one)) for one in points)

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
        where = engine.satisfying(filters)
        very_many = self._held.very_many
        pending = {n: _first_fetch(probe, limit) for n, probe in enumerate(probes) if limit > 0}
        found: dict[int, list[Match]] = {}
        with self._held.reading() as shard:
            while pending:
                asked = list(pending.items())
                answers = shard.query_batch(
                    edge.QueryBatchRequest(
                        [
                            engine.request(
                                probes[n], where, fetch, exclude, among_very_many=very_many
                            )
                            for n, fetch in asked
                        ]
                    )
                )
                for (n, fetch), answer in zip(asked, answers, strict=True):
                    points = with_ties(answer, limit) if isinstance(probes[n], ByWords) else answer
                    named = self._names.matches(shard, points)
                    removed = len(points) - len(named)
                    order = ranked(named, fetch - removed, limit)
                    if order is None:
                        pending[n] = next_fetch(fetch)
                    else:
                        found[n] = order
                        del pending[n]
        return [found.get(n, []) for n in range(len(probes))]

    def photo_scores(self, vector: Vector, product_ids: Sequence[str]) -> dict[str, Match]:
        layout.check_numbers(vector, self._made_for.dimension, "the query")
        best: list[Match] = []
        with self._held.reading() as shard:
            for some in engine.batches(dict.fromkeys(product_ids)):
                theirs = engine.any_of(Field.PRODUCT, some)
                enough = shard.count(edge.CountRequest(filter=engine.both(theirs))) + 1
                points = shard.query(engine.request(ByPhotos(vector), [theirs], enough))
                best.extend(ranked(self._names.matches(shard, points), enough, len(some)) or ())
        return {match.product_id: match for match in best}

    def page(self, limit: int, cursor: str | None = None, category: str | None = None) -> Page:
        of_category = [] if category is None else [engine.equal(Field.CATEGORY, category)]
        request = edge.ScrollRequest(
            offset=None if cursor is None else layout.place(cursor),
            limit=limit,
            filter=engine.both(engine.RECORDS, *of_category),
            with_payload=[Field.PRODUCT],
        )
        with self._held.reading() as shard:
            records, beyond = shard.scroll(request)
            product_ids = [(record.payload or {})[Field.PRODUCT] for record in records]
            known = engine.listings(shard, product_ids)
        listings = tuple(known[one] for one in product_ids if one in known)
        return Page(listings, None if beyond is None else str(beyond))

    def count(self, filters: Filters) -> int:
        where = engine.both(engine.RECORDS, *engine.satisfying(filters))
        with self._held.reading() as shard:
            return shard.count(edge.CountRequest(filter=where))

    def count_by(self, facet: str, filters: Filters) -> dict[str, int]:
        where = engine.both(engine.RECORDS, *engine.satisfying(filters))
        field = layout.counted_field(facet)
        with self._held.reading() as shard:
            return layout.values_of(facet, engine.counts(shard, field, where, self._held.indexed))

    def status(self) -> IndexStatus:
        with self._held.reading() as shard:
            products, photos = (
                shard.count(edge.CountRequest(filter=engine.both(kind)))
                for kind in (engine.RECORDS, engine.PHOTOS)
            )
        return IndexStatus(
            name=self._collection,
            products=products,
            photos=photos,
            points=products + photos,
            dimension=self._made_for.dimension,
            model=self._made_for.model,
        )

    def close(self) -> None:
        """Idempotent. Waits for the write that is under way."""
        self._tidier.close()
        self._held.close()

    @contextmanager
    def _changing(
        self, product_ids: Collection[str], need: Need = TO_WRITE
    ) -> Iterator[edge.EdgeShard]:
        with self._held.changing(product_ids, need) as shard:
            yield shard
        self._tidier.look()


def _first_fetch(probe: Probe, limit: int) -> int:
    """Words' ties are long, and points are cheap without what they carry: at once to their end."""
    return max(limit, DEEPEST_TIE) if isinstance(probe, ByWords) else first_fetch(probe, limit)
