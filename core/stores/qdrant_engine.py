"""Our questions in the embedded engine's words: filters, requests, points, and its failures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar, cast

import numpy as np
import qdrant_edge as edge

from core.errors import IndexUnavailable, InvalidRequest, LikenessError
from core.ports import ByPhotos, ByWords, CatalogueItem, PhotoVector, Probe
from core.product import Listing, Product, Vector
from core.query import Filters
from core.stores import qdrant_payload as layout
from core.stores.qdrant_payload import PHOTO, RECORD, Field, Payload
from core.stores.qdrant_shard import CLIP, WORDS
from core.words import Lexical

BATCH = 256
"""Points a write, and products a look-up: what one call to the engine is given at most."""
_PAGE = 4096


def _compared_exactly(in_view: int) -> edge.SearchParams:
    return edge.SearchParams(
        hnsw_ef=in_view,
        quantization=edge.QuantizationSearchParams(rescore=True, oversampling=2.0),
        acorn=edge.AcornSearchParams(enable=True, max_selectivity=0.1),
    )


_AMONG_MANY, _AMONG_VERY_MANY = _compared_exactly(128), _compared_exactly(256)
"""Of what looks nearest by the copy, twice as many as are wanted are compared as they are. A
filter that leaves less than that share of all points, a fifth of a kind's, cuts the graph's ways:
there neighbours that do not pass it are gone through to theirs, for five times as long."""
_MOST_VALUES = 100_000
T = TypeVar("T")


@contextmanager
def own_errors() -> Iterator[None]:
    """The engine raises bare Exceptions, and panics that only BaseException catches."""
    try:
        yield
    except LikenessError:
        raise
    except (ValueError, TypeError, OverflowError) as error:
        raise InvalidRequest("This holds text or numbers that can't be kept.") from error
    except Exception as error:
        raise IndexUnavailable("The index on disk does not answer.") from error
    except BaseException as error:
        if type(error).__module__ != "pyo3_runtime":
            raise
        raise IndexUnavailable("The index on disk does not answer.") from error


def record_point(item: CatalogueItem) -> edge.Point:
    product_id = item.listing.product.id
    vectors: dict[str, edge.NamedVector] = {CLIP: _dense(item.meaning)}
    if item.lexical:
        vectors[WORDS] = _sparse(item.lexical)
    return edge.Point(layout.record_id(product_id), vectors, layout.record_payload(item.listing))


def photo_point(product_id: str, one: PhotoVector, facts: Payload) -> edge.Point:
    return edge.Point(
        layout.photo_id(product_id, one.photo.key),
        {CLIP: _dense(one.vector)},
        layout.photo_payload(product_id, one.photo, facts),
    )


def request(
    probe: Probe,
    where: Sequence[edge.ConditionType],
    limit: int,
    exclude: Sequence[str] = (),
    *,
    among_very_many: bool = False,
) -> edge.QueryRequest:
    # All conditions side by side: one filter inside another, though empty, costs half as much
    # time again.
    must_not: list[edge.ConditionType] = []
    if exclude:
        must_not.append(any_of(Field.PRODUCT, exclude))
    if isinstance(probe, ByWords):
        return edge.QueryRequest(
            limit=limit,
            query=edge.Query.Nearest(_sparse(probe.lexical), using=WORDS),
            filter=edge.Filter(must=list(where), must_not=must_not),
            with_payload=False,
            params=_LIVE_WORDS,
        )
    kind = PHOTOS if isinstance(probe, ByPhotos) else RECORDS
    return edge.QueryRequest(
        limit=limit,
        query=edge.Query.Nearest(_dense(probe.vector), using=CLIP),
        filter=edge.Filter(must=[kind, *where], must_not=must_not),
        with_payload=False,
        params=_AMONG_VERY_MANY if among_very_many else _AMONG_MANY,
    )


def satisfying(filters: Filters) -> list[edge.ConditionType]:
    """The conditions that say the same, all of which must hold."""
    must: list[edge.ConditionType] = []
    if filters.categories:
        must.append(any_of(Field.CATEGORY, filters.categories))
    if filters.price_min is not None or filters.price_max is not None:
        bounds = edge.RangeFloat(gte=filters.price_min, lte=filters.price_max)
        must.append(edge.FieldCondition(Field.PRICE, range=bounds))
    must.extend(any_of(Field.FACTS, choices) for choices in layout.fact_choices(filters))
    if filters.in_stock is not None:
        must.append(equal(Field.IN_STOCK, layout.stock_word(filters.in_stock)))
    return must


def equal(field: Field, value: str) -> edge.FieldCondition:
    return edge.FieldCondition(field, match=edge.MatchValue(value))


def any_of(field: Field, values: Collection[str]) -> edge.FieldCondition:
    return edge.FieldCondition(field, match=edge.MatchAny(list(values)))


def both(*conditions: edge.ConditionType) -> edge.Filter:
    return edge.Filter(must=list(conditions))


RECORDS = equal(Field.KIND, RECORD)
PHOTOS = equal(Field.KIND, PHOTO)
_LIVE_WORDS = edge.SearchParams(idf=edge.IdfParams(corpus=both(RECORDS)))
"""Left alone, the engine also counts the words of points that were deleted or replaced since it
was opened, so that a word's weight would drift with every change. A stated corpus is counted."""


