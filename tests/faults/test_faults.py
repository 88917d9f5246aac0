"""Whatever goes wrong on the lines between a shop and what it needs: nothing that was acknowledged
is lost, nothing that was deleted comes back, no answer is out of date beyond its bound, and whoever
asks is told the right thing in time.

FAULT_HISTORIES says how many histories are tried, a hundred when it does not.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests.aws import LocalAws
from tests.fakes.line import Weather
from tests.fakes.qdrant_server import QdrantServer
from tests.faults.oracle import Known, Name
from tests.faults.world import LINES, Told, World, searched
from tests.photos import jpeg

HISTORIES = int(os.environ.get("FAULT_HISTORIES", "100"))
_PARTS = 4
_STEPS = 9
INSTANCE = st.sampled_from([0, 1])
PRODUCT = st.sampled_from(["mug", "teapot"])
DROPPED = st.sampled_from(["lamp", "chair"])
WEATHER = st.sampled_from(list(Weather))


class Shop(RuleBasedStateMachine):
    aws: LocalAws

    def __init__(self) -> None:
        super().__init__()
        self.aws.reset()
        self.qdrant = QdrantServer()
        self.world = World(self.aws, self.qdrant)
        self.products = {name: Known() for name in ("mug", "teapot")}
        self.bucket: dict[str, int] = {}
        self.number = 0
        self.died_owing = False
        """An instance ended before it could tell the others what it had changed."""

    # What its operator does

    @rule(by=INSTANCE, product=PRODUCT)
    def put(self, by: int, product: str) -> None:
        name = self.another_name(product)
        self.change(by, product, "PUT", {"name": name}, lambda _: name)

    @rule(by=INSTANCE, product=PRODUCT)
    def patch(self, by: int, product: str) -> None:
        name = self.another_name(product)
        self.change(by, product, "PATCH", {"name": name}, lambda was: was and name)

    @rule(by=INSTANCE, product=PRODUCT)
    def delete(self, by: int, product: str) -> None:
        self.change(by, product, "DELETE", None, lambda _: None)

    @rule(product=DROPPED)
    def drop(self, product: str) -> None:
        self.number += 1
        self.bucket[product] = self.number
        self.world.on.put(f"images/{product}.jpg", jpeg(self.number, (24, 24)))

    @rule(product=DROPPED)
    def take_away(self, product: str) -> None:
        self.bucket.pop(product, None)
        self.world.on.s3.delete_object(Bucket="shop", Key=f"images/{product}.jpg")

    @rule(by=INSTANCE)
    def index_what_was_dropped(self, by: int) -> None:
        self.world.work(by)

    @rule(by=INSTANCE, product=DROPPED, line=st.sampled_from(LINES), weather=WEATHER)
    def drop_on_a_bad_day(self, by: int, product: str, line: str, weather: Weather) -> None:
        """Else the two seldom meet."""
        self.world.lines[line].weather = weather
        self.drop(product)
        self.world.work(by)

    # What its shoppers do

    @rule(by=INSTANCE, product=PRODUCT)
    def look(self, by: int, product: str) -> None:
        told = self.world.instances[by].ask("GET", f"/products/{product}")
        if told.well:
            self.products[product].is_seen(told.body["name"] if told.status == 200 else None)

    @rule(by=INSTANCE)
    def search(self, by: int) -> None:
        told = self.world.instances[by].ask("POST", "/search", {"text_query": "brown things"})
        if told.well:
            self.all_are_found(told, by)

    # What happens to them

    @rule(line=st.sampled_from(LINES), weather=WEATHER)
    def weather_changes(self, line: str, weather: Weather) -> None:
        self.world.lines[line].weather = weather

    @rule()
    def weather_clears(self) -> None:
        self.world.clear()

    @rule(seconds=st.sampled_from([-7200.0, -10.0, 10.0, 7200.0]))
    def clock_jumps(self, seconds: float) -> None:
        self.world.clock.pass_by(seconds)

    @rule(by=INSTANCE)
    def is_killed(self, by: int) -> None:
        self.died_owing |= self.world.instances[by].owes
        self.world.begin_anew(by)

    # What must hold

    def change(
        self, by: int, product: str, method: str, said: Any, to: Callable[[Name], Name]
    ) -> None:
        told = self.world.instances[by].ask(method, f"/products/{product}", said)
        known = self.products[product]
        if told.status == 404:
            assert None in known.possible, "what was acknowledged is lost"
            known.possible = {None, *known.pending[1 - by]}
            return
        known.changes(by, to, told.well)
        if told.well and not any(one.owes for one in self.world.instances):
            self.died_owing = False
        if not self.died_owing and not any(one.owes for one in self.world.instances):
            for one in self.products.values():
                one.told_to_all()

    def all_are_found(self, told: Told, by: int) -> None:
        found = searched(told)
        for product, known in self.products.items():
            known.is_found(found.get(product), by, told.body["cache"] == "stale")

    def another_name(self, product: str) -> str:
        self.number += 1
        return f"Brown {product} {self.number}"

    def teardown(self) -> None:
        try:
            self.world.heal()
            for product, known in self.products.items():
                seen = {
                    one.ask("GET", f"/products/{product}").status for one in self.world.instances
                }
                assert len(seen) == 1, "two instances of one mind"
                self.look(0, product)
                known.told_to_all()
            for by in (0, 1):
                self.search(by)
            self.is_as_the_bucket_says()
        finally:
            self.world.close()
            self.qdrant.stop()

    def is_as_the_bucket_says(self) -> None:
        index = self.world.instances[0].shop.index
        for product in ("lamp", "chair"):
            listing = index.get(product)
            if product not in self.bucket:
                assert listing is None, "what was taken away came back"
                continue
            assert listing is not None, "what was dropped is lost"
            [photo] = listing.photos
            [stored] = self.world.on.photos.of_product(product)
            assert photo.version == stored.version


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(_PARTS))
def test_on_bad_days(aws: LocalAws, part: int) -> None:
    """In parts, so that they can be tried side by side."""

    class ShopHere(Shop):
        pass

    ShopHere.aws = aws
    run_state_machine_as_test(
        ShopHere,
        settings=settings(
            max_examples=max(1, HISTORIES // _PARTS),
            stateful_step_count=_STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
