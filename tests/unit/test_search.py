from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from core.errors import InvalidRequest, ModelUnavailable, ProductNotFound, QueryEmpty
from core.indexing import Indexing
from core.ports import WordsVector
from core.product import Product, Vector
from core.query import Crop, Filters, Query, QueryType
from core.search import Search
from core.stores.memory_cache import MemoryCache
from tests.fakes.memory_index import MemoryIndex
from tests.fakes.memory_photos import MemoryPhotos
from tests.fakes.toy_embedder import ToyEmbedder
from tests.photos import jpeg


class CountingEmbedder:
    """The toy embedder, counting what it is asked."""

    def __init__(self) -> None:
        self._toy = ToyEmbedder()
        self.model = self._toy.model
        self.dimension = self._toy.dimension
        self.asked: list[str] = []
        self.broken = False

    def words(self, text: str) -> WordsVector:
        self.asked.append(text)
        if self.broken:
            raise ModelUnavailable("The model does not work at the moment.")
        return self._toy.words(text)

    def photo(self, data: bytes, crop: Crop | None = None) -> Vector:
        self.asked.append("photo")
        return self._toy.photo(data, crop)


class Shopfront:
    """A small shop of fakes: four products, one of them without a photo."""

    def __init__(self, cache_ttl: int = 60) -> None:
        self.embedder = CountingEmbedder()
        self.index = MemoryIndex(self.embedder.model, self.embedder.dimension)
        self.photos = MemoryPhotos()
        cache = MemoryCache()
        self.indexing = Indexing(self.embedder, self.index, self.photos, cache, "products")
        self.search = Search(self.embedder, self.index, cache, "products", cache_ttl)
        for number, name in enumerate(["Red mug", "Blue mug", "Oak chair"]):
            product = Product(id=f"p{number}", name=name, category=name.split()[1], price=number)
            self.indexing.put_product(product)
            self.photos.put(f"images/p{number}/a.jpg", jpeg(number), "image/jpeg")
            self.photos.put(f"images/p{number}/b.jpg", jpeg(number + 50), "image/jpeg")
            self.indexing.settle(f"p{number}")
        self.indexing.put_product(Product(id="card", name="Gift card", price=25))
        self.embedder.asked.clear()

    def ids(self, query: Query) -> list[str]:
        return [hit.product.id for hit in self.search.answer(query).hits]


@pytest.fixture
def shop() -> Shopfront:
    return Shopfront()


def test_a_photo_finds_its_product_once_and_says_which_photo_matched(shop: Shopfront) -> None:
    answer = shop.search.answer(Query(photo=jpeg(51)))
    assert answer.type is QueryType.IMAGE
    best = answer.hits[0]
    assert best.product.id == "p1"
    assert best.matched is not None and best.matched.key == "images/p1/b.jpg"
    assert best.photo is not None and best.photo.key == "images/p1/a.jpg"
    assert best.similarity == pytest.approx(1, abs=1e-3)
    assert len({hit.product.id for hit in answer.hits}) == len(answer.hits) == 3


def test_a_part_of_a_photo_is_another_question(shop: Shopfront) -> None:
    whole, left, again = Query(photo=jpeg(51)), Crop(0, 0, 0.4, 1), Crop(0, 0, 0.4, 1)
    crops = (None, left, again, Crop(0.1, 0, 0.4, 1))
    scores = [shop.search.answer(replace(whole, crop=crop)).hits[0].similarity for crop in crops]
    assert scores[1] == scores[2]
    assert len(set(scores)) == 3
    assert shop.embedder.asked == ["photo"] * 3


def test_a_crop_is_of_a_photo(shop: Shopfront) -> None:
    with pytest.raises(InvalidRequest, match="crop"):
        shop.search.answer(Query(words="mug", crop=Crop(0, 0, 1, 1)))


def test_words_find_products_by_what_they_say(shop: Shopfront) -> None:
    assert shop.ids(Query(words="blue mugs"))[0] == "p1"
    assert shop.ids(Query(words="oak chair"))[0] == "p2"


def test_a_product_without_a_photo_is_found_by_its_words_and_does_not_crowd_out(
    shop: Shopfront,
) -> None:
    answer = shop.search.answer(Query(words="gift card"))
    assert answer.hits[0].product.id == "card"
    assert answer.hits[0].photo is None
    assert answer.hits[0].matched is None
    assert shop.ids(Query(words="red mug"))[0] == "p0"


def test_every_word_hit_with_a_photo_is_scored_by_its_best_photo(shop: Shopfront) -> None:
    words = shop.embedder.words("red mug").vector
    for hit in shop.search.answer(Query(words="red mug")).hits:
        photos, meaning = shop.index.vectors([hit.product.id])[hit.product.id]
        assert meaning is not None
        expected = max((float(words @ v) for v in photos), default=float(words @ meaning))
        assert hit.similarity == pytest.approx(expected, abs=1e-5)


