"""Whatever two instances do to a cache they share, in whatever order: what was made before the
catalogue last moved on is never served as current."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import sleep
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from core.ports import Cache
from core.stores.breaker import Breaker
from core.stores.dynamodb_cache import DynamoCache
from core.stores.dynamodb_generations import Generations
from core.stores.dynamodb_table import Table
from core.stores.entries import BoundedEntries
from core.stores.layered_cache import LayeredCache
from tests.aws import LocalAws
from tests.tables import Clock, client, new_table

NUMBER = st.sampled_from([0, 1])
"""Of an instance."""


class Down(Exception):
    """What a client raises that gets no answer."""


@dataclass
class Wire:
    """One instance's client, and whether anybody is at the other end: for reading, for writing."""

    client: Any
    reads: bool = True
    writes: bool = True

    def batch_get_item(self, **said: Any) -> Any:
        return self._ask(self.reads, self.client.batch_get_item, said)

    def put_item(self, **said: Any) -> Any:
        return self._ask(self.writes, self.client.put_item, said)

    def update_item(self, **said: Any) -> Any:
        return self._ask(self.writes, self.client.update_item, said)

    def _ask(self, hears: bool, ask: Callable[..., Any], said: dict[str, Any]) -> Any:
        if not hears:
            raise Down
        return ask(**said)


class Instance:
    """One process: its cache, and the answers it is making."""

    def __init__(self, server: LocalAws, name: str, clock: Clock, layered: bool) -> None:
        self.wire = Wire(client(server))
        never_rests = Breaker(failures=1_000_000)
        far = Table(name, self.wire, (Down, ClientError), never_rests, clock)
        self.generations = Generations(far, patience=0, pause=0.001)
        cache = DynamoCache(far, self.generations)
        self.cache: Cache = LayeredCache(BoundedEntries(), cache) if layered else cache
        self.making: list[tuple[int | None, int]] = []
        """Answers under way: the generation read before, the catalogue they are made of."""
        self.changed = 0
        """The catalogue as this process last changed it."""


class Shop(RuleBasedStateMachine):
    server: LocalAws
    table: str
    layered: bool

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.scope = uuid4().hex
        self.catalogue = 0
        self.told = 0
        """The catalogue when every change had last been told."""
        self.instances = [self.another(), self.another()]

    def another(self) -> Instance:
        return Instance(self.server, self.table, self.clock, self.layered)

    def all_told(self) -> bool:
        return not any(one.generations.owes(self.scope) for one in self.instances)

    def look(self, one: Instance) -> None:
        if self.all_told():
            self.told = self.catalogue
        found = one.cache.get("key", self.scope)
        if found.value is None:
            one.making.append((found.generation, self.catalogue))
        else:
            # What a process changed itself it never hides, and others never hide what was told.
            assert int(found.value) >= max(self.told, one.changed)

    def keep(self, one: Instance, which: int) -> None:
        if one.making:
            generation, made_of = one.making.pop(which % len(one.making))
            one.cache.put("key", b"%d" % made_of, 60, self.scope, generation, stale_ttl=60)

    @rule(number=NUMBER)
    def answer(self, number: int) -> None:
        self.look(self.instances[number])
        self.keep(self.instances[number], -1)

    @rule(number=NUMBER)
    def begin_an_answer(self, number: int) -> None:
        self.look(self.instances[number])

    @rule(number=NUMBER, which=st.integers(0, 3))
    def end_an_answer(self, number: int, which: int) -> None:
        self.keep(self.instances[number], which)

    @rule(number=NUMBER)
    def change(self, number: int) -> None:
        self.catalogue += 1
        self.instances[number].cache.advance(self.scope)
        self.instances[number].changed = self.catalogue

    @rule(seconds=st.sampled_from([1, 61]))
    def time_passes(self, seconds: int) -> None:
        self.clock.pass_by(seconds)

    @rule(number=NUMBER, hears=st.sampled_from(["all", "all", "all", "reads", "writes"]))
    def the_line_changes(self, number: int, hears: str) -> None:
        self.instances[number].wire.reads = hears != "writes"
        self.instances[number].wire.writes = hears != "reads"

    @rule(number=NUMBER)
    def begins_anew(self, number: int) -> None:
        if not self.instances[number].generations.owes(self.scope):
            self.instances[number] = self.another()

    def teardown(self) -> None:
        for one in self.instances:
            one.wire.writes = True
            one.cache.advance(self.scope)  # wakes whoever is to tell what is owed
        while not self.all_told():
            sleep(0.001)


@pytest.mark.parametrize("layered", [False, True], ids=["table", "layers"])
def test_what_was_made_before_a_change_is_not_served_after_it(
    aws_server: LocalAws, layered: bool
) -> None:
    class ShopHere(Shop):
        server = aws_server
        table = new_table(aws_server)

    ShopHere.layered = layered
    run_state_machine_as_test(
        ShopHere, settings=settings(max_examples=80, stateful_step_count=25, deadline=None)
    )
