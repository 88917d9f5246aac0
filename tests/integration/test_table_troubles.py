"""The cache, the limiter and the list of first comers while their table is in trouble."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator
from threading import Event
from time import perf_counter, sleep

import botocore.session
import pytest

from core.ports import Lookup
from core.stores.dynamodb_cache import DynamoCache
from core.stores.dynamodb_generations import Generations
from core.stores.dynamodb_limits import DynamoLimiter, DynamoOnce
from core.stores.dynamodb_table import Table
from core.stores.entries import BoundedEntries
from core.stores.layered_cache import LayeredCache
from core.stores.token_bucket import TokenBucket
from tests.aws import LocalAws
from tests.fakes.troubled_aws import (
    TROUBLES,
    Line,
    fails_with,
    hangs_up,
    line_to,
    none,
    only,
    passing,
)
from tests.tables import Clock, again, connect, new_table, table

NAME = "t"
"""The table of which the troubles speak."""


@pytest.fixture(scope="module")
def one_line(aws_server: LocalAws) -> Iterator[Line]:
    with line_to(aws_server) as line:
        yield line


@pytest.fixture(scope="module")
def hasty(one_line: Line) -> Table:
    """For what hangs. Connecting takes longer than most tests."""
    return connect(one_line.address, NAME)


@pytest.fixture(scope="module")
def patient(one_line: Line) -> Table:
    """What is right is answered, however busy the machine is."""
    return connect(one_line.address, NAME, read_timeout=10)


@pytest.fixture
def line(one_line: Line) -> Iterator[Line]:
    one_line.asked.clear()
    yield one_line
    one_line.trouble = none
    one_line.over.set()
    one_line.over = Event()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def through(patient: Table, aws_server: LocalAws, clock: Clock) -> Table:
    """A table of its own for every test, at the end of the line."""
    return again(patient, new_table(aws_server), clock)


def knows_nothing(table: Table) -> bool:
    """All that is done with a table is done without it."""
    cache = LayeredCache(BoundedEntries(), DynamoCache(table))
    assert cache.get("key", "products") == Lookup(None, None)
    assert cache.get("key") == Lookup(None, 0)
    cache.put("key", b"value", 60, "products", 7)
    cache.put("key", b"value", 60)
    assert cache.get("key").value == b"value", "memory is still there"
    assert cache.get("key", "products") == Lookup(None, None)
    limiter = DynamoLimiter(table, TokenBucket(limit=2, period=60))
    assert [limiter.take("client").allowed for _ in range(3)] == [True, True, False]
    once = DynamoOnce(table)
    once.forget("event")
    return once.first("event", 60) and once.first("event", 60)


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_table_in_trouble_is_a_miss(
    line: Line,
    hasty: Table,
    clock: Clock,
    trouble: str,
    record_property: Callable[[str, object], None],
) -> None:
    line.trouble = TROUBLES[trouble]
    cache = DynamoCache(again(hasty, NAME, clock))
    began = perf_counter()
    assert cache.get("key", "products") == Lookup(None, None)
    if trouble == "hangs":
        record_property(
            "a table that hangs for good, given 0.2 s", f"{perf_counter() - began:.2f} s"
        )
    assert len(line.asked) == 1, "a miss costs less than asking again"
    assert knows_nothing(again(hasty, NAME, clock))


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_change_that_can_not_be_told_is_told_later(
    line: Line, hasty: Table, through: Table, clock: Clock, trouble: str
) -> None:
    by_haste = again(hasty, through._name, clock)
    generations = Generations(by_haste, patience=0.05, pause=0.02)
    line.trouble = TROUBLES[trouble]
    generations.advance("products")
    assert generations.owes("products")
    line.trouble = none
    until_paid(generations)
    assert DynamoCache(through, generations).generation("products")


def test_a_table_that_refuses_or_does_not_let_us_connect_is_a_miss() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        table = connect(LocalAws(*deaf.getsockname()), NAME)
        assert knows_nothing(again(table, NAME, Clock())), "nobody listens"
        deaf.listen(0)
        with socket.create_connection(deaf.getsockname()):  # the one who is let wait
            assert knows_nothing(again(table, NAME, Clock())), "nobody lets us in"


def test_without_credentials_it_is_a_miss(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in line.address.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    # Earlier tests had some, and a process keeps what it has found.
    monkeypatch.setattr("core.stores.aws._session", botocore.session.get_session)
    assert knows_nothing(Table.connect(NAME))
    assert line.asked == []


def test_who_keeps_failing_is_not_asked_for_a_while(
    line: Line, through: Table, clock: Clock
) -> None:
    cache = DynamoCache(through)
    line.trouble = fails_with("InternalServerError", 500)
    for _ in range(10):
        assert cache.get("key", "products") == Lookup(None, None)
    assert len(line.asked) == 3
    clock.pass_by(10)
    for _ in range(10):
        cache.get("key", "products")
    assert len(line.asked) == 4, "one went to look"
    clock.pass_by(10)
    line.trouble = none
    generation = cache.get("key", "products").generation
    cache.put("key", b"value", 60, "products", generation)
    assert cache.get("key", "products").value == b"value"
    assert len(line.asked) == 7


def test_trouble_is_logged_once_a_minute(
    line: Line, through: Table, caplog: pytest.LogCaptureFixture
) -> None:
    cache = DynamoCache(through)
    line.trouble = fails_with("ThrottlingException")
    with caplog.at_level(logging.WARNING, "core"):
        for _ in range(10):
            cache.get("key", "products")
    [said] = caplog.messages
    assert "ThrottlingException" in said


def test_what_memory_holds_is_stale_while_the_table_is_silent(line: Line, through: Table) -> None:
    cache = LayeredCache(BoundedEntries(), DynamoCache(through))
    generation = cache.get("key", "products").generation
    cache.put("key", b"value", 60, "products", generation, stale_ttl=60)
    line.trouble = hangs_up
    assert cache.get("key", "products") == Lookup(None, None, b"value")
    line.trouble = none
    assert cache.get("key", "products") == Lookup(b"value", 0)


# A change that can't be told at once


def until_paid(generations: Generations) -> None:
    for _ in range(1000):
        if not generations.owes("products"):
            return
        sleep(0.01)
    raise AssertionError("it is still owed")


@pytest.mark.parametrize("layered", [False, True])
def test_what_is_owed_is_current_nowhere_here_and_in_the_end_nowhere(
    line: Line, through: Table, aws_server: LocalAws, clock: Clock, layered: bool
) -> None:
    """The worst of cases: the table hears every question, and of the change alone it does not."""
    generations = Generations(through, patience=0.05, pause=0.02)
    far = DynamoCache(through, generations)
    here = LayeredCache(BoundedEntries(), far) if layered else far
    there = DynamoCache(table(aws_server, through._name, clock))
    for scope in ("products", "other"):
        here.put("key", b"old", 60, scope, here.get("key", scope).generation)

    line.trouble = only("UpdateItem", fails_with("ThrottlingException"))
    for _ in range(3):
        here.advance("products")
        assert here.get("key", "products").value is None
        assert here.get("key", "products").generation is None
    assert here.get("key", "other").value == b"old"

    line.trouble = none
    until_paid(generations)
    assert here.get("key", "products") == there.get("key", "products")
    assert there.get("key", "products").value is None


def test_a_hiccup_is_waited_for(line: Line, through: Table) -> None:
    generations = Generations(through, patience=10, pause=0.02)
    line.trouble = only("UpdateItem", passing(fails_with("ThrottlingException"), 3))
    generations.advance("products")
    assert not generations.owes("products")


def test_who_dies_owing_has_said_so(
    line: Line, through: Table, caplog: pytest.LogCaptureFixture
) -> None:
    generations = Generations(through, patience=0.01, pause=0.02)
    line.trouble = fails_with("ThrottlingException")
    for _ in range(5):
        generations.advance("products")
    errors = [record.message for record in caplog.records if record.levelno == logging.ERROR]
    assert errors == ["products changed, and the shared cache can't be told yet"]
    line.trouble = none
    until_paid(generations)
