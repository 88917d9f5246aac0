"""The vector of a product's words is made once for the same words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.indexing import Indexing
from core.ports import Vectors, WordsVector
from core.product import Listing, Product, Vector
from core.query import Crop
from tests.fakes.toy_embedder import ToyEmbedder
from tests.indexing_bench import Bench
from tests.photos import jpeg

MUG = Product(id="mug", name="Blue mug", description="of clay", price=5)


class Counting(ToyEmbedder):
    """Writes down what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str | bytes] = []

    def words(self, text: str) -> WordsVector:
        self.asked.append(text)
        return super().words(text)

    def photo(self, data: bytes, crop: Crop | None = None) -> Vector:
        self.asked.append(data)
        return super().photo(data, crop)


class Counted(Bench):
    def __init__(self) -> None:
        super().__init__()
        self.counting = Counting()
        self.indexing = Indexing(self.counting, self.index, self.photos, self.cache, "products")
        self.drop("images/mug.jpg", jpeg(1))
        self.indexing.put_product(MUG)
        self.indexing.settle("mug")
        self.counting.asked.clear()

    def meaning(self) -> Vector:
        _, meaning = self.index.vectors(["mug"])["mug"]
        assert meaning is not None
        return meaning


def test_a_price_that_changes_embeds_nothing() -> None:
    bench = Counted()
    before = bench.meaning()
    cheaper = Product(id="mug", name="Blue mug", description="of clay", price=4)
    bench.indexing.put_product(cheaper)
    assert bench.counting.asked == []
    assert bench.get("mug").product == cheaper
    assert len(bench.get("mug").photos) == 1
    assert np.array_equal(bench.meaning(), before)


def test_a_sidecar_that_changes_the_price_embeds_nothing() -> None:
    bench = Counted()
    bench.facts("images/mug.json", price=3)
    assert bench.indexing.settle("mug").changed
    assert (bench.counting.asked, bench.get("mug").product.price) == ([], 3)


def test_words_that_change_are_embedded_and_photos_are_not() -> None:
    bench = Counted()
    bench.indexing.put_product(Product(id="mug", name="Red mug", description="of clay", price=5))
    assert bench.counting.asked == ["Red mug. of clay"]
    assert np.array_equal(bench.meaning(), bench.embedder.words("Red mug. of clay").vector)


def test_a_vector_is_not_kept_where_others_put_other_words_meanwhile() -> None:
    bench = Counted()
    vectors = bench.index.vectors

    def overtaken(product_ids: Sequence[str]) -> dict[str, Vectors]:
        bench.index.vectors = vectors  # type: ignore[method-assign]
        bench.restarted().put_product(Product(id="mug", name="Chair"))
        return vectors(product_ids)

    bench.index.vectors = overtaken  # type: ignore[method-assign]
    bench.indexing.put_product(MUG)
    known: Listing = bench.get("mug")
    assert known.product == MUG
    assert np.array_equal(bench.meaning(), bench.embedder.words("Blue mug. of clay").vector)


def test_products_of_the_same_words_embed_them_once() -> None:
    bench = Counted()
    for number in range(3):
        bench.indexing.put_product(Product(id=f"cup-{number}", name="Cup", price=number))
    assert bench.counting.asked == ["Cup."]
    first, last = (bench.index.vectors([one])[one].meaning for one in ("cup-0", "cup-2"))
    assert first is not None
    assert last is not None
    assert np.array_equal(first, last)
