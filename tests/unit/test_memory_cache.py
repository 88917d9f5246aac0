"""The memory cache's bounds, and the single flight beside it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.singleflight import SingleFlight
from core.stores.entries import BoundedEntries
from core.stores.memory_cache import MemoryCache


def kept(cache: MemoryCache, keys: str) -> str:
    return "".join(key for key in keys if cache.get(key).value is not None)


def test_the_least_used_goes_first() -> None:
    cache = MemoryCache(BoundedEntries(max_entries=3))
    for key in "abc":
        cache.put(key, b"x", 60)
    cache.get("a")
    cache.put("d", b"x", 60)
    assert kept(cache, "abcd") == "acd"


def test_putting_is_using() -> None:
    cache = MemoryCache(BoundedEntries(max_entries=2))
    for key in "abac":
        cache.put(key, b"x", 60)
    assert kept(cache, "abc") == "ac"


def test_bytes_are_bounded_too() -> None:
    cache = MemoryCache(BoundedEntries(max_bytes=10_000))
    for key in "abcdefgh":
        cache.put(key, b"x" * 3000, 60)
    assert kept(cache, "abcdefgh") == "fgh"
    cache.put("i", b"x" * 9000, 60)
    assert kept(cache, "fghi") == "i"


def test_many_tiny_entries_are_not_free() -> None:
    cache = MemoryCache(BoundedEntries(max_bytes=10_000))
    for number in range(1000):
        cache.put(str(number), b"", 60)
    assert sum(cache.get(str(number)).value is not None for number in range(1000)) < 100


def test_what_is_larger_than_the_whole_cache_turns_nobody_out() -> None:
    cache = MemoryCache(BoundedEntries(max_bytes=1000))
    cache.put("a", b"x", 60)
    cache.put("b", b"x" * 1001, 60)
    assert kept(cache, "ab") == "a"


def test_replacing_and_losing_entries_gives_their_room_back() -> None:
    now = [0.0]
    cache = MemoryCache(BoundedEntries(max_bytes=1000), clock=lambda: now[0])
    for _ in range(50):
        cache.put("a", b"x" * 300, 60)
        now[0] += 100
        assert cache.get("a").value is None
        cache.put("a", b"x" * 300, 60)
        cache.advance("")
        assert cache.get("a").value is None
        generation = cache.get("a").generation
        cache.put("a", b"x" * 200, 60, generation=generation)
        cache.put("b", b"x" * 200, 60, generation=generation)
        assert kept(cache, "ab") == "ab"


# Single flight


class Slow:
    """Work that lasts until it is let go, and counts how often it was done."""

    def __init__(self, error: Exception | None = None) -> None:
        self.begun = threading.Event()
        self.let_go = threading.Event()
        self.error = error
        self.done = 0

    def __call__(self) -> object:
        self.done += 1
        self.begun.set()
        assert self.let_go.wait(10)
        if self.error is not None:
            raise self.error
        return self


def flying(flights: SingleFlight[object], key: str) -> int:
    """How many wait for the flight of this key."""
    flight = flights._flights.get(key)
    return len(flight._waiters) if flight is not None else 0


def until_flying(flights: SingleFlight[object], key: str, count: int) -> None:
    for _ in range(10_000):
        if flying(flights, key) == count:
            return
        threading.Event().wait(0.001)
    raise AssertionError(f"{flying(flights, key)} wait, not {count}")


@pytest.fixture
def threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(8)


def test_callers_of_one_key_share_one_run(threads: ThreadPoolExecutor) -> None:
    flights: SingleFlight[object] = SingleFlight()
    slow = Slow()
    callers = [threads.submit(flights.do, "key", slow) for _ in range(8)]
    until_flying(flights, "key", 7)
    slow.let_go.set()
    assert [caller.result(10) for caller in callers] == [slow] * 8
    assert slow.done == 1


def test_callers_share_the_error_too_and_it_is_not_remembered(threads: ThreadPoolExecutor) -> None:
    flights: SingleFlight[object] = SingleFlight()
    slow = Slow(error=TimeoutError("its own"))
    callers = [threads.submit(flights.do, "key", slow) for _ in range(4)]
    until_flying(flights, "key", 3)
    slow.let_go.set()
    assert [caller.exception(10) for caller in callers] == [slow.error] * 4
    assert slow.done == 1
    assert flights.do("key", lambda: "better now") == "better now"


def test_a_result_is_not_remembered() -> None:
    flights: SingleFlight[int] = SingleFlight()
    results = iter([1, 2])
    assert [flights.do("key", lambda: next(results)) for _ in range(2)] == [1, 2]


def test_other_keys_do_not_wait(threads: ThreadPoolExecutor) -> None:
    flights: SingleFlight[object] = SingleFlight()
    slow = Slow()
    caller = threads.submit(flights.do, "slow", slow)
    assert slow.begun.wait(10)
    assert flights.do("other", lambda: "at once") == "at once"
    slow.let_go.set()
    assert caller.result(10) is slow


def test_who_waited_long_enough_does_the_work_himself(threads: ThreadPoolExecutor) -> None:
    flights: SingleFlight[object] = SingleFlight(patience=0.01)
    stuck = Slow()
    caller = threads.submit(flights.do, "key", stuck)
    assert stuck.begun.wait(10)
    assert flights.do("key", lambda: "done alone") == "done alone"
    stuck.let_go.set()
    assert caller.result(10) is stuck


def test_work_may_ask_for_other_work() -> None:
    flights: SingleFlight[str] = SingleFlight()
    assert flights.do("outer", lambda: flights.do("inner", lambda: "x") + "y") == "xy"
