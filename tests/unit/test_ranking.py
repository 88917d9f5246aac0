"""What is ranked is light: listings are read last, and of the hits that are shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from core.ports import Match
from core.product import Listing
from core.query import Hit, Query
from core.query_vectors import Meaning
from core.ranking import Ranking
from core.words import in_common, of_product, of_query
from tests.contract.indexes import DIMENSION, MODEL, axis, item, leaning, photo
from tests.fakes.memory_index import MemoryIndex

MEANT = Meaning(looks=axis(1), words=axis(1))
WORDS = Query(words="red mug", top_k=3, offset=2)


class Watched(MemoryIndex):
    """Notes whose listings are read, and may change between ranking and reading."""

    def __init__(self) -> None:
        super().__init__(MODEL, DIMENSION)
        self.read: list[list[str]] = []
        self.once_ranked: Callable[[], object] = lambda: None
        for n in range(9):
            one = item(f"p{n}", "Red mug" + " plain" * (n % 2), leaning(1, n / 10))
            self.put_items([one])
            names = ("0.jpg", "1.jpg") if n != 4 else ()
            photos = [photo(f"{one.listing.product.id}/{k}", leaning(1, n / 10)) for k in names]
            self.put_photos(one.listing.product, photos)

    def search(self, *args: Any, **more: Any) -> list[list[Match]]:
        found = super().search(*args, **more)
        self.once_ranked()
        return found

    def get(self, product_id: str) -> Listing | None:
        raise AssertionError("one at a time")

    def listings(self, product_ids: Sequence[str]) -> dict[str, Listing]:
        self.read.append(list(product_ids))
        return super().listings(product_ids)


@pytest.fixture
def index() -> Watched:
    return Watched()


def ids(hits: Sequence[Hit]) -> list[str]:
    return [hit.product.id for hit in hits]


@pytest.mark.parametrize(
    "query",
    [
        WORDS,
        Query(words="red mug", top_k=3, offset=2, score_threshold=0.1),
        Query(words="red mug", top_k=3, offset=2, diversity=0.5),
        Query(words="red mug", photo=b"a photo", top_k=3, offset=2),
        Query(photo=b"a photo", top_k=3, offset=2),
    ],
)
def test_the_listings_read_are_those_that_are_shown(index: Watched, query: Query) -> None:
    words = axis(1) if query.words else None
    hits = Ranking(index).hits(query, Meaning(looks=axis(1), words=words))
    assert len(hits) == 3
    assert index.read == [ids(hits)]


def test_where_nothing_is_found_nothing_is_read(index: Watched) -> None:
    assert Ranking(index).hits(Query(words="red mug", offset=50), MEANT) == ()
    assert index.read == []


def test_one_removed_since_it_was_ranked_is_left_out(index: Watched) -> None:
    before = ids(Ranking(index).hits(WORDS, MEANT))
    index.once_ranked = lambda: index.remove(before[1])
    assert ids(Ranking(index).hits(WORDS, MEANT)) == [before[0], before[2]]


def test_of_a_photo_removed_since_it_was_ranked_nothing_is_told(index: Watched) -> None:
    first, *_ = Ranking(index).hits(WORDS, MEANT)
    assert first.matched is not None and first.matched.key.endswith("/0.jpg")
    key = first.matched.key
    index.once_ranked = lambda: index.remove_photos(first.product.id, [key])
    now, *_ = Ranking(index).hits(WORDS, MEANT)
    assert (now.product, now.matched) == (first.product, None)
    assert now.photo is not None and now.photo.key.endswith("/1.jpg")


def test_hits_without_a_photo_are_scored_by_their_words(index: Watched) -> None:
    hits = Ranking(index).hits(Query(words="red mug", top_k=9), MEANT)
    told = {hit.product.id: (hit.matched, hit.similarity) for hit in hits}
    assert len(told) == 9
    matched, similarity = told["p4"]
    assert matched is None
    assert similarity == pytest.approx(float(axis(1) @ leaning(1, 0.4)), abs=1e-5)
    assert all(told[one][0] is not None for one in told if one != "p4")


def test_without_a_meaning_the_words_in_common_are_the_likeness(index: Watched) -> None:
    hits = Ranking(index).hits(WORDS, None)
    said = of_query("red mug")
    assert index.read == [ids(hits)]
    assert [hit.similarity for hit in hits] == [
        in_common(said, of_product(hit.product)) for hit in hits
    ]
    assert all(hit.matched is None for hit in hits)
