"""The time a request has left, wherever its work is done."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from math import inf
from threading import Event, current_thread

import pytest

from core.budget import Calls, at_least, left, shared, waits


@pytest.fixture
def over() -> Iterator[Event]:
    over = Event()
    yield over
    over.set()


def test_who_works_for_nobody_has_all_the_time() -> None:
    assert left() == inf


def test_the_time_goes_with_the_work_and_with_no_other() -> None:
    def request() -> None:
        waits(60)
        with ThreadPoolExecutor(1) as threads:
            assert threads.submit(left).result() == inf
            assert 0 < threads.submit(shared(left)).result() <= 60
            assert threads.submit(left).result() == inf, "the next one's time is its own"
        assert 0 < asyncio.run(_in_a_thread_of_asyncio()) <= 60
        waits(-1)
        assert left() == 0

    copy_context().run(request)
    assert left() == inf


async def _in_a_thread_of_asyncio() -> float:
    return await asyncio.to_thread(left)


def test_a_call_gives_what_it_gives() -> None:
    calls = Calls("call", 1)
    for seconds in (60, inf):
        assert calls.within(seconds, lambda: "an answer") == "an answer"
        with pytest.raises(KeyError):
            calls.within(seconds, {}.popitem)


def test_with_all_the_time_there_is_it_takes_no_thread() -> None:
    assert Calls("call", 1).within(inf, current_thread) is current_thread()


def test_a_call_that_hangs_is_not_waited_for_and_keeps_its_place(over: Event) -> None:
    calls = Calls("call", 1)
    with pytest.raises(TimeoutError):
        calls.within(0.05, over.wait)
    with pytest.raises(TimeoutError, match="too many"):
        calls.within(0.05, lambda: "no place")
    over.set()
    assert calls.within(60, lambda: "a place") == "a place"


def test_what_has_to_be_put_right_gets_time_where_there_is_none() -> None:
    def request() -> None:
        with at_least(5):
            assert left() == inf, "and takes none away"
        waits(-1)
        with at_least(5):
            assert 0 < left() <= 5
        assert left() == 0

    copy_context().run(request)
