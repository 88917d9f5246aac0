"""Searching while the index does not answer, or the cache does not."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pytest

from core.errors import IndexUnavailable, ProductNotFound
from core.indexing import Indexing
from core.ports import Cache, Lookup
from core.product import Product
from core.query import Query
from core.search import Search
from core.stores.memory_cache import MemoryCache
from tests.fakes.memory_index import MemoryIndex
from tests.fakes.memory_photos import MemoryPhotos
from tests.fakes.toy_embedder import ToyEmbedder
from tests.tables import Clock

MUG = Query(words="mug")


class Index(MemoryIndex):
    """An index that can be down."""

    down = False
    searches = 0

    def search(self, *args: Any, **more: Any) -> Any:
        self.searches += 1
        if self.down:
            raise IndexUnavailable("The index does not answer.")
        return super().search(*args, **more)


class NoCache:
    """A cache whose table is down: it knows nothing, and nothing is kept."""

    at_hand = False

    def get(self, key: str, scope: str = "") -> Lookup:
        return Lookup(None, None if scope else 0)

    def put(self, *args: Any, **more: Any) -> None: ...

    def advance(self, scope: str) -> None: ...


class Shop:
    def __init__(self, stale_ttl: int = 600, cache: Cache | None = None) -> None:
        self.clock = Clock()
        self.cache = cache or MemoryCache(clock=self.clock)
        self.embedder = ToyEmbedder()
        self.index = Index(self.embedder.model, self.embedder.dimension)
        self.indexing = Indexing(self.embedder, self.index, MemoryPhotos(), self.cache, "products")
        self.search = Search(
            self.embedder, self.index, self.cache, "products", cache_ttl=60, stale_ttl=stale_ttl
        )
        self.indexing.put_product(Product(id="mug", name="Mug"))

    def ids(self, query: Query = MUG) -> tuple[str, list[str]]:
        answer = self.search.answer(query)
        return answer.cache, [hit.product.id for hit in answer.hits]


def test_while_the_index_is_down_an_expired_answer_is_better_than_none() -> None:
    shop = Shop()
    assert shop.ids() == ("miss", ["mug"])
    shop.index.down = True
    assert shop.ids() == ("hit", ["mug"]), "what is fresh needs no index"
    shop.clock.pass_by(60)
    assert shop.ids() == ("stale", ["mug"])
    shop.clock.pass_by(599)
    assert shop.ids() == ("stale", ["mug"])
    shop.clock.pass_by(1)
    with pytest.raises(IndexUnavailable):
        shop.ids()


def test_so_is_one_from_before_the_catalogue_changed() -> None:
    shop = Shop()
    shop.ids()
    shop.indexing.put_product(Product(id="new", name="New mug"))
    shop.index.down = True
    assert shop.ids() == ("stale", ["mug"])
    shop.index.down = False
    assert shop.ids() == ("miss", ["mug", "new"]), "it is asked again, each time"
    assert shop.ids() == ("hit", ["mug", "new"])


def test_what_was_never_asked_has_no_stale_answer() -> None:
    shop = Shop()
    shop.ids()
    shop.index.down = True
    with pytest.raises(IndexUnavailable):
        shop.ids(Query(words="chair"))


def test_nothing_is_served_stale_where_it_is_not_wanted() -> None:
    shop = Shop(stale_ttl=0)
    shop.ids()
    shop.clock.pass_by(60)
    shop.index.down = True
    with pytest.raises(IndexUnavailable):
        shop.ids()


def test_who_switches_it_off_is_not_served_what_was_kept_for_it() -> None:
    shop = Shop()
    shop.ids()
    shop.clock.pass_by(60)
    shop.index.down = True
    prudent = Search(shop.embedder, shop.index, shop.cache, "products", cache_ttl=60)
    with pytest.raises(IndexUnavailable):
        prudent.answer(MUG)


def test_what_is_the_caller_s_fault_is_no_reason_for_it() -> None:
    shop = Shop()
    query = Query(more_like=("mug",))
    shop.ids(query)
    shop.indexing.remove_product("mug")
    with pytest.raises(ProductNotFound):
        shop.ids(query)


def test_a_stale_answer_counts_as_one_from_the_cache() -> None:
    shop = Shop()
    shop.ids()
    shop.clock.pass_by(60)
    shop.index.down = True
    shop.ids()
    assert (shop.search.tally.queries, shop.search.tally.recalled) == (2, 1)


def crowd(shop: Shop, size: int) -> Sequence[tuple[str, list[str]]]:
    """What so many get who ask at the same time."""
    answers: list[tuple[str, list[str]]] = []
    ready = threading.Barrier(size)
    ask = shop.index.search

    def slow(*args: Any, **more: Any) -> Any:
        threading.Event().wait(0.2)
        return ask(*args, **more)

    shop.index.search = slow  # type: ignore[method-assign]

    def shopper() -> None:
        ready.wait()
        answers.append(shop.ids())

    threads = [threading.Thread(target=shopper) for _ in range(size)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_a_crowd_finds_out_once_that_the_index_is_down_and_each_has_the_stale_answer() -> None:
    shop = Shop()
    shop.ids()
    shop.clock.pass_by(60)
    shop.index.down = True
    shop.index.searches = 0
    assert crowd(shop, 6) == [("stale", ["mug"])] * 6
    assert shop.index.searches == 1


def test_who_can_not_tell_how_old_the_catalogue_is_shares_no_answer() -> None:
    """One of them may know of a change that the other's answer was begun before."""
    shop = Shop(cache=NoCache())
    assert crowd(shop, 4) == [("miss", ["mug"])] * 4
    assert shop.index.searches == 4


@pytest.mark.parametrize("garbage", [b"", b"\xc1", b"{}", b"\x90", b"\x92\xc0\xc0"])
def test_what_another_release_has_kept_is_a_miss(garbage: bytes) -> None:
    class Foreign(NoCache):
        def get(self, key: str, scope: str = "") -> Lookup:
            return Lookup(garbage, 7, None) if scope else Lookup(None, 0)

    assert Shop(cache=Foreign()).ids() == ("miss", ["mug"])


def test_what_comes_spoilt_from_the_cache_is_a_miss() -> None:
    class Spoilt(NoCache):
        kept: bytes | None = None

        def put(self, key: str, value: bytes, ttl: float, scope: str = "", *more: object) -> None:
            if scope:
                self.kept = value.replace(b"mug", b"m\xffg")

        def get(self, key: str, scope: str = "") -> Lookup:
            return Lookup(self.kept, 7, None) if scope else Lookup(None, 0)

    cache = Spoilt()
    shop = Shop(cache=cache)
    for _ in range(2):
        assert shop.ids() == ("miss", ["mug"])
    assert cache.kept is not None


def test_what_another_release_has_kept_is_not_served_stale() -> None:
    class Foreign(NoCache):
        def get(self, key: str, scope: str = "") -> Lookup:
            return Lookup(None, 7, b"garbage") if scope else Lookup(None, 0)

    shop = Shop(cache=Foreign())
    shop.index.down = True
    with pytest.raises(IndexUnavailable):
        shop.ids()
