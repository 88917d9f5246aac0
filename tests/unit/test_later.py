"""What could not be done, and when it is tried again."""

from __future__ import annotations

from handlers.later import FIRST_PAUSE, LONGEST_PAUSE, Later
from tests.tables import Clock


def test_pauses_grow_up_to_the_longest_and_each_is_told_once() -> None:
    clock = Clock()
    later = Later(clock)
    told = []
    for _ in range(10):
        told.append(later.put_off("mug"))
        clock.pass_by(told[-1] or LONGEST_PAUSE)
        assert later.due() == ["mug"]
    assert told == [FIRST_PAUSE, 2, 4, 8, 16, 32, LONGEST_PAUSE, None, None, None]


def test_it_is_due_after_its_pause_and_not_before() -> None:
    clock = Clock()
    later = Later(clock)
    later.put_off("mug")
    clock.pass_by(FIRST_PAUSE / 2)
    later.put_off("cup")
    assert (later.due(), later.waits("mug"), later.waits("jug")) == ([], True, False)
    clock.pass_by(FIRST_PAUSE / 2)
    assert later.due() == ["mug"]
    clock.pass_by(FIRST_PAUSE / 2)
    assert later.due() == ["mug", "cup"]


def test_what_is_done_begins_anew() -> None:
    later = Later()
    assert not later.done("mug")
    later.put_off("mug")
    later.put_off("mug")
    assert later.done("mug")
    assert not later.waits("mug")
    assert later.put_off("mug") == FIRST_PAUSE
