"""Our questions in the words of Qdrant's REST interface, and its answers as we read them."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from http import HTTPStatus
from math import isfinite
from typing import Any

import msgspec

from core.errors import InvalidRequest
from core.ports import ByPhotos, ByWords, CatalogueItem, Match, PhotoVector, Probe
from core.query import Filters
from core.stores import qdrant_payload as layout
from core.stores.qdrant_payload import PHOTO, RECORD, Field, MadeFor, Payload
from core.stores.qdrant_wire import Refused, reading
from core.words import Lexical

Json = dict[str, Any]

WORDS = "words"
OVERSAMPLING = 2.0
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


class Point(msgspec.Struct):
    id: str
    payload: Payload | None = None
    vector: Json | None = None
    score: float = 0.0

    @property
    def carries(self) -> Payload:
        return self.payload or {}


class _Page(msgspec.Struct):
    points: list[Point]
    next_page_offset: str | None = None


class _Found(msgspec.Struct):
    points: list[Point]


class _Count(msgspec.Struct):
    count: int


class _Value(msgspec.Struct):
    value: str
    count: int


class _Values(msgspec.Struct):
    hits: list[_Value]


DONE = reading(object)
POINTS = reading(list[Point])
PAGE = reading(_Page)
FOUND = reading(list[_Found])
COUNT = reading(_Count)
VALUES = reading(_Values)


def plain(name: str) -> str:
    """The name in letters that Qdrant takes in names of its own."""
    return _UNSAFE.sub("-", name)


def clip(made_for: MadeFor) -> str:
    """The name of the vector that photos and meanings share, as in the embedded engine and for its
    reason: a place is kept for every vector on every point.

    It says what it was made for. So when the collection under our name is another one all of a
    sudden, made for another model, Qdrant itself refuses our vectors: to be compared, and to be
    kept.
    """
    return f"clip-{made_for.layout}-{plain(made_for.model)}"


def collection(made_for: MadeFor, large: bool) -> Json:
    """What a collection is made with. A large one is searched by a byte a number, in memory, and
    the best found are scored again by the whole vectors, which then lie on disk."""
    vector = {"size": made_for.dimension, "distance": "Cosine", "on_disk": large}
    # IDF is the server's: a word counts the more, the fewer products have it.
    config: Json = {
        "vectors": {clip(made_for): vector},
        "sparse_vectors": {WORDS: {"modifier": "idf"}},
        "on_disk_payload": True,
    }
    if large:
        scalar = {"type": "int8", "quantile": 0.99, "always_ram": True}
        config["quantization_config"] = {"scalar": scalar}
    return config


def record_point(item: CatalogueItem, clip: str) -> Json:
    vectors: Json = {clip: item.meaning.tolist()}
    if item.lexical:
        vectors[WORDS] = _sparse(item.lexical)
    product_id = item.listing.product.id
    return point(str(layout.record_id(product_id)), vectors, layout.record_payload(item.listing))


def photo_point(product_id: str, one: PhotoVector, facts: Payload, clip: str) -> Json:
    return point(
        str(layout.photo_id(product_id, one.photo.key)),
        {clip: one.vector.tolist()},
        layout.photo_payload(product_id, one.photo, facts),
    )


def point(point_id: str, vectors: Json, payload: Payload) -> Json:
    return {"id": point_id, "vector": vectors, "payload": payload}


def vector_of(one: Point, clip: str) -> list[float]:
    vector: list[float] | None = (one.vector or {}).get(clip)
    if vector is None:
        raise Refused(HTTPStatus.BAD_REQUEST, f"a point without a vector {clip!r}")
    return vector


def matches(points: Sequence[Point]) -> list[Match]:
    return [
        Match(product_id, point.score, key)
        for point in points
        for product_id, key in [layout.owner_of(point.carries)]
    ]


def request(
    probe: Probe, clip: str, where: Sequence[Json], limit: int, exclude: Sequence[str] = ()
) -> Json:
    body: Json = {"limit": limit, "with_payload": [Field.PRODUCT, Field.PHOTO]}
    if isinstance(probe, ByWords):
        must = list(where)
        body |= {
            "query": {"nearest": _sparse(probe.lexical)},
            "using": WORDS,
            "params": _LIVE_WORDS,
        }
    else:
        must = [PHOTOS if isinstance(probe, ByPhotos) else RECORDS, *where]
        body |= {
            "query": {"nearest": probe.vector.tolist()},
            "using": clip,
            "params": _WHOLE_VECTORS,
        }
    body["filter"] = both(*must)
    if exclude:
        body["filter"]["must_not"] = [any_of(Field.PRODUCT, exclude)]
    return body


def satisfying(filters: Filters) -> list[Json]:
    """The conditions that say the same, all of which must hold."""
    must: list[Json] = []
    if filters.categories:
        must.append(any_of(Field.CATEGORY, filters.categories))
    bounds = {"gte": filters.price_min, "lte": filters.price_max}
    stated = {name: bound for name, bound in bounds.items() if bound is not None}
    if stated:
        must.append({"key": Field.PRICE, "range": {n: _number(b) for n, b in stated.items()}})
    must.extend(any_of(Field.FACTS, choices) for choices in layout.fact_choices(filters))
    if filters.in_stock is not None:
        must.append(equal(Field.IN_STOCK, layout.stock_word(filters.in_stock)))
    return must


def equal(field: Field, value: str) -> Json:
    return {"key": field, "match": {"value": value}}


def any_of(field: Field, values: Collection[str]) -> Json:
    return {"key": field, "match": {"any": list(values)}}


def both(*conditions: Json) -> Json:
    return {"must": list(conditions)}


RECORDS = equal(Field.KIND, RECORD)
PHOTOS = equal(Field.KIND, PHOTO)
_LIVE_WORDS: Json = {"idf": {"corpus": both(RECORDS)}}
"""Left alone, the server also counts the words of points that were deleted or replaced, for as
long as they lie in its index, so that a word's weight would drift with every change."""
_WHOLE_VECTORS: Json = {"quantization": {"rescore": True, "oversampling": OVERSAMPLING}}
"""For a large collection; any other ignores it."""


def _number(bound: float) -> float:
    if not isfinite(bound):  # it would be sent as null, which is no bound at all
        raise InvalidRequest("A price to filter by is not a finite number.")
    return bound


def _sparse(lexical: Lexical) -> Json:
    return {"indices": lexical.indices, "values": lexical.values}
