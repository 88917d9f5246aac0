"""What every Cache does."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator

import pytest

from core.ports import Cache
from core.stores.dynamodb_cache import DynamoCache
from core.stores.entries import BoundedEntries
from core.stores.layered_cache import LayeredCache
from core.stores.memory_cache import MemoryCache
from tests.aws import LocalAws
from tests.tables import Clock, new_table, table


def _table(server: LocalAws, clock: Clock) -> DynamoCache:
    return DynamoCache(table(server, new_table(server), clock))


def _layers(server: LocalAws, clock: Clock) -> LayeredCache:
    return LayeredCache(BoundedEntries(), _table(server, clock))


SHARED: dict[str, tuple[Callable[[LocalAws, Clock], Cache], str]] = {
    "table": (_table, "aws_server"),
    "layers": (_layers, "aws_server"),
    "table-dynalite": (_table, "dynalite_server"),
    "layers-dynalite": (_layers, "dynalite_server"),
}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", *SHARED])
def cache(request: pytest.FixtureRequest, clock: Clock) -> Cache:
    if request.param == "memory":
        return MemoryCache(clock=clock)
    make, server = SHARED[request.param]
    return make(request.getfixturevalue(server), clock)


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Threads that change places often, so that what can come between does."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def test_what_was_never_kept_is_a_miss(cache: Cache) -> None:
    assert cache.get("key").value is None


def test_what_is_kept_is_found(cache: Cache) -> None:
    cache.put("key", b"value", ttl=60)
    assert cache.get("key").value == b"value"
    assert cache.get("other").value is None


def test_the_last_put_counts(cache: Cache) -> None:
    cache.put("key", b"one", ttl=60)
    cache.put("key", b"two", ttl=60)
    assert cache.get("key").value == b"two"


@pytest.mark.parametrize("value", [b"", b"\x00", bytes(range(256)), "ключ".encode()])
def test_a_value_may_be_any_bytes(cache: Cache, value: bytes) -> None:
    cache.put("key", value, ttl=60)
    assert cache.get("key").value == value


@pytest.mark.parametrize("key", ["", "a b", "ключ:🫖", "x" * 1000, "a\x00b"])
def test_a_key_may_be_any_text(cache: Cache, key: str) -> None:
    cache.put(key, b"value", ttl=60)
    assert cache.get(key).value == b"value"
    assert cache.get(f"{key}.").value is None


def test_a_big_value_comes_back_whole(cache: Cache) -> None:
    big = bytes(range(256)) * 1000
    cache.put("key", big, ttl=60)
    assert cache.get("key").value == big


def test_an_entry_expires(cache: Cache, clock: Clock) -> None:
    cache.put("short", b"value", ttl=10)
    cache.put("long", b"value", ttl=100)
    clock.pass_by(9)
    assert cache.get("short").value == b"value"
    clock.pass_by(1)
    assert cache.get("short").value is None
    assert cache.get("long").value == b"value"


def test_a_put_begins_a_new_life(cache: Cache, clock: Clock) -> None:
    cache.put("key", b"one", ttl=10)
    clock.pass_by(8)
    cache.put("key", b"two", ttl=10)
    clock.pass_by(8)
    assert cache.get("key").value == b"two"


def test_what_expires_at_once_is_not_kept(cache: Cache) -> None:
    cache.put("key", b"value", ttl=0)
    assert cache.get("key").value is None


def test_advancing_puts_everything_of_its_scope_out_of_date(cache: Cache) -> None:
    for key in ("a", "b"):
        cache.put(key, b"old", 60, "products", cache.get(key, "products").generation)
    cache.advance("products")
    assert [cache.get(key, "products").value for key in ("a", "b")] == [None, None]


def test_a_value_made_after_the_advance_is_kept(cache: Cache) -> None:
    cache.advance("products")
    found = cache.get("key", "products")
    cache.put("key", b"new", 60, "products", found.generation)
    assert cache.get("key", "products").value == b"new"


def test_a_value_made_while_the_catalogue_moved_on_is_born_stale(cache: Cache) -> None:
    found = cache.get("key", "products")
    cache.advance("products")
    cache.put("key", b"made before", 60, "products", found.generation)
    assert cache.get("key", "products").value is None


def test_a_stale_value_does_not_come_over_a_fresh_one(cache: Cache) -> None:
    before = cache.get("key", "products").generation
    cache.advance("products")
    cache.put("key", b"fresh", 60, "products", cache.get("key", "products").generation)
    cache.put("key", b"stale", 60, "products", before)
    assert cache.get("key", "products").value in (b"fresh", None)


def test_a_generation_does_not_come_back(cache: Cache) -> None:
    seen = set()
    for _ in range(5):
        seen.add(cache.get("key", "products").generation)
        cache.advance("products")
    assert len(seen) == 5


def test_scopes_age_apart(cache: Cache) -> None:
    for scope in ("products", "other", ""):
        cache.put("key", scope.encode(), 60, scope, cache.get("key", scope).generation)
    cache.advance("products")
    assert cache.get("key", "products").value is None
    assert cache.get("key", "other").value == b"other"
    assert cache.get("key").value == b""


def test_a_scope_and_a_key_are_not_run_together(cache: Cache) -> None:
    cache.put("b/c", b"one", 60, "a")
    assert cache.get("c", "a/b").value is None
    assert cache.get("a/b/c").value is None


# Stale: better than nothing


def test_what_expired_is_stale_for_a_while(cache: Cache, clock: Clock) -> None:
    cache.put("key", b"value", ttl=10, stale_ttl=20)
    assert cache.get("key").stale is None, "there is better"
    clock.pass_by(10)
    assert (cache.get("key").value, cache.get("key").stale) == (None, b"value")
    clock.pass_by(19)
    assert cache.get("key").stale == b"value"
    clock.pass_by(1)
    assert (cache.get("key").value, cache.get("key").stale) == (None, None)


def test_what_is_out_of_date_is_stale_for_a_while(cache: Cache, clock: Clock) -> None:
    generation = cache.get("key", "products").generation
    cache.put("key", b"old", 10, "products", generation, stale_ttl=20)
    cache.advance("products")
    found = cache.get("key", "products")
    assert (found.value, found.stale) == (None, b"old")
    cache.put("key", b"new", 10, "products", found.generation, stale_ttl=20)
    found = cache.get("key", "products")
    assert (found.value, found.stale) == (b"new", None)
    clock.pass_by(30)
    assert cache.get("key", "products").stale is None


def test_what_may_not_be_served_stale_is_not(cache: Cache, clock: Clock) -> None:
    cache.put("key", b"old", 10, "products", cache.get("key", "products").generation)
    cache.advance("products")
    assert cache.get("key", "products").stale is None
    cache.put("other", b"old", ttl=10)
    clock.pass_by(10)
    assert cache.get("other").stale is None


def test_what_was_made_at_no_known_generation_is_not_kept(cache: Cache) -> None:
    cache.put("key", b"value", 60, "products", None, stale_ttl=60)
    found = cache.get("key", "products")
    assert (found.value, found.stale) == (None, None)


@pytest.mark.usefixtures("hasty_threads")
def test_nobody_ever_sees_an_out_of_date_value(cache: Cache) -> None:
    """Writers move a catalogue on and then the scope; readers fill and read. Whatever a reader
    finds must be no older than the catalogue was when he asked."""
    remote = not isinstance(cache, MemoryCache)
    looks, pause = (100, 0.1) if remote else (10_000, 0.0005)
    catalogue = told = hits = 0
    stop = threading.Event()
    stale: list[tuple[int, int]] = []

    def write() -> None:
        nonlocal catalogue, told
        while not stop.wait(pause):
            catalogue += 1
            cache.advance("products")
            told = catalogue

    def read() -> None:
        nonlocal hits
        for _ in range(looks):
            at_least = told
            found = cache.get("key", "products")
            if found.value is None:
                made = b"%d" % catalogue
                stop.wait(0.0002)  # making an answer takes a while, and the world goes on
                cache.put("key", made, 60, "products", found.generation)
                continue
            hits += 1
            if int(found.value) < at_least:
                stale.append((int(found.value), at_least))

    writer = threading.Thread(target=write)
    readers = [threading.Thread(target=read) for _ in range(4)]
    for thread in (writer, *readers):
        thread.start()
    for thread in readers:
        thread.join()
    stop.set()
    writer.join()
    assert stale == []
    assert hits
