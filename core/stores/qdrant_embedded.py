"""The VectorIndex of a shop without a server: Qdrant's engine inside this process.

The write-ahead log is on, so a write that returned outlives the process. Search compares with
every vector: milliseconds for a hundred thousand, with no graph to be built and kept.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

import qdrant_edge as edge

from core.errors import IndexUnavailable, ProductNotFound
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
from core.stores.disk import TO_REMOVE, TO_WRITE, Need, insist_on_room
from core.stores.qdrant_folder import CollectionFolder
from core.stores.qdrant_payload import Field, MadeFor
from core.stores.qdrant_ranking import Scored, first_fetch, matches, next_fetch, ranked


class EmbeddedIndex:
    """One collection in one folder. One process may have it open; its threads share it."""

    def __init__(
        self,
        folder: CollectionFolder,
        collection: str,
        made_for: MadeFor,
        shard: edge.EdgeShard,
        indexed: bool,
    ) -> None:
        self._folder = folder
        self._collection = collection
        self._made_for = made_for
        self._open_shard: edge.EdgeShard | None = shard
        self._indexed = indexed
        self._writing = Lock()
        self._process = os.getpid()

    @classmethod
    def open(cls, folder: Path, collection: str, model: str, dimension: int) -> EmbeddedIndex:
        """The collection in `folder`, made if it is not there.

        Raises IndexMismatch when it was made for another model, IndexUnavailable when another
        process has it open, StorageFull when the disk has no room for it.
        """
        made_for = MadeFor(model, dimension)
        with engine.own_errors():
            held = CollectionFolder.open(
                folder, collection, made_for, lambda path: shards.create_shard(path, dimension)
            )
            try:
                shard = shards.open_shard(held.shard, dimension)
                return cls(held, collection, made_for, shard, shards.index_fields(shard))
            except BaseException:
                held.release()
                raise

    # Writing. One at a time: what is written to photos depends on what was read of the record.

    def put_items(self, items: Sequence[CatalogueItem]) -> None:
        for item in items:
            what = f"product {item.listing.product.id!r}"
            layout.check_stored(item.meaning, self._made_for.dimension, what)
        products = {item.listing.product.id: item.listing.product for item in items}
        with self._changing() as shard:
            points = [engine.record_point(item) for item in items]
            for some in engine.batches(products.values()):
                engine.refresh_photos(shard, some)
            for batch in engine.batches(points):
                shard.update(edge.UpdateOperation.upsert_points(batch))

    def put_photos(self, product: Product, photos: Sequence[PhotoVector]) -> None:
        for one in photos:
            layout.check_stored(one.vector, self._made_for.dimension, f"photo {one.photo.key!r}")
        with self._changing() as shard:
            record = shard.retrieve([layout.record_id(product.id)], True, False)
            if not record:
                raise ProductNotFound(f"There is no product with the id {product.id!r}.")
            facts = layout.filterable_of(record[0].payload or {})
            points = [engine.photo_point(product.id, one, facts) for one in photos]
            for batch in engine.batches(points):
                shard.update(edge.UpdateOperation.upsert_points(batch))

    def remove_photos(self, product_id: str, keys: Sequence[str]) -> None:
        with self._changing(TO_REMOVE) as shard:
            points: list[edge.PointId] = [layout.photo_id(product_id, key) for key in keys]
            shard.update(edge.UpdateOperation.delete_points(points))

    def remove(self, product_id: str) -> bool:
        with self._changing(TO_REMOVE) as shard:
            known = shard.retrieve([layout.record_id(product_id)], False, False)
            its = engine.both(engine.equal(Field.PRODUCT, product_id))
            shard.update(edge.UpdateOperation.delete_points_by_filter(its))
            return bool(known)

    # Reading

    def get(self, product_id: str) -> Listing | None:
        with self._shard() as shard:
            return engine.listings(shard, [product_id]).get(product_id)

    def vectors(self, product_ids: Sequence[str]) -> dict[str, Vectors]:
        with self._shard() as shard:
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
        pending = {n: first_fetch(probe, limit) for n, probe in enumerate(probes) if limit > 0}
        found: dict[int, list[Scored]] = {}
        with self._shard() as shard:
            while pending:
                asked = list(pending.items())
                answers = shard.query_batch(
                    edge.QueryBatchRequest(
                        [engine.request(probes[n], where, fetch, exclude) for n, fetch in asked]
                    )
                )
                for (n, fetch), points in zip(asked, answers, strict=True):
                    order = ranked(engine.scored(points), fetch, limit)
                    if order is None:
                        pending[n] = next_fetch(fetch)
                    else:
                        found[n] = order
                        del pending[n]
            known = engine.listings(
                shard, {one.product_id for order in found.values() for one in order}
            )
        return [matches(found.get(n, ()), known) for n in range(len(probes))]

    def photo_scores(self, vector: Vector, product_ids: Sequence[str]) -> dict[str, Match]:
        layout.check_numbers(vector, self._made_for.dimension, "the query")
        best: list[Scored] = []
        with self._shard() as shard:
            for some in engine.batches(dict.fromkeys(product_ids)):
                theirs = engine.any_of(Field.PRODUCT, some)
                enough = shard.count(edge.CountRequest(filter=engine.both(theirs))) + 1
                points = shard.query(engine.request(ByPhotos(vector), [theirs], enough))
                best.extend(ranked(engine.scored(points), enough, len(some)) or ())
            known = engine.listings(shard, [one.product_id for one in best])
        return {match.listing.product.id: match for match in matches(best, known)}

    def page(self, limit: int, cursor: str | None = None, category: str | None = None) -> Page:
        of_category = [] if category is None else [engine.equal(Field.CATEGORY, category)]
        request = edge.ScrollRequest(
            offset=None if cursor is None else layout.place(cursor),
            limit=limit,
            filter=engine.both(engine.RECORDS, *of_category),
            with_payload=[Field.PRODUCT],
        )
        with self._shard() as shard:
            records, beyond = shard.scroll(request)
            product_ids = [(record.payload or {})[Field.PRODUCT] for record in records]
            known = engine.listings(shard, product_ids)
        listings = tuple(known[one] for one in product_ids if one in known)
        return Page(listings, None if beyond is None else str(beyond))

    def count(self, filters: Filters) -> int:
        where = engine.both(engine.RECORDS, *engine.satisfying(filters))
        with self._shard() as shard:
            return shard.count(edge.CountRequest(filter=where))

    def count_by(self, facet: str, filters: Filters) -> dict[str, int]:
        where = engine.both(engine.RECORDS, *engine.satisfying(filters))
        field = layout.counted_field(facet)
        with self._shard() as shard:
            return layout.values_of(facet, engine.counts(shard, field, where, self._indexed))

    def status(self) -> IndexStatus:
        with self._shard() as shard:
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
        with self._writing:
            shard, self._open_shard = self._open_shard, None
            if shard is None or os.getpid() != self._process:
                return
            try:
                with engine.own_errors():
                    shard.close()
            finally:
                self._folder.release()

    @contextmanager
    def _changing(self, need: Need = TO_WRITE) -> Iterator[edge.EdgeShard]:
        with self._shard() as shard, self._writing:
            insist_on_room(self._folder.path, need)
            yield shard
            self._indexed = self._indexed or shards.index_fields(shard)

    @contextmanager
    def _shard(self) -> Iterator[edge.EdgeShard]:
        shard = self._open_shard
        if shard is None:
            raise IndexUnavailable("The index is closed.")
        if os.getpid() != self._process:
            # The engine's threads did not come along through fork(): it would hang, not fail.
            raise IndexUnavailable("The index was opened by the process this one was forked from.")
        with engine.own_errors():
            yield shard
