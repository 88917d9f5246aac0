from __future__ import annotations

from core.stores.breaker import Breaker
from tests.tables import Clock


def breaker() -> tuple[Breaker, Clock]:
    clock = Clock()
    return Breaker(failures=3, rest=5, clock=clock), clock


def fail(ours: Breaker, times: int) -> None:
    for _ in range(times):
        ours.failed()


def test_a_few_failures_are_nothing() -> None:
    ours, _ = breaker()
    fail(ours, 2)
    assert ours.lets_through()


def test_failures_count_in_a_row() -> None:
    ours, _ = breaker()
    fail(ours, 2)
    ours.succeeded()
    fail(ours, 2)
    assert ours.lets_through()


def test_after_too_many_nobody_is_let_through_for_a_while() -> None:
    ours, clock = breaker()
    fail(ours, 3)
    assert not ours.lets_through()
    clock.pass_by(4.9)
    assert not ours.lets_through()


def test_then_one_is_let_through_and_the_others_wait_for_what_he_finds() -> None:
    ours, clock = breaker()
    fail(ours, 3)
    clock.pass_by(5)
    assert [ours.lets_through() for _ in range(3)] == [True, False, False]
    ours.succeeded()
    assert all(ours.lets_through() for _ in range(3))


def test_when_he_fails_the_rest_begins_anew() -> None:
    ours, clock = breaker()
    fail(ours, 3)
    clock.pass_by(5)
    assert ours.lets_through()
    clock.pass_by(4)
    fail(ours, 1)
    clock.pass_by(4)
    assert not ours.lets_through()
    clock.pass_by(1)
    assert ours.lets_through()


def test_who_was_let_through_and_never_came_back_does_not_shut_it_for_good() -> None:
    ours, clock = breaker()
    fail(ours, 3)
    clock.pass_by(5)
    assert ours.lets_through()
    clock.pass_by(5)
    assert ours.lets_through()
