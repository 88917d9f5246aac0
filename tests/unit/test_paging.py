"""Pages of whatever sizes, one after the other, are one long answer."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.ports import CatalogueItem, PhotoVector, VectorIndex
from core.product import Listing, Photo, Product, Vector
from core.query import MAX_WINDOW, Hit, Query
from core.query_vectors import Meaning
from core.ranking import Ranking
from core.words import of_product
from tests.contract.indexes import DIMENSION, INDEXES

WORDS = ["red", "blue", "oak", "steel", "mug", "lamp", "chair", "plain", "striped", "small"]
QUERIES: dict[str, Query] = {
    "words": Query(words="red striped mug"),
    "spread": Query(words="red striped mug", diversity=0.6),
    "good enough": Query(words="red striped mug", score_threshold=0.1),
    "both": Query(words="red striped mug", score_threshold=0.1, diversity=0.6),
    "hardly any": Query(words="red striped mug", score_threshold=0.55),
    "a photo": Query(words="red striped mug", photo=b"a photo", diversity=0.3),
}
SIZES = [[100], [20], [61], [*[7] * 9, 90], [59, 2, 100], [1, 100, 33]]


class Catalogue:
    """Products drawn by chance, of which all, many, few or none are without a photo."""

    def __init__(self, index: VectorIndex, seed: int) -> None:
        drawn, self._numbers = random.Random(seed), np.random.default_rng(seed)
        self.ranking = Ranking(index)
        words = self.vector()
        self.meant = Meaning(looks=words, words=words)
        items = []
        for number in range([250, 100, 30][seed % 3]):
            name = " ".join(drawn.sample(WORDS, 3))
            product = Product(id=f"p{number}", name=name)
            # Texts are nearer to each other than to photos.
            meaning = self.near(words, 1.5)
            items.append(CatalogueItem(Listing(product=product), meaning, of_product(product)))
        index.put_items(items)
        bare = [0.3, 0.03, 0, 1][seed % 4]
        for item in items:
            product = item.listing.product
            for place in range(0 if drawn.random() < bare else drawn.choice([1, 2])):
                photo = Photo(key=f"images/{product.id}/{place}.jpg", url="", version="1")
                index.put_photos(product, [PhotoVector(photo, self.near(words, 0.1))])

    def vector(self) -> Vector:
        return _unit(self._numbers.normal(size=DIMENSION))

    def near(self, other: Vector, share: float) -> Vector:
        return _unit(share * other + self.vector())

    def page(self, query: Query, offset: int, top_k: int) -> tuple[Hit, ...]:
        asked = {name: getattr(query, name) for name in query.__struct_fields__}
        asked |= {"offset": offset, "top_k": top_k}
        return self.ranking.hits(Query(**asked), self.meant)

    def pages(self, query: Query, sizes: list[int]) -> list[Hit]:
        """Until one is not full."""
        hits: list[Hit] = []
        while True:
            size = sizes.pop(0) if len(sizes) > 1 else sizes[0]
            size = min(size, MAX_WINDOW - len(hits))
            page = self.page(query, len(hits), size)
            hits += page
            if len(page) < size or len(hits) == MAX_WINDOW:
                return hits


def _unit(numbers: Any) -> Vector:
    unit: Vector = (numbers / np.linalg.norm(numbers)).astype(np.float32)
    return unit


def ids(hits: Iterable[Hit]) -> list[str]:
    return [hit.product.id for hit in hits]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("kind", ["memory", "embedded"])
def test_pages_repeat_and_skip_nothing(kind: str, seed: int, tmp_path: Path) -> None:
    make: Callable[[Path], VectorIndex] = INDEXES[kind]
    with closing(make(tmp_path)) as index:
        catalogue = Catalogue(index, seed)
        for name, query in QUERIES.items():
            whole = ids(catalogue.page(query, 0, MAX_WINDOW))
            assert len(set(whole)) == len(whole), name
            for sizes in SIZES:
                assert ids(catalogue.pages(query, sizes[:])) == whole, (name, sizes)
