"""What the bucket says of a product, and against whose word it stands."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from core.product import Product
from tests.indexing_bench import Bench
from tests.photos import jpeg


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.mark.parametrize("facts_first", [True, False])
def test_a_sidecar_counts_before_or_after_the_photo(bench: Bench, facts_first: bool) -> None:
    steps: list[Callable[[], None]] = [
        lambda: bench.facts("images/mug.json", name="Fine mug", price=9),
        lambda: bench.drop("images/mug.jpg", jpeg(1)),
    ]
    for step in steps if facts_first else reversed(steps):
        step()
        bench.indexing.settle("mug")
    assert bench.get("mug").product == Product(id="mug", name="Fine mug", price=9)


def test_a_sidecar_alone_is_no_product(bench: Bench) -> None:
    bench.facts("images/mug.json", name="Mug")
    assert not bench.indexing.settle("mug").changed
    assert bench.index.get("mug") is None


def test_a_sidecar_that_goes_takes_its_facts_along(bench: Bench) -> None:
    bench.drop("images/mug.jpg", jpeg(1))
    bench.facts("images/mug.json", name="Mug", price=3)
    bench.indexing.settle("mug")
    bench.photos.delete("images/mug.json")
    bench.indexing.settle("mug")
    assert bench.get("mug").product == Product(id="mug", name="mug")


def test_the_latest_word_counts_between_the_api_and_a_sidecar(bench: Bench) -> None:
    bench.drop("images/mug.jpg", jpeg(1))
    bench.facts("images/mug.json", name="By sidecar")
    bench.indexing.settle("mug")
    bench.indexing.put_product(Product(id="mug", name="By API"))
    bench.indexing.settle("mug")
    assert bench.get("mug").product.name == "By API"
    bench.facts("images/mug.json", name="By sidecar again")
    bench.indexing.settle("mug")
    assert bench.get("mug").product.name == "By sidecar again"


def test_a_broken_sidecar_is_reported_and_the_photo_found_all_the_same(bench: Bench) -> None:
    bench.drop("images/mug.jpg", jpeg(1))
    bench.drop("images/mug.json", b"{")
    bench.indexing.settle("mug")
    assert bench.get("mug").product.name == "mug"
    assert [r.key for r in bench.indexing.rejected()] == ["images/mug.json"]
    assert not bench.indexing.settle("mug").changed


def test_metadata_count_more_than_a_sidecar_and_fields_apart(bench: Bench) -> None:
    bench.facts("images/mug.json", name="By sidecar", price=3, category="mugs")
    bench.photos.put("images/mug/b.jpg", jpeg(1), "image/jpeg", {"name": "Older", "price": "4"})
    bench.photos.put("images/mug/a.jpg", jpeg(2), "image/jpeg", {"name": "Newer"})
    bench.indexing.settle("mug")
    told = Product(id="mug", name="Newer", price=4, category="mugs")
    assert bench.get("mug").product == told
    bench.photos.delete("images/mug/a.jpg")
    bench.indexing.settle("mug")
    assert bench.get("mug").product == msgspec.structs.replace(told, name="Older")
    bench.photos.put("images/mug/b.jpg", jpeg(1), "image/jpeg")
    bench.indexing.settle("mug")
    assert bench.get("mug").product == Product(
        id="mug", name="By sidecar", price=3, category="mugs"
    )


def test_the_latest_word_counts_between_the_api_and_metadata(bench: Bench) -> None:
    bench.indexing.put_product(Product(id="mug", name="Told mug", price=5))
    bench.photos.put("images/mug/a.jpg", jpeg(1), "image/jpeg", {"price": "6"})
    bench.indexing.settle("mug")
    assert bench.get("mug").product == Product(id="mug", name="Told mug", price=6)
    bench.indexing.put_product(Product(id="mug", name="Told mug", price=7))
    bench.drop("images/mug/b.jpg", jpeg(2))
    bench.indexing.settle("mug")
    assert bench.get("mug").product.price == 7
    bench.photos.put("images/mug/a.jpg", jpeg(1), "image/jpeg", {"price": "8"})
    bench.indexing.settle("mug")
    assert bench.get("mug").product.price == 8
