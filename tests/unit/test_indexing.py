"""The bucket and the index always agree in the end, whatever happened in between."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import IndexUnavailable
from core.indexing import Indexing
from core.ports import PhotoVector
from core.product import Listing, Origin, Product
from core.stores.memory_cache import MemoryCache
from tests.fakes.memory_index import MemoryIndex
from tests.fakes.memory_photos import MemoryPhotos
from tests.fakes.toy_embedder import ToyEmbedder
from tests.photos import jpeg

JUNK = b"no photo at all"


class Bench:
    def __init__(self) -> None:
        self.embedder = ToyEmbedder()
        self.index = MemoryIndex(self.embedder.model, self.embedder.dimension)
        self.photos = MemoryPhotos()
        self.cache = MemoryCache()
        self.indexing = self.restarted()

    def restarted(self) -> Indexing:
        return Indexing(self.embedder, self.index, self.photos, self.cache, "products")

    def drop(self, key: str, data: bytes) -> None:
        self.photos.put(key, data, "application/octet-stream")

    def facts(self, key: str, **facts: Any) -> None:
        self.drop(key, json.dumps(facts).encode())

    def get(self, product_id: str) -> Listing:
        listing = self.index.get(product_id)
        assert listing is not None
        return listing


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_photo_alone_makes_a_product_named_after_its_key(bench: Bench) -> None:
    bench.drop("images/mug.jpg", jpeg(1))
    assert bench.indexing.settle("mug")
    listing = bench.get("mug")
    assert listing.product == Product(id="mug", name="mug")
    assert [photo.key for photo in listing.photos] == ["images/mug.jpg"]
    assert listing.origin is Origin.BUCKET


def test_settling_twice_changes_nothing(bench: Bench) -> None:
    bench.drop("images/mug.jpg", jpeg(1))
    bench.facts("images/mug.json", name="Mug")
    assert [bench.indexing.settle("mug") for _ in range(2)] == [True, False]


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
    assert not bench.indexing.settle("mug")
    assert bench.index.get("mug") is None


def test_a_sidecar_that_goes_takes_its_facts_along(bench: Bench) -> None:
    bench.drop("images/mug.jpg", jpeg(1))
    bench.facts("images/mug.json", name="Mug", price=3)
    bench.indexing.settle("mug")
    bench.photos.delete("images/mug.json")
    bench.indexing.settle("mug")
    assert bench.get("mug").product == Product(id="mug", name="mug")


def test_a_folder_holds_several_photos_and_its_own_facts(bench: Bench) -> None:
    bench.drop("images/mug/a.jpg", jpeg(1))
    bench.drop("images/mug/deep/b.png", jpeg(2))
    bench.facts("images/mug/product.json", name="Mug")
    bench.indexing.settle("mug")
    assert [p.key for p in bench.get("mug").photos] == ["images/mug/a.jpg", "images/mug/deep/b.png"]
    bench.photos.delete("images/mug/a.jpg")
    bench.indexing.settle("mug")
    assert [p.key for p in bench.get("mug").photos] == ["images/mug/deep/b.png"]


def test_the_last_photo_takes_a_bucket_product_with_it(bench: Bench) -> None:
    bench.drop("images/mug.jpg", jpeg(1))
    bench.facts("images/mug.json", name="Mug")
    bench.indexing.settle("mug")
    bench.photos.delete("images/mug.jpg")
    bench.indexing.settle("mug")
    assert bench.index.get("mug") is None


def test_a_product_that_was_told_stays_when_its_photo_goes(bench: Bench) -> None:
    bench.indexing.put_product(Product(id="mug", name="Told mug", price=5))
    bench.drop("images/mug.jpg", jpeg(1))
    bench.indexing.settle("mug")
    assert bench.get("mug").product.price == 5
    assert len(bench.get("mug").photos) == 1
    bench.photos.delete("images/mug.jpg")
    bench.indexing.settle("mug")
    assert bench.get("mug").photos == ()


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


def test_an_unreadable_photo_is_reported_and_harms_nothing(bench: Bench) -> None:
    bench.drop("images/mug/good.jpg", jpeg(1))
    bench.drop("images/mug/bad.jpg", JUNK)
    bench.indexing.settle("mug")
    assert [p.key for p in bench.get("mug").photos] == ["images/mug/good.jpg"]
    [rejected] = bench.indexing.rejected()
    assert rejected.key == "images/mug/bad.jpg"
    assert rejected.reason
    bench.drop("images/mug/bad.jpg", jpeg(2))
    bench.indexing.settle("mug")
    assert len(bench.get("mug").photos) == 2
    assert bench.indexing.rejected() == []


def test_overwriting_a_photo_with_junk_removes_it(bench: Bench) -> None:
    bench.drop("images/mug.jpg", jpeg(1))
    bench.indexing.settle("mug")
    bench.drop("images/mug.jpg", JUNK)
    bench.indexing.settle("mug")
    assert bench.index.get("mug") is None
    bench.photos.delete("images/mug.jpg")
    bench.indexing.settle("mug")
    assert bench.indexing.rejected() == []


def test_a_broken_sidecar_is_reported_and_the_photo_found_all_the_same(bench: Bench) -> None:
    bench.drop("images/mug.jpg", jpeg(1))
    bench.drop("images/mug.json", b"{")
    bench.indexing.settle("mug")
    assert bench.get("mug").product.name == "mug"
    assert [r.key for r in bench.indexing.rejected()] == ["images/mug.json"]
    assert not bench.indexing.settle("mug")


def test_forgetting_a_product_empties_its_place_in_the_bucket(bench: Bench) -> None:
    bench.drop("images/mug.jpg", jpeg(1))
    bench.indexing.settle("mug")
    assert bench.indexing.remove_product("mug")
    assert not bench.indexing.remove_product("mug")
    assert bench.indexing.unsettled() == []
    assert list(bench.photos.list()) == []


def test_a_failing_index_raises_and_the_next_look_finishes(bench: Bench) -> None:
    bench.drop("images/mug.jpg", jpeg(1))
    put = bench.index.put_photos

    def fails(product: Product, photos: list[PhotoVector]) -> None:
        raise IndexUnavailable("down")

    bench.index.put_photos = fails  # type: ignore[assignment,method-assign]
    with pytest.raises(IndexUnavailable):
        bench.indexing.settle("mug")
    bench.index.put_photos = put  # type: ignore[method-assign]
    assert bench.indexing.unsettled() == ["mug"]
    bench.indexing.settle("mug")
    assert len(bench.get("mug").photos) == 1


IDS = st.sampled_from(["a", "a b", "ab", "é"])
PLACES = st.sampled_from(
    ["{}.jpg", "{}.png", "{}/1.jpg", "{}/x/2.webp", "{}.json", "{}/product.json"]
)
CONTENTS = st.one_of(
    st.integers(0, 5).map(jpeg),
    st.just(JUNK),
    st.sampled_from(["One", "Two"]).map(lambda name: json.dumps({"name": name}).encode()),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("drop"), IDS, PLACES, CONTENTS),
        st.tuples(st.just("delete"), IDS, PLACES, st.none()),
        st.tuples(st.just("settle"), IDS, st.none(), st.none()),
        st.tuples(st.just("restart"), st.none(), st.none(), st.none()),
    ),
    max_size=25,
)


@given(STEPS)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_history_ends_as_the_bucket_says(steps: list[tuple[str, Any, Any, Any]]) -> None:
    bench = Bench()
    for what, product_id, place, content in steps:
        if what == "drop":
            bench.drop("images/" + place.format(product_id), content)
        elif what == "delete":
            bench.photos.delete("images/" + place.format(product_id))
        elif what == "settle":
            bench.indexing.settle(product_id)
        else:
            bench.indexing = bench.restarted()
    for product_id in bench.indexing.unsettled():
        bench.indexing.settle(product_id)

    fresh = Bench()
    fresh.photos = bench.photos
    fresh.indexing = fresh.restarted()
    for product_id in fresh.indexing.unsettled():
        fresh.indexing.settle(product_id)
    everything = [b.index.page(limit=1000).listings for b in (bench, fresh)]
    assert everything[0] == everything[1]
    for listing in everything[0]:
        told, anew = (b.index.vectors(listing.product.id) for b in (bench, fresh))
        assert [v.tobytes() for v in told[0]] == [v.tobytes() for v in anew[0]]
