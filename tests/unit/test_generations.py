"""What is owed to a table that does not answer, when things come at the same time."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Any, cast

from core.stores.dynamodb_generations import Generations
from core.stores.dynamodb_table import Item, Table, TableDown, number


class Scripted:
    """A table whose next answers are known."""

    def __init__(self, *answers: Callable[[], None]) -> None:
        self._answers = iter(answers)

    def update(self, *args: Any, **more: Any) -> Item:
        next(self._answers, lambda: None)()
        return {"generation": number(1)}


def down() -> None:
    raise TableDown


def generations(*answers: Callable[[], None]) -> Generations:
    ours = Generations(cast(Table, Scripted(*answers)), patience=0)
    ours._debtor = Thread()  # there is one already, so nobody tells what is owed but the test
    return ours


def test_a_step_settles_what_was_owed_before_it() -> None:
    ours = generations(down, down)
    ours.advance("products")
    assert ours.owes("products")
    assert not ours.owes("other")
    ours.advance("other")
    assert ours.owes("other")
    assert ours._step("products")
    assert ours._step("other")
    assert not ours.owes("products")
    assert not ours.owes("other")


def test_a_step_does_not_settle_what_came_while_it_was_under_way() -> None:
    """The table counted the one before the other's index had changed: nobody would learn of it."""

    def another_fails_meanwhile() -> None:
        ours.advance("products")

    ours = generations(another_fails_meanwhile, down)
    ours.advance("products")
    assert ours.owes("products")
    assert ours._step("products")
    assert not ours.owes("products")
