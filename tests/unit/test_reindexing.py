"""From one index to another: what was told and what was dropped, and whose word is the later."""

from __future__ import annotations

import pytest

from core.indexing import Indexing
from core.product import Product
from core.reindexing import Reindexing, told
from core.stores.memory_cache import MemoryCache
from tests.fakes.memory_index import MemoryIndex
from tests.fakes.memory_photos import MemoryPhotos
from tests.fakes.toy_embedder import ToyEmbedder
from tests.photos import jpeg


class Bench:
    def __init__(self) -> None:
        self.photos = MemoryPhotos()
        embedder = ToyEmbedder()
        self.old, self.new = (MemoryIndex(embedder.model, embedder.dimension) for _ in range(2))
        self.before, self.after = (
            Indexing(embedder, index, self.photos, MemoryCache(), "products")
            for index in (self.old, self.new)
        )

    def work(self) -> Reindexing:
        return Reindexing(self.old, self.new, self.after)

    def names(self) -> dict[str, str]:
        return {one.product.id: one.product.name for one in self.new.page(100).listings}


def done(work: Reindexing) -> list[str]:
    wanted = work.unsettled()
    for product_id in wanted:
        work.settle(product_id)
    assert work.unsettled() == []
    return wanted


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    for product_id in ("a", "b"):
        bench.photos.put(f"images/{product_id}.jpg", jpeg(1), "image/jpeg")
        bench.before.settle(product_id)
    bench.before.put_product(Product(id="b", name="Told b"))
    bench.before.put_product(Product(id="card", name="Told card"))
    return bench


def test_all_of_it_is_carried_over_once(bench: Bench) -> None:
    assert done(bench.work()) == ["a", "b", "card"]
    assert bench.names() == {"a": "a", "b": "Told b", "card": "Told card"}
    assert done(bench.work()) == []


def test_what_is_told_changed_and_removed_meanwhile_is_seen(bench: Bench) -> None:
    work = bench.work()
    done(work)
    bench.before.put_product(Product(id="card", name="Told anew"))
    bench.before.remove_product("b")
    bench.photos.put("images/c.jpg", jpeg(2), "image/jpeg")
    assert done(work) == ["b", "c", "card"]
    assert bench.names() == {"a": "a", "c": "c", "card": "Told anew"}


def test_a_sidecar_that_is_newer_than_what_was_told_counts(bench: Bench) -> None:
    bench.photos.put("images/b.json", b'{"price": 7}', "application/json")
    done(bench.work())
    found = bench.new.get("b")
    assert found is not None
    assert (found.product.name, found.product.price) == ("Told b", 7)
    done(bench.work())  # though it differs from the old index for ever


def test_after_the_switch_the_last_words_count_whoever_was_told_them(bench: Bench) -> None:
    before = bench.work()
    done(before)
    standing = told(bench.new)
    # Told to the old one when the last look was over ...
    bench.before.put_product(Product(id="card", name="Late, to the old"))
    bench.before.put_product(Product(id="b", name="Late, to the old"))
    bench.before.put_product(Product(id="d", name="Late, to the old"))
    # ... and then to the new one.
    bench.after.put_product(Product(id="b", name="Later, to the new"))
    bench.after.put_product(Product(id="e", name="Later, to the new"))
    done(Reindexing(bench.old, bench.new, bench.after, before.carried, standing))
    assert bench.names() == {
        "a": "a",
        "b": "Later, to the new",
        "card": "Late, to the old",
        "d": "Late, to the old",
        "e": "Later, to the new",
    }


def test_what_was_removed_on_either_side_of_the_switch_stays_so(bench: Bench) -> None:
    before = bench.work()
    done(before)
    standing = told(bench.new)
    bench.before.remove_product("b")
    bench.after.remove_product("card")
    done(Reindexing(bench.old, bench.new, bench.after, before.carried, standing))
    assert bench.names() == {"a": "a"}
