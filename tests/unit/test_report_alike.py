"""Pairs of photos that look alike, and a map without two photos in one place."""

from __future__ import annotations

import numpy as np
import pytest

from scripts.report import alike, layout
from scripts.report.survey import Item, Looks, Seen

LEAST, LEAST_OF_ONE, SHOWN = 0.9, 0.95, 10


def seen(*products: str) -> list[Seen]:
    return [Seen(Item(one, one, "", "", ""), f"{n}.jpg") for n, one in enumerate(products)]


def unit(looks: np.ndarray) -> Looks:
    made: Looks = (looks / np.linalg.norm(looks, axis=1, keepdims=True)).astype(np.float16)
    return made


def found(photos: list[Seen], looks: Looks) -> tuple[alike.Alike, alike.Alike]:
    return alike.find(photos, looks, LEAST, LEAST_OF_ONE, SHOWN, lambda *_: None)


def test_pairs_are_those_that_comparing_one_by_one_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    """With tiles so small that there are many, and the last of each row and column is not full."""
    monkeypatch.setattr(alike, "_ROWS", 7)
    monkeypatch.setattr(alike, "_COLUMNS", 11)
    monkeypatch.setattr(alike, "_MOST_TIMES", 1000)
    looks = unit(np.random.default_rng(5).normal(size=(60, 4)))
    photos = seen(*(f"p{n % 25}" for n in range(60)))
    cosines = looks.astype(np.float32) @ looks.astype(np.float32).T
    different, same = found(photos, looks)
    apart = [(i, j) for i in range(60) for j in range(i + 1, 60) if i % 25 != j % 25]
    together = [(i, j) for i in range(60) for j in range(i + 1, 60) if i % 25 == j % 25]
    assert different.total == sum(cosines[i, j] >= LEAST for i, j in apart) > SHOWN
    assert same.total == sum(cosines[i, j] >= LEAST_OF_ONE for i, j in together)
    nearest = max(apart, key=lambda pair: cosines[pair])
    assert {different.shown[0].one.place, different.shown[0].other.place} == {
        f"{n}.jpg" for n in nearest
    }
    assert len(different.shown) == SHOWN
    assert [one.cosine for one in different.shown] == sorted(
        (one.cosine for one in different.shown), reverse=True
    )


def test_two_products_are_shown_once_and_their_nearest_photos() -> None:
    looks = unit(np.array([[1, 0, 0], [1, 0.3, 0], [1, 0.01, 0], [0, 0, 1]]))
    different, same = found(seen("a", "a", "b", "c"), looks)
    [pair] = different.shown
    assert (pair.one.place, pair.other.place) == ("0.jpg", "2.jpg")
    assert (different.total, same.total) == (2, 1)


def test_thousands_that_are_all_alike_are_counted_and_few_are_shown() -> None:
    """As where a shop has put one picture in the place of all that it has none of."""
    many = 5000
    looks = unit(np.ones((many, 8)))
    different, same = found(seen(*(f"p{n}" for n in range(many))), looks)
    assert different.total == many * (many - 1) // 2
    assert len(different.shown) == SHOWN
    assert same == alike.Alike(0, [])


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_to_compare(count: int) -> None:
    assert found(seen(*"ab"[:count]), unit(np.ones((count, 4)))) == (
        alike.Alike(0, []),
        alike.Alike(0, []),
    )


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 30, 101])
@pytest.mark.parametrize("spread", [0, 1])
def test_each_photo_has_a_place_of_its_own_on_the_map(count: int, spread: int) -> None:
    """Also where all of them look the same."""
    looks = np.ones((count, 6)) + spread * np.random.default_rng(1).normal(size=(count, 6))
    points = layout.flat(unit(looks).astype(np.float64), lambda *_: None)
    assert np.isfinite(points).all()
    cells, columns, rows = layout.on_a_grid(points)
    assert len(set(cells)) == len(cells) == count
    assert all(1 <= column <= columns and 1 <= row <= rows for column, row in cells)


def test_what_looks_alike_lies_together() -> None:
    chance = np.random.default_rng(2)
    groups = np.repeat(np.arange(5), 30)
    looks = unit(chance.normal(size=(5, 64))[groups] + 0.3 * chance.normal(size=(150, 64)))
    points = layout.flat(looks.astype(np.float64), lambda *_: None)
    cells = np.array(layout.on_a_grid(points)[0])
    away = ((cells[:, None] - cells[None]) ** 2).sum(axis=2).astype(float)
    np.fill_diagonal(away, np.inf)
    at_home = groups[away.argmin(axis=1)] == groups
    assert at_home.mean() > 0.9


def test_the_same_photos_are_always_laid_out_alike() -> None:
    looks = unit(np.random.default_rng(3).normal(size=(40, 16))).astype(np.float64)
    first, again = (layout.flat(looks, lambda *_: None) for _ in range(2))
    assert np.array_equal(first, again)
