"""The embedded index against another implementation: qdrant-client's own local mode.

The oracle keeps the same products in its own way (typed attributes in nested objects, booleans as
booleans, grouping by the client) and gets its own translation of the filters, so that a mistake
would have to be made twice to pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qdrant_client import QdrantClient, models

from core.ports import ByMeaning, ByPhotos, ByWords, CatalogueItem, PhotoVector, Probe
from core.product import Listing, Photo, Product, Vector
from core.query import Filters
from core.stores.qdrant_embedded import EmbeddedIndex
from core.words import of_product, of_query

DIMENSION = 8
CLOSE = 1e-4


def _palette() -> list[Vector]:
    drawn = np.random.default_rng(5).normal(size=(7, DIMENSION))
    return list((drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32))


PALETTE = _palette()
CATEGORIES = ["Mugs", "mugs", "Stühle", "a=b"]
WORDS = {"colour": ["red", "Blue", "青"], "size": ["1", "2", "L"], "new": ["true", "false"]}


@dataclass(frozen=True)
class Stocked:
    product: Product
    meaning: Vector
    photos: tuple[Vector, ...]


vectors = st.sampled_from(PALETTE)
prices = st.sampled_from([0.0, 1.0, 5.0, 9.99, 10.0])
names = st.lists(st.sampled_from(["mug", "chair", "oak", "red"]), min_size=1, max_size=3)
attributes = st.fixed_dictionaries(
    {},
    optional={
        "colour": st.lists(st.sampled_from(WORDS["colour"]), max_size=3, unique=True),
        "size": st.sampled_from([1, 2, 2.0, "L"]),
        "new": st.booleans(),
    },
)


def products(product_id: str) -> st.SearchStrategy[Product]:
    return st.builds(
        Product,
        id=st.just(product_id),
        name=names.map(" ".join),
        category=st.none() | st.sampled_from(CATEGORIES),
        price=st.none() | prices,
        attributes=attributes,
        in_stock=st.booleans(),
    )


def stocked(product_id: str) -> st.SearchStrategy[Stocked]:
    photos = st.lists(vectors, max_size=4).map(tuple)
    return st.builds(Stocked, products(product_id), vectors, photos)


catalogues = st.lists(st.sampled_from([f"p{n}" for n in range(14)]), unique=True).flatmap(
    lambda ids: st.tuples(*map(stocked, ids))
)
choices = st.fixed_dictionaries(
    {}, optional={k: st.lists(st.sampled_from(v), min_size=1).map(tuple) for k, v in WORDS.items()}
)
filters = st.builds(
    Filters,
    categories=st.lists(st.sampled_from([*CATEGORIES, "None such"]), max_size=2).map(tuple),
    price_min=st.none() | prices,
    price_max=st.none() | prices,
    attributes=choices.map(lambda chosen: tuple(sorted(chosen.items()))),
    in_stock=st.none() | st.booleans(),
)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedIndex]:
    folder = tmp_path_factory.mktemp("index")
    with closing(EmbeddedIndex.open(folder, "products", "toy", DIMENSION)) as index:
        yield index


@settings(max_examples=60, derandomize=True, deadline=None)
@given(catalogues, st.data())
def test_the_embedded_index_finds_what_the_oracle_finds(
    index: EmbeddedIndex, catalogue: tuple[Stocked, ...], data: st.DataObject
) -> None:
    try:
        for one in catalogue:
            fill(index, one, data.draw(products(one.product.id), label="as it was before"))
        compare(index, Oracle(catalogue), data)
    finally:
        for one in catalogue:
            index.remove(one.product.id)


def compare(index: EmbeddedIndex, oracle: Oracle, data: st.DataObject) -> None:
    probes: list[Probe] = [
        ByPhotos(data.draw(vectors, label="looks")),
        ByMeaning(data.draw(vectors, label="means")),
        ByWords(of_query(" ".join(data.draw(names, label="says")))),
    ]
    for _ in range(3):
        wanted = data.draw(filters, label="filters")
        exclude = data.draw(st.lists(st.sampled_from(["p0", "p1", "p2"])), label="exclude")
        limit = data.draw(st.integers(1, 15), label="limit")
        answers = index.search(probes, wanted, limit, exclude)
        for probe, matches in zip(probes, answers, strict=True):
            found = [(match.product_id, match.score) for match in matches]
            expected = oracle.scores(probe, wanted, exclude)
            best = sorted(expected.values(), reverse=True)[:limit]
            assert [score for _, score in found] == pytest.approx(best, abs=CLOSE)
            assert dict(found) == pytest.approx({i: expected[i] for i, _ in found}, abs=CLOSE)
            assert found == sorted(found, key=lambda one: (-one[1], one[0]))
        assert index.count_by("category", wanted) == oracle.count_by_category(wanted)


def fill(index: EmbeddedIndex, one: Stocked, before: Product) -> None:
    """Not put in one go, but changed until it is what it shall be."""
    old = CatalogueItem(Listing(product=before), PALETTE[0], of_product(before))
    new = CatalogueItem(Listing(product=one.product), one.meaning, of_product(one.product))
    index.put_items([old])
    photos = [PhotoVector(photo(n), vector) for n, vector in enumerate(one.photos)]
    index.put_photos(before, [*photos[1:], PhotoVector(photo(99), PALETTE[1])])
    index.put_items([new])
    index.put_photos(before, photos[:1])
    index.remove_photos(before.id, [photo(99).key])


def photo(number: int) -> Photo:
    return Photo(key=f"{number}.jpg", url="", version="1")


class Oracle:
    def __init__(self, catalogue: tuple[Stocked, ...]) -> None:
        self._client = QdrantClient(":memory:")
        cosine = models.VectorParams(size=DIMENSION, distance=models.Distance.COSINE)
        self._client.create_collection(
            "shop",
            vectors_config={"looks": cosine, "means": cosine},
            sparse_vectors_config={"says": models.SparseVectorParams(modifier=models.Modifier.IDF)},
        )
        if points := [point for one in catalogue for point in _points(one)]:
            self._client.upsert("shop", points)

    def scores(self, probe: Probe, wanted: Filters, exclude: list[str]) -> dict[str, float]:
        query: list[float] | models.SparseVector
        if isinstance(probe, ByWords):
            lexical = probe.lexical
            using, query = (
                "says",
                models.SparseVector(indices=list(lexical.indices), values=list(lexical.values)),
            )
        else:
            using = "looks" if isinstance(probe, ByPhotos) else "means"
            query = probe.vector.tolist()
        must_not: list[models.Condition] = [_is("id", one) for one in exclude]
        groups = self._client.query_points_groups(
            "shop",
            group_by="id",
            query=query,
            using=using,
            query_filter=models.Filter(must=conditions(wanted), must_not=must_not),
            limit=100,
            group_size=1,
        ).groups
        return {str(group.id): group.hits[0].score for group in groups}

    def count_by_category(self, wanted: Filters) -> dict[str, int]:
        where = models.Filter(must=[*conditions(wanted), _is("record", True)])
        hits = self._client.facet("shop", "category", facet_filter=where, limit=100).hits
        return {str(hit.value): hit.count for hit in hits}


def _points(one: Stocked) -> Iterator[models.PointStruct]:
    said = of_product(one.product)
    payload = {
        "id": one.product.id,
        "category": one.product.category,
        "price": one.product.price,
        "in_stock": one.product.in_stock,
        "attributes": [
            {"name": name, "value": one_value}
            for name, value in one.product.attributes.items()
            for one_value in (value if isinstance(value, list) else [value])
        ],
    }
    words = models.SparseVector(indices=list(said.indices), values=list(said.values))
    yield models.PointStruct(
        id=str(uuid4()),
        vector={"means": one.meaning.tolist(), "says": words},
        payload={**payload, "record": True},
    )
    for vector in one.photos:
        yield models.PointStruct(
            id=str(uuid4()), vector={"looks": vector.tolist()}, payload=payload
        )


def _is(key: str, value: str | bool) -> models.FieldCondition:
    return models.FieldCondition(key=key, match=models.MatchValue(value=value))


def conditions(wanted: Filters) -> list[models.Condition]:
    found: list[models.Condition] = []
    if wanted.categories:
        found.append(models.Filter(should=[_is("category", one) for one in wanted.categories]))
    for bound in (models.Range(gte=wanted.price_min), models.Range(lte=wanted.price_max)):
        if bound != models.Range():
            found.append(models.FieldCondition(key="price", range=bound))
    if wanted.in_stock is not None:
        found.append(_is("in_stock", wanted.in_stock))
    for name, values in wanted.attributes:
        either: list[models.Condition] = [_typed(value) for value in values]
        both = models.Filter(must=[_is("name", name)], should=either)
        found.append(models.NestedCondition(nested=models.Nested(key="attributes", filter=both)))
    return found


def _typed(word: str) -> models.Condition:
    """The value itself: 2 is asked for as a number, and then 2.0 is as good."""
    if word in ("true", "false"):
        return _is("value", word == "true")
    if word.isdecimal():
        number = float(word)
        return models.FieldCondition(key="value", range=models.Range(gte=number, lte=number))
    return _is("value", word)
