"""A long run is told truly: what rises is said to grow, and what only wavers is not."""

from __future__ import annotations

from collections import Counter
from random import Random

import msgspec
import pytest

from scripts.soak.growth import SERIES, growths
from scripts.soak.shoppers import Shoppers, question
from scripts.soak.watching import Sample

STEADY = Sample(
    minutes=0,
    asked=100,
    failed=0,
    recalled=0.5,
    p50=10,
    p99=50,
    rss=300,
    own=100,
    handles=12,
    threads=30,
    disk=500,
    changes=0,
    load=1,
)


def watched(minutes: int = 30, **series: float) -> list[Sample]:
    """Everything wavers by a hundredth; the series named rise by so much a minute as well."""
    chance = Random(1)

    def at(minute: int) -> Sample:
        values = {
            name: getattr(STEADY, name) * chance.uniform(0.99, 1.01)
            + minute * series.get(name, 0.0)
            for name in SERIES
        }
        return msgspec.structs.replace(STEADY, minutes=float(minute), **values)

    return [at(minute) for minute in range(1, minutes + 1)]


def grew(samples: list[Sample]) -> set[str]:
    return {growth.name for growth in growths(samples) if growth.grew}


def test_what_wavers_does_not_grow() -> None:
    assert [growth.name for growth in growths(watched())] == list(SERIES)
    assert grew(watched()) == set()


@pytest.mark.parametrize("name", SERIES)
def test_what_rises_grows_and_by_how_much_is_told(name: str) -> None:
    a_minute = getattr(STEADY, name) / 100
    samples = watched(**{name: a_minute})
    assert grew(samples) == {name}
    [growth] = [growth for growth in growths(samples) if growth.name == name]
    assert growth.an_hour == pytest.approx(60 * a_minute, abs=3 * growth.error)
    assert "GREW" in str(growth)


def test_what_falls_does_not_grow() -> None:
    assert grew(watched(own=-1.0)) == set()


def test_what_is_made_at_the_beginning_is_no_growth() -> None:
    samples = watched()
    for place in range(15):
        samples[place] = msgspec.structs.replace(samples[place], own=10.0 * place)
    assert grew(samples) == set()


def test_a_short_run_tells_nothing() -> None:
    assert growths(watched(5)) == []


def test_few_things_are_asked_often_and_most_seldom() -> None:
    shoppers = Shoppers([b"small"], [b"large"])
    asked = Counter(shoppers.rank(Random(number)) for number in range(20_000))
    first, second, tenth = asked[0], asked[1], asked[9]
    assert first / second == pytest.approx(2, rel=0.15)
    assert first / tenth == pytest.approx(10, rel=0.3)
    assert sum(count == 1 for count in asked.values()) > 1000


def test_the_same_number_is_the_same_question_and_photos_are_never_the_same() -> None:
    shoppers = Shoppers([b"small"], [b"large"])
    said = [shoppers(number) for number in range(500)]
    assert said == [shoppers(number) for number in range(500)]
    with_photos = [one for one in said if b"/search/by-image" in one]
    assert 20 < len(with_photos) < 100
    assert len(set(with_photos)) == len(with_photos)
    assert {b"small" in one for one in with_photos} == {True, False}
    assert question(7) == question(7)
