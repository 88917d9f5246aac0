"""The bucket and the index always agree in the end, whatever happened in between."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.bucket import Role
from core.errors import IndexUnavailable, Unavailable
from core.indexing import Indexing
from core.ports import PhotoVector, StoredObject
from core.product import Origin, Product
from core.stores.memory_cache import MemoryCache
from tests.indexing_bench import Bench
from tests.photos import jpeg

JUNK = b"no photo at all"


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_photo_alone_makes_a_product_named_after_its_key(bench: Bench) -> None:
    bench.drop("images/mug.jpg", jpeg(1))
    assert bench.indexing.settle("mug").changed
    listing = bench.get("mug")
    assert listing.product == Product(id="mug", name="mug")
    assert [photo.key for photo in listing.photos] == ["images/mug.jpg"]
    assert listing.origin is Origin.BUCKET


def test_settling_twice_changes_nothing(bench: Bench) -> None:
    bench.drop("images/mug.jpg", jpeg(1))
    bench.facts("images/mug.json", name="Mug")
    assert [bench.indexing.settle("mug").changed for _ in range(2)] == [True, False]


class Killed(BaseException):
    """The process ended at this very moment."""


class Deadly(MemoryCache):
    def advance(self, scope: str) -> None:
        raise Killed


def test_a_change_by_a_process_that_was_killed_before_it_told_the_cache_is_told_by_the_next_look(
    bench: Bench,
) -> None:
    bench.drop("images/mug.jpg", jpeg(1))
    bench.indexing.settle("mug")
    bench.photos.delete("images/mug.jpg")
    generation = bench.cache.get("answer", "products").generation
    bench.cache.put("answer", b"a mug", 60, "products", generation)
    with pytest.raises(Killed):
        Indexing(bench.embedder, bench.index, bench.photos, Deadly(), "products").settle("mug")
    assert bench.index.get("mug") is None
    assert bench.cache.get("answer", "products").value == b"a mug"
    assert not bench.restarted().settle("mug").changed
    assert bench.cache.get("answer", "products").value is None


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


def test_what_is_broken_is_told_by_every_process_and_written_by_the_first(bench: Bench) -> None:
    bench.facts("images/mug.json", price="cheap")
    bench.photos.put("images/mug/a.jpg", jpeg(1), "image/jpeg", {"price": "cheap"})
    bench.drop("images/mug/b.jpg", JUNK)
    told = [(settled := bench.restarted().settle("mug")).changed for _ in range(2)]
    assert told == [True, False]
    assert {(one.key, one.role) for one in settled.rejected} == {
        ("images/mug.json", Role.FACTS),
        ("images/mug/a.jpg", Role.FACTS),
        ("images/mug/b.jpg", Role.PHOTO),
    }
    assert bench.restarted().unsettled() == ["mug"]


def test_a_product_that_never_comes_to_rest_wants_another_look(bench: Bench) -> None:
    of_product = bench.photos.of_product

    def changing(product_id: str) -> list[StoredObject]:
        bench.drop("images/mug.jpg", jpeg(1))
        return of_product(product_id)

    bench.photos.of_product = changing  # type: ignore[method-assign]
    with pytest.raises(Unavailable, match="keeps changing"):
        bench.indexing.settle("mug")


def test_answers_are_out_of_date_even_if_a_write_fails_half_way(bench: Bench) -> None:
    generation = bench.cache.get("answer", "products").generation
    bench.drop("images/mug.jpg", jpeg(1))

    def fails(product: Product, photos: list[PhotoVector]) -> None:
        raise IndexUnavailable("down")

    bench.index.put_photos = fails  # type: ignore[assignment,method-assign]
    with pytest.raises(IndexUnavailable):
        bench.indexing.settle("mug")
    assert bench.cache.get("answer", "products").generation != generation


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
        told, anew = (
            b.index.vectors([listing.product.id])[listing.product.id] for b in (bench, fresh)
        )
        assert [v.tobytes() for v in told[0]] == [v.tobytes() for v in anew[0]]
