"""What every RateLimiter and every Once does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.ports import Allowance, Once, RateLimiter
from core.stores.dynamodb_limits import DynamoLimiter, DynamoOnce
from core.stores.memory_limits import MemoryLimiter, MemoryOnce
from core.stores.token_bucket import TokenBucket
from tests.tables import Clock, new_table, table

Instances = Callable[[TokenBucket], RateLimiter]
"""One more instance that shares the limit."""

PARAMS = ["memory", "aws_server", "dynalite_server"]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=PARAMS)
def instances(request: pytest.FixtureRequest, clock: Clock) -> Instances:
    if request.param == "memory":
        return lambda bucket: MemoryLimiter(bucket, clock=clock)
    server = request.getfixturevalue(request.param)
    name = new_table(server)
    return lambda bucket: DynamoLimiter(table(server, name, clock), bucket)


@pytest.fixture(params=PARAMS)
def once(request: pytest.FixtureRequest, clock: Clock) -> Once:
    if request.param == "memory":
        return MemoryOnce(clock=clock)
    server = request.getfixturevalue(request.param)
    return DynamoOnce(table(server, new_table(server), clock))


def test_a_bucket_holds_so_many(instances: Instances) -> None:
    limiter = instances(TokenBucket(limit=3, period=60))
    assert [limiter.take("client") for _ in range(4)] == [
        Allowance(True, 2, 0, 3),
        Allowance(True, 1, 0, 3),
        Allowance(True, 0, 0, 3),
        Allowance(False, 0, 20, 3),
    ]


def test_a_bucket_fills_evenly(instances: Instances, clock: Clock) -> None:
    limiter = instances(TokenBucket(limit=3, period=60))
    for _ in range(3):
        limiter.take("client")
    clock.pass_by(15)
    assert limiter.take("client") == Allowance(False, 0, 5, 3)
    clock.pass_by(5)
    assert limiter.take("client") == Allowance(True, 0, 0, 3)
    assert not limiter.take("client").allowed
    clock.pass_by(40)
    assert [limiter.take("client").allowed for _ in range(3)] == [True, True, False]


def test_a_bucket_holds_no_more_for_waiting(instances: Instances, clock: Clock) -> None:
    limiter = instances(TokenBucket(limit=2, period=60))
    limiter.take("client")
    clock.pass_by(86_400)
    assert [limiter.take("client").allowed for _ in range(3)] == [True, True, False]


def test_who_is_refused_pays_nothing_for_asking(instances: Instances, clock: Clock) -> None:
    limiter = instances(TokenBucket(limit=1, period=10))
    limiter.take("client")
    for _ in range(5):
        assert not limiter.take("client").allowed
    clock.pass_by(10)
    assert limiter.take("client").allowed


def test_clients_have_a_bucket_each(instances: Instances) -> None:
    limiter = instances(TokenBucket(limit=1, period=60))
    names = ["203.0.113.7", "2001:db8::1", "", "ключ 🫖", "x" * 5000]
    assert [limiter.take(name).allowed for name in names * 2] == [True] * 5 + [False] * 5


@pytest.mark.parametrize(("limit", "period"), [(1, 1), (7, 60), (60, 60), (1000, 1), (90, 3600)])
def test_the_rate_is_kept_to_the_token(
    instances: Instances, clock: Clock, limit: int, period: int
) -> None:
    limiter = instances(TokenBucket(limit, period))
    taken = 0
    for _ in range(20):
        taken += sum(limiter.take("client").allowed for _ in range(3))
        clock.pass_by(period / limit)
    assert taken == min(60, limit + 19)


def test_a_crowd_gets_no_more_than_there_is(instances: Instances) -> None:
    limiter = instances(TokenBucket(limit=20, period=3600))
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: limiter.take("client"), range(60)))
    allowed = [answer for answer in answers if answer.allowed]
    assert len(allowed) <= 20
    assert len(allowed) >= 15, "in a crowd that takes at once, a few may be turned away too soon"
    assert len({answer.remaining for answer in allowed}) == len(allowed)


# Once


def test_the_first_is_first_and_the_second_is_not(once: Once) -> None:
    assert [once.first("event", 60) for _ in range(3)] == [True, False, False]
    assert once.first("another", 60)


def test_it_is_forgotten_after_a_while(once: Once, clock: Clock) -> None:
    assert once.first("event", 60)
    clock.pass_by(59)
    assert not once.first("event", 60)
    clock.pass_by(1)
    assert once.first("event", 60)
    clock.pass_by(59)
    assert not once.first("event", 60)


def test_who_only_asks_is_nobodys_first(once: Once, clock: Clock) -> None:
    assert not once.came("event")
    assert once.first("event", 60)
    assert once.came("event")
    assert not once.came("another")
    once.forget("event")
    assert not once.came("event")
    assert once.first("event", 60)
    clock.pass_by(61)
    assert not once.came("event")


def test_what_was_not_done_after_all_may_come_again(once: Once) -> None:
    assert once.first("event", 60)
    once.forget("event")
    once.forget("unheard of")
    assert [once.first("event", 60) for _ in range(2)] == [True, False]


def test_of_a_crowd_one_is_first(once: Once) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = Counter(threads.map(lambda _: once.first("event", 60), range(40)))
    assert answers[True] == 1


@pytest.mark.parametrize("key", ["", "ключ 🫖", "x" * 5000, "a\x00b"])
def test_a_key_may_be_any_text(once: Once, key: str) -> None:
    assert [once.first(key, 60), once.first(key, 60), once.first(f"{key}.", 60)] == [
        True,
        False,
        True,
    ]
