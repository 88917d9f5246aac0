"""Hits that differ: the order, and what it must never do to the hits themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.diversity import spread
from core.ports import Match, Vectors
from core.product import Vector
from core.vectors import unit

KINDS = 4


def match(product_id: str) -> Match:
    return Match(product_id, 0.5)


def towards(kind: int, lean: float = 0.0) -> Vector:
    vector = np.zeros(KINDS + 1, np.float32)
    vector[kind], vector[KINDS] = 1.0, lean
    return unit(vector)


def order(known: dict[str, Vectors], diversity: float) -> list[str]:
    spread_out = spread([match(one) for one in known], known, diversity)
    return [one.product_id for one in spread_out]


SHELF = {
    "mug": Vectors([towards(0)], None),
    "same mug": Vectors([towards(0, 0.05)], None),
    "mug again": Vectors([towards(0, 0.1)], None),
    "chair": Vectors([towards(1)], None),
    "lamp": Vectors([], towards(2)),
}


def test_without_diversity_everything_stays_where_it_is() -> None:
    assert order(SHELF, 0) == [*SHELF]


def test_a_third_mug_waits_for_the_chair_and_the_lamp() -> None:
    assert order(SHELF, 0.6)[:3] == ["mug", "chair", "lamp"]
    assert order(SHELF, 1)[:3] == ["mug", "chair", "lamp"]


def test_a_product_without_photos_is_compared_by_its_words() -> None:
    words = Vectors([], towards(0))
    assert order({**SHELF, "a word for mug": words}, 1)[-1] != "lamp"
    assert order({"mug": SHELF["mug"], "said": words, "chair": SHELF["chair"]}, 1)[1] == "chair"


def test_the_middle_of_several_photos_counts() -> None:
    both = Vectors([towards(0), towards(1)], None)
    assert order({"mug": SHELF["mug"], "both": both, "chair": SHELF["chair"]}, 1)[1] == "chair"


def test_one_that_is_gone_is_like_nothing_and_stays() -> None:
    matches = [match("mug"), match("same mug"), match("gone")]
    found = spread(matches, SHELF, 0.9)
    assert [one.product_id for one in found] == ["mug", "gone", "same mug"]
    assert spread(matches, {}, 0.9) == matches
    assert spread([], {}, 1) == []


@given(
    st.lists(st.tuples(st.integers(0, KINDS - 1), st.floats(0, 1)), max_size=60),
    st.floats(0, 1),
)
def test_nothing_is_lost_or_made_and_the_best_stays_first(
    shelf: list[tuple[int, float]], diversity: float
) -> None:
    known = {f"p{n}": Vectors([towards(kind, lean)], None) for n, (kind, lean) in enumerate(shelf)}
    found = order(known, diversity)
    assert sorted(found) == sorted(known)
    if known and diversity < 1:
        assert found[0] == "p0"


@pytest.mark.parametrize("kinds", [2, 3, 4])
def test_at_its_most_every_kind_comes_before_any_comes_twice(kinds: int) -> None:
    known = {
        f"{kind}-{n}": Vectors([towards(kind, 0.01 * n)], None)
        for kind in range(kinds)
        for n in range(5)
    }
    assert {one.partition("-")[0] for one in order(known, 1)[:kinds]} == {
        str(kind) for kind in range(kinds)
    }
