"""Limits and first comers that two instances share."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import copy_context

import pytest

from core import budget
from core.deliveries import deliver
from core.errors import OutOfTime
from core.stores.dynamodb_limits import DynamoLimiter, DynamoOnce
from core.stores.token_bucket import TokenBucket
from tests.aws import LocalAws
from tests.tables import Clock, asked, client, items, new_table, table

BUCKET = TokenBucket(limit=3, period=60)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["aws_server", "dynalite_server"])
def server(request: pytest.FixtureRequest) -> LocalAws:
    found: LocalAws = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def name(server: LocalAws) -> str:
    return new_table(server)


def test_a_bucket_is_one_for_all(server: LocalAws, name: str, clock: Clock) -> None:
    here, there = (DynamoLimiter(table(server, name, clock), BUCKET) for _ in range(2))
    allowances = [one.take("client") for one in (here, there, here, there, here)]
    assert [one.allowed for one in allowances] == [True, True, True, False, False]
    assert [one.remaining for one in allowances] == [2, 1, 0, 0, 0]
    assert [one.retry_after for one in allowances] == [0, 0, 0, 20, 20]


def test_it_is_mostly_one_trip_and_none_for_who_has_run_out(
    server: LocalAws, name: str, clock: Clock
) -> None:
    here, there = (DynamoLimiter(table(server, name, clock), BUCKET) for _ in range(2))
    with asked(server) as trips:
        here.take("client")
        assert len(trips) == 1, "nothing is known of it"
        here.take("client")
        assert len(trips) == 2, "it has been here"
        trips.clear()
        there.take("client")
        assert 2 <= len(trips) <= 3, "it has been elsewhere"
        trips.clear()
        for _ in range(100):
            assert not there.take("client").allowed
        assert trips == [], "it has run out"
        clock.pass_by(60)
        there.take("client")
        assert len(trips) == 1, "its bucket is full again"


def test_while_the_table_is_down_an_instance_goes_on_from_what_it_knows(
    server: LocalAws, name: str, clock: Clock
) -> None:
    far = table(server, name, clock)
    limiter = DynamoLimiter(far, BUCKET)
    limiter.take("client")
    far._name = "gone"
    assert [limiter.take("client").allowed for _ in range(3)] == [True, True, False]
    assert limiter.take("another").allowed


def test_a_bucket_that_makes_no_sense_stops_nobody(
    server: LocalAws, name: str, clock: Clock
) -> None:
    limiter = DynamoLimiter(table(server, name, clock), BUCKET)
    limiter.take("client")
    [item] = items(server, name)
    client(server).put_item(TableName=name, Item={**item, "full_at": {"S": "?"}})
    assert limiter.take("client").allowed


def test_what_is_of_no_more_use_may_be_deleted(server: LocalAws, name: str, clock: Clock) -> None:
    clock.now = 1_000_000.5
    DynamoLimiter(table(server, name, clock), BUCKET).take("client")
    DynamoOnce(table(server, name, clock)).first("event", 86_400)
    assert sorted(int(item["expires_at"]["N"]) for item in items(server, name)) == [
        1_000_061,
        1_086_401,
    ]


def test_who_came_is_nobody_s_business(server: LocalAws, name: str, clock: Clock) -> None:
    DynamoLimiter(table(server, name, clock), BUCKET).take("203.0.113.7")
    assert "203.0.113.7" not in str(items(server, name))


def test_first_is_first_for_all(server: LocalAws, name: str, clock: Clock) -> None:
    here, there = (DynamoOnce(table(server, name, clock)) for _ in range(2))
    assert [one.first("event", 60) for one in (here, there, here)] == [True, False, False]
    there.forget("event")
    assert [one.first("event", 60) for one in (here, there)] == [True, False]


def test_how_an_event_ended_is_known_even_where_its_time_was_up(
    server: LocalAws, name: str
) -> None:
    """Whoever worked it may ask the table no more: the next attempt would wait for it in vain."""
    once = DynamoOnce(table(server, name))

    def fails() -> None:
        budget.waits(0)
        raise OutOfTime("Too late.")

    def late(work: Callable[[], None]) -> bool | None:
        return copy_context().run(deliver, once, "event", work)

    with pytest.raises(OutOfTime):
        late(fails)
    assert late(lambda: budget.waits(0)) is True
    assert late(fails) is False
