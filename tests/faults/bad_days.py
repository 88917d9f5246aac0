"""A shop on its bad days, as a history of what is done with it and what happens to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from tests.aws import LocalAws
from tests.fakes.line import Weather
from tests.fakes.qdrant_server import QdrantServer
from tests.faults.instance import Told
from tests.faults.oracle import Known, Name, Pictures
from tests.faults.origin import OF_PHOTOS, Origin, Way, Where, name_of, photo
from tests.faults.world import BUDGET_MS, LINES, World, searched
from tests.photos import jpeg

INSTANCE = st.sampled_from([0, 1])
TOLD, PICTURED = ["mug", "teapot"], ["vase"]
PRODUCT = st.sampled_from(TOLD + PICTURED)
DROPPED = st.sampled_from(["lamp", "chair"])
WEATHER = st.sampled_from(list(Weather))
WHERE = st.builds(
    Where,
    st.sampled_from([Way.STRAIGHT] * 4 + list(Way)),
    st.sampled_from([Weather.CLEAR] * 8 + list(Weather)),
    st.booleans(),
)


class Shop(RuleBasedStateMachine):
    aws: LocalAws
    origin: Origin

    def __init__(self) -> None:
        super().__init__()
        self.aws.reset()
        self.qdrant = QdrantServer()
        self.world = World(self.aws, self.qdrant, self.origin)
        self.products = {name: Known() for name in TOLD + PICTURED}
        self.pictures = {name: Pictures() for name in PICTURED}
        self.photo_names: dict[str, int] = {}
        self.spoilt: set[int] = set()
        """Photos that may have come spoilt, as nothing on the way could tell."""
        self.bucket: dict[str, int] = {}
        self.number = 0
        self.all_is_well = False
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
        told = self.change(by, product, "DELETE", None, lambda _: None)
        if product in PICTURED:
            self.pictures[product].told(by, None, told.well)

    @rule(by=INSTANCE, product=st.sampled_from(PICTURED), where=WHERE)
    def put_with_a_photo(self, by: int, product: str, where: Where) -> None:
        name, number = self.another_name(product), self.number
        url = self.world.origin.leads(where, number)
        self.photo_names[name_of(url)] = number
        self.spoilt |= {number} if where.may_spoil else set()
        told = self.change(by, product, "PUT", {"name": name, "image_url": url}, lambda _: name)
        self.is_told_of_the_photo(told, where)
        if told.code not in OF_PHOTOS:
            self.pictures[product].told(by, number, told.well)

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
        self.seen(by, product)

    @rule(by=INSTANCE)
    def search(self, by: int) -> None:
        told = self.told(by, "POST", "/search", {"text_query": "brown things"})
        if told.well:
            self.all_are_found(told, by)

    @rule(by=INSTANCE, where=WHERE)
    def search_by_address(self, by: int, where: Where) -> None:
        self.number += 1
        url = self.world.origin.leads(where, self.number)
        told = self.world.instances[by].ask("POST", "/search", {"image_url": url})
        self.is_told_of_the_photo(told, where)
        if told.code is None:  # those without a photo are not found by one
            self.are_found(searched(told), told, by)

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

    def seen(self, by: int, product: str) -> int:
        told = self.told(by, "GET", f"/products/{product}")
        if told.well:
            self.products[product].is_seen(told.body["name"] if told.status == 200 else None)
        return told.status

    def told(self, by: int, method: str, path: str, said: Any = None) -> Told:
        one = self.world.instances[by]
        return (one.insist if self.all_is_well else one.ask)(method, path, said)

    def change(
        self, by: int, product: str, method: str, said: Any, to: Callable[[Name], Name]
    ) -> Told:
        told = self.world.instances[by].ask(method, f"/products/{product}", said)
        known = self.products[product]
        if told.code in OF_PHOTOS:
            return told  # then nothing is changed
        if told.status == 404:
            assert None in known.possible, "what was acknowledged is lost"
            known.possible = {None, *known.pending[1 - by]}
            return told
        assert told.code is None or told.status >= 500, told.body
        known.changes(by, to, told.well)
        if told.well and not any(one.owes for one in self.world.instances):
            self.died_owing = False
        if not self.died_owing and not any(one.owes for one in self.world.instances):
            for one in self.products.values():
                one.told_to_all()
        return told

    def is_told_of_the_photo(self, told: Told, where: Where) -> None:
        if told.status < 500 and told.code not in where.may_be_told():
            late = told.seconds > 0.9 * BUDGET_MS / 1000
            assert late and told.code == "image_url_failed", (told.body, where)
        self.world.origin.nobody_came_inside()

    def all_are_found(self, told: Told, by: int) -> None:
        self.are_found(dict.fromkeys(self.products) | searched(told), told, by)

    def are_found(self, found: Mapping[str, Name], told: Told, by: int) -> None:
        for product in found.keys() & self.products.keys():
            self.products[product].is_found(found[product], by, told.body["cache"] == "stale")

    def another_name(self, product: str) -> str:
        self.number += 1
        return f"Brown {product} {self.number}"

    def teardown(self) -> None:
        try:
            self.world.heal()
            self.all_is_well = True
            for product, known in self.products.items():
                seen = {self.seen(by, product) for by in (0, 1)}
                assert len(seen) == 1, f"two instances are not of one mind: {seen}"
                known.told_to_all()
            for by in (0, 1):
                self.search(by)
            self.is_as_the_bucket_says()
            self.photos_are_whole()
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

    def photos_are_whole(self) -> None:
        for product, pictures in self.pictures.items():
            listing = self.world.instances[0].shop.index.get(product)
            stored = self.world.on.photos.of_product(product)
            shown = {(one.key, one.version) for one in listing.photos} if listing else set()
            assert shown == {(one.key, one.version) for one in stored}
            numbers = {self.photo_names[PurePosixPath(one.key).stem]: one.key for one in stored}
            if listing is not None:
                pictures.are_seen(set(numbers))
            for number in numbers.keys() - self.spoilt:
                assert self.world.on.photos.read(numbers[number], 10**6) == photo(number)
