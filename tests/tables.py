"""Tables for tests: on moto and on dynalite, a new one for whoever asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from time import sleep, time
from typing import Any
from uuid import uuid4

import pytest

from core.stores.breaker import Breaker
from core.stores.dynamodb_table import Table
from tests.aws import LocalAws


class Clock:
    """Time passes when a test says so."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


@cache
def client(server: LocalAws) -> Any:
    """Making a client takes longer than most tests, so they share one."""
    from botocore.config import Config

    return server.client("dynamodb", Config(max_pool_connections=60))


def new_table(server: LocalAws) -> str:
    name = f"likeness-{uuid4().hex}"
    client(server).create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    while client(server).describe_table(TableName=name)["Table"]["TableStatus"] != "ACTIVE":
        sleep(0.001)
    return name


def table(server: LocalAws, name: str, clock: Callable[[], float] = time) -> Table:
    """The table as one more instance of us sees it."""
    from botocore.exceptions import BotoCoreError, ClientError

    return Table(name, client(server), (BotoCoreError, ClientError), Breaker(), clock)


def connect(address: LocalAws, name: str, read_timeout: float = 0.2) -> Table:
    """Reached as it is in earnest, but for its patience."""
    with pytest.MonkeyPatch.context() as environment:
        for variable, value in address.environment().items():
            environment.setenv(variable, value)
        return Table.connect(name, connect_timeout=0.1, read_timeout=read_timeout)


def again(table: Table, name: str, clock: Clock) -> Table:
    """Another table at the same end, with nothing held against it yet."""
    breaker = Breaker(rest=10, clock=clock)
    return Table(name, table._client, table._failures, breaker, clock)


def items(server: LocalAws, name: str) -> list[dict[str, Any]]:
    """What lies in the table, expired or not."""
    found: list[dict[str, Any]] = client(server).scan(TableName=name)["Items"]
    return found


@contextmanager
def asked(server: LocalAws) -> Iterator[list[str]]:
    """What the server's tables are asked meanwhile, trip by trip."""
    trips: list[str] = []

    def note(model: Any, **more: Any) -> None:
        trips.append(model.name)

    events = client(server).meta.events
    events.register("before-call.dynamodb", note)
    yield trips
    events.unregister("before-call.dynamodb", note)
