"""From scored points to products: when enough was fetched, and what wins."""

from __future__ import annotations

import pytest

from core.ports import Match
from core.stores.qdrant_ranking import next_fetch, ranked


def points(*described: str) -> list[Match]:
    """Photos written as score and key: `0.9 mug/a.jpg` is one of mug."""
    found = []
    for one in described:
        score, _, key = one.partition(" ")
        found.append(Match(key.partition("/")[0], float(score), key))
    return found


def order(found: list[Match] | None) -> list[str] | None:
    return None if found is None else [one.product_id for one in found]


def test_all_there_is_needs_no_more() -> None:
    assert order(ranked([], 10, 5)) == []
    assert order(ranked(points("0.9 b/1", "0.9 a/1", "0.1 c/1"), 4, 2)) == ["a", "b"]


def test_one_product_in_every_place_asks_for_more() -> None:
    assert ranked(points("0.9 a/1", "0.8 a/2", "0.7 a/3"), 3, 2) is None
    assert order(ranked(points("0.9 a/1", "0.8 a/2", "0.7 b/1", "0.6 c/1"), 4, 2)) == ["a", "b"]


def test_a_tie_that_may_go_on_asks_for_more() -> None:
    assert ranked(points("0.9 c/1", "0.7 b/1", "0.7 d/1"), 3, 2) is None
    assert order(ranked(points("0.9 c/1", "0.7 b/1", "0.7 a/1"), 4, 2)) == ["c", "a"]
    assert order(ranked(points("0.9 c/1", "0.7 b/1", "0.6 a/1"), 3, 2)) == ["c", "b"]


def test_an_endless_tie_is_cut() -> None:
    endless = points(*(f"0.5 p{n:04}/1" for n in reversed(range(1024))))
    assert order(ranked(endless, 1024, 2)) == ["p0000", "p0001"]
    assert ranked(endless[:1023], 1023, 2) is None


@pytest.mark.parametrize("first", [2, 11, 61, 101, 255, 256, 1001])
def test_every_way_of_asking_for_more_stops_at_the_same_depth(first: int) -> None:
    fetch = first
    while fetch < 1024:
        fetch = next_fetch(fetch)
    assert fetch == 1024
