"""One at a time for each product, and nothing kept of it afterwards."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from threading import Event

import pytest

from core import budget
from core.errors import OutOfTime
from core.turns import Turns


def test_what_is_read_in_a_turn_is_what_is_written_over() -> None:
    turns, counts = Turns(), {"mug": 0, "lamp": 0}

    def add(number: int) -> None:
        name = ("mug", "lamp")[number % 2]
        with turns.of(name):
            before = counts[name]
            Event().wait(0.0005)
            counts[name] = before + 1

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(add, range(80)))
    assert counts == {"mug": 40, "lamp": 40}


def test_who_has_the_turn_may_take_it_again() -> None:
    turns = Turns()
    with turns.of("mug"), turns.of("mug"):
        pass
    with turns.of("mug"):
        pass


def test_one_product_waits_for_no_other() -> None:
    turns = Turns()

    def take(product_id: str) -> bool:
        budget.waits(0.01)
        with turns.of(product_id):
            return True

    with turns.of("mug"), ThreadPoolExecutor(1) as threads:
        assert threads.submit(take, "lamp").result()
        with pytest.raises(OutOfTime, match="mug"):
            threads.submit(take, "mug").result()
    assert copy_context().run(take, "mug")


def test_a_turn_ends_with_an_error_too() -> None:
    turns = Turns()
    with pytest.raises(ZeroDivisionError), turns.of("mug"):
        _ = 1 / 0

    def take() -> bool:
        budget.waits(5)
        with turns.of("mug"):
            return True

    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(take).result()


def test_nothing_is_kept_of_products_that_nobody_changes() -> None:
    turns = Turns()
    with turns.of("mug"), turns.of("mug"):
        assert len(turns) == 1
    for number in range(100):
        with turns.of(f"p{number}"):
            pass
    assert len(turns) == 0
