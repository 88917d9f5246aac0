"""Answers that this process has in memory, and which of them may be told at once."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from core.product import Product
from core.query import Query
from core.search import Search
from core.stores.memory_cache import MemoryCache
from tests.photos import jpeg
from tests.unit.test_search import Shopfront


@pytest.fixture
def shop() -> Shopfront:
    return Shopfront()


def test_an_answer_is_at_hand_until_the_catalogue_changes(shop: Shopfront) -> None:
    asked = Query(words="mug")
    assert shop.search.at_hand(asked) is None
    first = shop.search.answer(asked)
    again = shop.search.at_hand(asked)
    assert again is not None
    assert replace(again, timings={}) == replace(first, timings={}, cache="hit")
    assert list(again.timings) == ["cache_ms"]
    assert shop.search.tally.hit_rate == 0.5
    shop.indexing.put_product(Product(id="other", name="Another mug"))
    assert shop.search.at_hand(asked) is None


def test_of_a_photo_nothing_is_at_hand(shop: Shopfront) -> None:
    asked = Query(photo=jpeg(51))
    assert shop.search.answer(asked).cache == "miss"
    assert shop.search.at_hand(asked) is None
    assert shop.search.answer(asked).cache == "hit"


def test_a_cache_that_others_share_is_not_looked_into(shop: Shopfront) -> None:
    class Shared(MemoryCache):
        at_hand = False

    asked = Query(words="mug")
    search = Search(shop.embedder, shop.index, Shared(), "products", cache_ttl=60)
    assert [search.answer(asked).cache for _ in range(2)] == ["miss", "hit"]
    assert search.at_hand(asked) is None