def test_image_weight_turns_from_the_words_to_the_photo(shop: Shopfront) -> None:
    scores = [
        shop.search.answer(Query(words="zebra", photo=jpeg(0), image_weight=weight))
        .hits[0]
        .similarity
        for weight in (1.0, 0.5)
    ]
    photo = shop.embedder.photo(jpeg(0))
    words = shop.embedder.words("zebra").vector
    mixed = 0.5 * photo + 0.5 * words
    best = max(float(mixed @ v) for p in ("p0", "p1", "p2") for v in shop.index.vectors([p])[p][0])
    assert scores[0] == pytest.approx(1, abs=1e-3)
    assert scores[1] == pytest.approx(best / float(np.linalg.norm(mixed)), abs=1e-4)


def test_a_product_finds_its_likes_and_never_itself(shop: Shopfront) -> None:
    found = shop.ids(Query(more_like=("p0",)))
    assert sorted(found) == ["p1", "p2"]
    assert shop.ids(Query(more_like=("card",))), (
        "a product without a photo is compared by its words"
    )
    with pytest.raises(ProductNotFound):
        shop.search.answer(Query(more_like=("nobody",)))


def test_filters_hold_for_every_kind_of_query(shop: Shopfront) -> None:
    cheap = Filters(price_max=1)
    assert set(shop.ids(Query(words="mug", filters=cheap))) == {"p0", "p1"}
    assert set(shop.ids(Query(photo=jpeg(2), filters=cheap))) == {"p0", "p1"}
    assert shop.ids(Query(more_like=("p0",), filters=cheap)) == ["p1"]


def test_pages_follow_each_other_without_gap_or_repeat(shop: Shopfront) -> None:
    for query in (Query(words="mug"), Query(photo=jpeg(1))):
        whole = shop.ids(query)
        paged = [shop.ids(replace(query, top_k=1, offset=n)) for n in range(len(whole))]
        assert [i for page in paged for i in page] == whole


def test_a_threshold_drops_what_is_below_it(shop: Shopfront) -> None:
    assert shop.ids(Query(photo=jpeg(0), score_threshold=0.999)) == ["p0"]
    assert shop.ids(Query(words="mug", score_threshold=1.0)) == []


@pytest.mark.parametrize(
    ("query", "error"),
    [
        (Query(), QueryEmpty),
        (Query(words="a", offset=995, top_k=10), InvalidRequest),
    ],
)
def test_a_query_that_makes_no_sense_is_refused(
    shop: Shopfront, query: Query, error: type[Exception]
) -> None:
    with pytest.raises(error):
        shop.search.answer(query)


def test_a_repeated_query_is_recalled_until_the_catalogue_changes(shop: Shopfront) -> None:
    assert [shop.search.answer(Query(words="mug")).cache for _ in range(2)] == ["miss", "hit"]
    assert shop.embedder.asked == ["mug"]
    shop.indexing.put_product(Product(id="new", name="Mug"))
    shop.embedder.asked.clear()
    answer = shop.search.answer(Query(words="mug"))
    assert answer.cache == "miss"
    assert "new" in {hit.product.id for hit in answer.hits}
    assert shop.embedder.asked == [], "the text's own vector outlives the change"


def test_a_model_that_works_again_is_used_again(shop: Shopfront) -> None:
    shop.embedder.broken = True
    without = shop.search.answer(Query(words="red mug"))
    assert (without.degraded, without.cache) == (True, "miss")
    assert [hit.product.id for hit in without.hits] == ["p0", "p1"]
    shop.embedder.broken = False
    again = shop.search.answer(Query(words="red mug"))
    assert (again.degraded, again.cache) == (False, "miss")


def test_different_questions_never_share_an_answer(shop: Shopfront) -> None:
    base = Query(words="mug")
    others: list[dict[str, Any]] = [
        {"words": "mugs"},
        {"top_k": 1},
        {"offset": 1},
        {"score_threshold": 0.1},
        {"filters": Filters(price_max=0)},
        {"filters": Filters(categories=("mug",))},
        {"filters": Filters(in_stock=True)},
        {"photo": jpeg(0)},
        {"photo": jpeg(0), "image_weight": 0.7},
        {"more_like": ("p0",)},
        {"less_like": ("p0",)},
        {"less_words": "red"},
        {"facets": ("category",)},
    ]
    shop.search.answer(base)
    assert [shop.search.answer(replace(base, **o)).cache for o in others] == ["miss"] * len(others)


def test_without_a_ttl_nothing_is_kept() -> None:
    shop = Shopfront(cache_ttl=0)
    assert [shop.search.answer(Query(words="mug")).cache for _ in range(2)] == ["off", "off"]


def test_a_crowd_with_one_question_is_answered_by_one_search() -> None:
    shop = Shopfront()
    searches = 0
    ready = threading.Barrier(8)
    ask = shop.index.search

    def counted(*args: Any, **kwargs: Any) -> Any:
        nonlocal searches
        searches += 1
        threading.Event().wait(0.2)
        return ask(*args, **kwargs)

    shop.index.search = counted  # type: ignore[method-assign]

    def shopper() -> None:
        ready.wait()
        shop.search.answer(Query(words="red mug"))

    crowd = [threading.Thread(target=shopper) for _ in range(8)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert searches == 1