def scroll(
    shard: edge.EdgeShard, where: edge.Filter, with_vector: bool = False
) -> Iterator[edge.Record]:
    """Every point that satisfies the filter, a page at a time."""
    offset: edge.PointId | None = None
    while True:
        page = edge.ScrollRequest(
            offset=offset, limit=_PAGE, filter=where, with_payload=True, with_vector=with_vector
        )
        records, offset = shard.scroll(page)
        yield from records
        if offset is None:
            return


def counts(
    shard: edge.EdgeShard, field: Field, where: edge.Filter, indexed: bool
) -> Mapping[str, int]:
    """How many points that satisfy the filter have which value."""
    if indexed:
        request = edge.FacetRequest(field, _MOST_VALUES, exact=True, filter=where)
        return {str(hit.value): hit.count for hit in shard.facet(request).hits}
    return Counter(
        value
        for point in scroll(shard, where)
        for value in layout.values_in(point.payload or {}, field)
    )


def listings(shard: edge.EdgeShard, product_ids: Iterable[str]) -> dict[str, Listing]:
    payloads = [
        point.payload or {}
        for some in batches(dict.fromkeys(product_ids))
        for point in scroll(shard, both(any_of(Field.PRODUCT, some)))
    ]
    return layout.listings_of(payloads)


def vector_of(point: edge.Record) -> Vector:
    return np.asarray(cast(dict[str, object], point.vector)[CLIP], np.float32)


def refresh_photos(shard: edge.EdgeShard, products: Sequence[Product]) -> None:
    """Bring what filters see on these products' photos up to date, where it is not.

    Done before the records are written: a process killed in between has not said it was done,
    and doing it again then finds the photos that are left.
    """
    facts = {product.id: layout.filterable(product) for product in products}
    stale: dict[str, list[edge.PointId]] = {}
    for point in scroll(shard, both(any_of(Field.PRODUCT, facts), PHOTOS)):
        payload = point.payload or {}
        product_id = payload[Field.PRODUCT]
        if layout.filterable_of(payload) != facts[product_id]:
            stale.setdefault(product_id, []).append(point.id)
    for product_id, points in stale.items():
        shard.update(edge.UpdateOperation.set_payload(points, facts[product_id]))


def carry_over(old: edge.EdgeShard, new: edge.EdgeShard, product_ids: Collection[str]) -> None:
    """Have the new one say of these products what the old one says."""
    for some in batches(product_ids):
        theirs = both(any_of(Field.PRODUCT, some))
        new.update(edge.UpdateOperation.delete_points_by_filter(theirs))
        points = [
            edge.Point(one.id, cast("edge.Vector", one.vector), one.payload)
            for one in scroll(old, theirs, with_vector=True)
        ]
        for batch in batches(points):
            new.update(edge.UpdateOperation.upsert_points(batch))


def batches(things: Iterable[T]) -> Iterator[list[T]]:
    everything = list(things)
    for start in range(0, len(everything), BATCH):
        yield everything[start : start + BATCH]


def _dense(vector: Vector) -> list[float]:
    return cast("list[float]", vector)  # the engine reads an array as it is; its stubs say list


def _sparse(lexical: Lexical) -> edge.SparseVector:
    return edge.SparseVector(list(lexical.indices), list(lexical.values))
