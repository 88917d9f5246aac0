"""An event is worked once, however often it comes, and as often as it fails."""

from __future__ import annotations

import pytest

from core.deliveries import REMEMBERED_SECONDS, deliver
from core.errors import Unavailable
from core.stores.memory_limits import MemoryOnce


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def once(clock: Clock) -> MemoryOnce:
    return MemoryOnce(clock=clock)


def nothing() -> None:
    pass


def fail() -> None:
    raise Unavailable("not now")


def killed() -> None:
    raise AssertionError("this is never worked")


def test_the_second_is_not_worked(once: MemoryOnce) -> None:
    assert deliver(once, "e", nothing) is True
    assert deliver(once, "e", killed) is False
    assert deliver(once, "f", nothing) is True


def test_it_is_remembered_for_a_day(once: MemoryOnce, clock: Clock) -> None:
    deliver(once, "e", nothing)
    clock.now += REMEMBERED_SECONDS - 1
    assert deliver(once, "e", killed) is False
    clock.now += 2
    assert deliver(once, "e", nothing) is True


def test_what_failed_is_worked_again(once: MemoryOnce) -> None:
    for _ in range(2):
        with pytest.raises(Unavailable):
            deliver(once, "e", fail)
    assert deliver(once, "e", nothing) is True
    assert deliver(once, "e", killed) is False


def test_one_that_is_under_way_is_not_begun_again(once: MemoryOnce) -> None:
    seen: list[bool | None] = []
    deliver(once, "e", lambda: seen.append(deliver(once, "e", killed)))
    assert seen == [None]
    assert deliver(once, "e", killed) is False


def test_what_a_killed_process_had_begun_is_worked_later(clock: Clock) -> None:
    """Its marks stay, as nobody was there to take them away."""

    class Gone(MemoryOnce):
        def forget(self, key: str) -> None:
            pass

    once = Gone(clock=clock)
    with pytest.raises(Unavailable):
        deliver(once, "e", fail)
    assert deliver(once, "e", killed) is None
    clock.now += 301
    assert deliver(once, "e", nothing) is True


def test_nothing_stands_there_as_done_before_it_is(once: MemoryOnce, clock: Clock) -> None:
    """Or whoever is killed at work, and the note that it was under way is gone, swallows it."""
    seen: list[bool] = []
    deliver(once, "e", lambda: seen.append(once.came("event done e")))
    assert seen == [False]
    assert once.came("event done e")
