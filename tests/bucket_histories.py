"""What may happen to a bucket, its events and its indexer, and what must hold in the end."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from core.bucket import place
from core.errors import BucketUnavailable, IndexUnavailable
from core.indexing import Indexing
from core.stores.memory_cache import MemoryCache
from handlers.bucket_events import changes
from tests.bucket_truth import expected, indexed, poison
from tests.bucket_world import (
    Content,
    Fault,
    Killed,
    World,
    broken_facts,
    photo,
    sidecar,
    unusable,
)
from tests.fakes.memory_index import MemoryIndex
from tests.fakes.toy_embedder import ToyEmbedder

IDS = ["a", "a.é +%"]
PHOTO_PLACES = ["images/{}.jpg", "images/{}/1.png", "images/{}/x y/2.webp"]
SIDECAR_PLACES = ["images/{}.json", "images/{}/product.json"]
METADATA = [
    photo(1, {"name": "By%20metadata"}, name="By metadata"),
    photo(2, {"name": "=?utf-8?q?By_m=C3=A9tadata?=", "price": "2"}, name="By métadata", price=2.0),
]
PHOTOS = [photo(3), photo(4), *METADATA, broken_facts(METADATA[0]), unusable(METADATA[0])]
SIDECARS = [sidecar(name="By sidecar"), sidecar(price=3.0), broken_facts(sidecar())]
TIMES = int(os.environ.get("HISTORIES_TIMES", "1"))
"""So many times as many histories are tried as in a gate."""
TWICE = st.booleans()
QUICK = settings(deadline=None, suppress_health_check=list(HealthCheck))
SLOW = settings(QUICK, phases=[Phase.explicit, Phase.reuse, Phase.generate])
"""Where a history takes a while, one that goes wrong is not made shorter."""


@dataclass(frozen=True, slots=True)
class Put:
    key: str
    content: Content
    twice: bool


@dataclass(frozen=True, slots=True)
class Delete:
    key: str
    twice: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """So many messages are given to the indexer, drawn from all over the queue."""

    size: int
    order: int
    fault: Fault | None


@dataclass(frozen=True, slots=True)
class Restart:
    pass


@dataclass(frozen=True, slots=True)
class Shop:
    """Somebody looks at the catalogue, and what they are told may be remembered."""


def keys(places: list[str]) -> st.SearchStrategy[str]:
    return st.builds(str.format, st.sampled_from(places), st.sampled_from(IDS))


ERRORS: list[type[BaseException]] = [Killed, IndexUnavailable, BucketUnavailable, ZeroDivisionError]
FAULTS = st.builds(Fault, st.integers(0, 40), st.sampled_from(ERRORS), st.booleans())
STEPS = st.lists(
    st.one_of(
        st.builds(Put, keys(PHOTO_PLACES), st.sampled_from(PHOTOS), TWICE),
        st.builds(Put, keys(SIDECAR_PLACES), st.sampled_from(SIDECARS), TWICE),
        st.builds(Delete, keys(PHOTO_PLACES + SIDECAR_PLACES), TWICE),
        st.builds(Turn, st.integers(1, 10), st.integers(0, 9), FAULTS),
        st.builds(Turn, st.integers(5, 10), st.integers(0, 9), st.none()),
        st.builds(Restart),
        st.builds(Shop),
    ),
    min_size=8,
    max_size=24,
)
MENDING = st.integers(0, 255)
"""By its bits: which poison is overwritten and which is deleted."""


def live(world: World, steps: Iterable[object]) -> None:
    for step in steps:
        match step:
            case Put(key, content, twice):
                world.put(key, content, twice)
            case Delete(key, twice):
                world.delete(key, twice)
            case Turn(size, order, fault):
                world.turn(size, Random(order), fault)
            case Shop():
                world.shop(lambda: indexed(world))
            case _:
                world.restart()


def same_matter(key: str, other: str) -> bool:
    """Sidecars of one product stand in for each other, so one's events tell of the other."""
    where, there = place(key), place(other)
    return key == other or (where == there and key.endswith(".json"))


def told_dead(world: World) -> list[str]:
    return [change.key for letter in world.letters() for change in changes(letter.body)]


def end_well(world: World, mending: int) -> None:
    world.drain()
    dead = told_dead(world)
    for key in poison(world):
        assert any(same_matter(key, letter) for letter in dead), "poison, and nobody was told"
    world.replay()  # letters that died of faults, or of what was mended since
    world.drain()
    assert indexed(world) == expected(world)
    told = world.shop(lambda: indexed(world))
    assert told in (None, json.dumps(indexed(world), default=repr).encode()), "a change is hidden"
    afresh = Indexing(ToyEmbedder(), world.index, world.photos, MemoryCache(), "products")
    assert not any(afresh.settle(product_id).changed for product_id in IDS)

    if world.buries_alone:
        told_why(world)
    mend(world, mending)
    mend(world, 0)  # a sidecar that was deleted may have hidden another one that is broken
    assert (poison(world), world.letters()) == (set(), [])
    assert indexed(world) == expected(world)


def told_why(world: World) -> None:
    """By now whoever received a letter got as far as saying why: these died of what is there."""
    labels = [letter.labels for letter in world.letters()]
    assert {one["Key"] for one in labels} == poison(world)
    for one in labels:
        assert one["Key"] in one["Reason"]
        assert place(one["Key"]).product_id == one["ProductId"]  # type: ignore[union-attr]


def mend(world: World, mending: int) -> None:
    for number, key in enumerate(sorted(poison(world))):
        if mending >> number & 1:
            world.delete(key)
        else:
            world.put(key, sidecar(name="Mended") if key.endswith(".json") else photo(5))
    world.drain()
    world.replay()
    world.drain()


def memory_index() -> MemoryIndex:
    return MemoryIndex(ToyEmbedder.model, ToyEmbedder.dimension)
