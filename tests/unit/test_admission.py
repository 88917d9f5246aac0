"""Who is let in to the model, and who is sent away, with a clock that goes as the test says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from threading import Event

import pytest

from core.errors import Overloaded
from handlers.admission import Admission


class Till:
    """Work that takes until it is told to end, one after the other."""

    def __init__(self, processors: int = 1, beside: int = 0) -> None:
        self.time = 1000.0
        self.admission = Admission(processors, beside, lambda: self.time)
        self._under_way: list[tuple[asyncio.Task[None], Event]] = []

    async def comes(self) -> bool:
        """Whether it was let in."""
        may_end = Event()

        def work() -> None:
            may_end.wait(20)

        task = asyncio.create_task(self.admission.run(work))
        await asyncio.sleep(0)
        if task.done():
            assert isinstance(task.exception(), Overloaded)
            return False
        self._under_way.append((task, may_end))
        return True

    async def ends(self, after: float = 0.0) -> None:
        self.time += after
        task, may_end = self._under_way.pop(0)
        may_end.set()
        await task

    async def come(self, several: int) -> int:
        """How many of them were let in."""
        return sum([await self.comes() for _ in range(several)])

    async def all_end(self, each: float = 0.0) -> None:
        while self._under_way:
            await self.ends(each)


def run(check: Callable[[Till], Awaitable[None]], processors: int = 1, beside: int = 0) -> None:
    async def checked() -> None:
        till = Till(processors, beside)
        try:
            await check(till)
        finally:
            await till.all_end()

    asyncio.run(checked())


@pytest.mark.parametrize("processors", [1, 2])
def test_a_rush_is_let_in_and_what_is_more_is_sent_away(processors: int) -> None:
    async def check(till: Till) -> None:
        assert await till.come(40) == 16 * processors

    run(check, processors)


@pytest.mark.parametrize("beside", [0, 1])
def test_once_somebody_was_sent_away_there_is_no_line_until_it_has_been_calm(beside: int) -> None:
    async def check(till: Till) -> None:
        await till.come(17)
        await till.all_end(0.02)
        assert await till.come(5) == 1 + beside
        await till.all_end(0.02)
        till.time += 0.9
        assert await till.come(5) == 1 + beside
        await till.all_end(0.02)
        till.time += 1.1
        assert await till.come(5) == 5

    run(check, beside=beside)


def test_a_line_that_is_over_in_a_moment_is_none() -> None:
    """As of many who ask for what is in the cache."""

    async def check(till: Till) -> None:
        await till.come(17)
        await till.all_end(0.001)
        assert await till.come(20) == 11  # ten before oneself are a hundredth of a second

    run(check)


def test_there_is_room_at_once_for_one_who_comes_after_the_rush() -> None:
    async def check(till: Till) -> None:
        await till.come(40)
        await till.all_end()
        till.admission.insist_on_room()
        assert await till.comes()

    run(check)


def test_nobody_stands_in_a_line_that_takes_too_long() -> None:
    async def check(till: Till) -> None:
        for _ in range(30):
            await till.comes()
            await till.ends(after=0.25)
        assert await till.come(10) == 5  # four before oneself are a second

    run(check)


def test_two_who_meet_at_a_slow_model_are_both_answered() -> None:
    async def check(till: Till) -> None:
        for _ in range(5):
            await till.comes()
            await till.ends(after=4)
        assert await till.come(10) == 4

    run(check)


def test_what_is_not_usual_tells_nothing_of_the_others() -> None:
    async def check(till: Till) -> None:
        for _ in range(5):
            with till.admission.one_more(usual=False):
                till.time += 60
        assert await till.come(40) == 16

    run(check)


def test_what_went_on_at_the_same_time_is_not_counted_twice() -> None:
    async def check(till: Till) -> None:
        for _ in range(30):
            await till.come(2)
            await till.ends(after=0.25)
            await till.ends()
        assert await till.come(20) == 9  # an eighth of a second each

    run(check, processors=2)


def test_time_in_which_nobody_came_is_not_counted() -> None:
    async def check(till: Till) -> None:
        for _ in range(5):
            till.time += 3600
            await till.comes()
            await till.ends(after=0.01)
        assert await till.come(10) == 10

    run(check)


def test_who_fails_leaves_the_line() -> None:
    async def check(till: Till) -> None:
        def work() -> None:
            raise KeyError

        for _ in range(50):
            with pytest.raises(KeyError):
                await till.admission.run(work)
        assert await till.come(16) == 16

    run(check)


def test_who_gives_up_leaves_it_too() -> None:
    async def check(till: Till) -> None:
        ended = Event()
        for _ in range(50):
            task = asyncio.create_task(till.admission.run(ended.wait, 20))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        ended.set()
        assert await till.come(16) == 16

    run(check)
