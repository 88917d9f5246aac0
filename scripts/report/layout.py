"""Where each photo lies on a map: what looks alike is near, and none lies on another."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, sqrt

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
_STEPS, _EARLY = 400, 100
_NEIGHBOURS = 15.0
_WIDE = 1.75
"""Times as many columns as rows."""
_ROOM = 1.7
"""Cells a photo: the empty ones are what lets groups be seen."""


def flat(looks: Points, show: Callable[[int, int], None]) -> Points:
    """Points on a plane whose neighbours are neighbours among the looks (t-SNE, van der Maaten and
    Hinton 2008, from the two principal components on: the same photos are always laid out alike).
    """
    count = len(looks)
    if count < 4:
        return np.stack([np.arange(count), np.zeros(count)], axis=1)
    centred = looks - looks.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    points: Points = centred @ axes[:, -1:-3:-1]
    points *= 1e-2 / max(points.std(), 1e-12)
    wanted = _affinities(looks)
    speed, gains = np.zeros_like(points), np.ones_like(points)
    for step in range(_STEPS):
        pull = wanted * (12 if step < _EARLY else 1)
        near = 1 / (1 + _squares(points))
        np.fill_diagonal(near, 0)
        force = (pull - near / near.sum()) * near
        slope = 4 * (force.sum(axis=1)[:, None] * points - force @ points)
        gains = np.maximum(np.where(slope * speed < 0, gains + 0.2, gains * 0.8), 0.01)
        speed = (0.5 if step < _EARLY else 0.8) * speed - max(count / 12, 50) * gains * slope
        points = points + speed
        points -= points.mean(axis=0)
        show(step + 1, _STEPS)
    return points


def on_a_grid(points: Points) -> tuple[list[tuple[int, int]], int, int]:
    """A cell for each point, near it and its own: column and row from 1 on; and how many there
    are of each."""
    count = len(points)
    rows = max(ceil(sqrt(count * _ROOM / _WIDE)), 1)
    columns = max(ceil(count * _ROOM / rows), 1)
    low, high = np.percentile(points, [1, 99], axis=0)
    places = np.clip((points - low) / np.maximum(high - low, 1e-12), 0, 1)
    places = places * (columns - 1, rows - 1)
    cells = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1).reshape(-1, 2)
    away = ((places[:, None, :] - cells[None, :, :]) ** 2).sum(axis=2)
    found: dict[int, int] = {}
    taken: set[int] = set()
    for pair in np.argsort(away, axis=None, kind="stable"):
        point, cell = divmod(int(pair), len(cells))
        if point not in found and cell not in taken:
            found[point] = cell
            taken.add(cell)
            if len(found) == count:
                break
    at = [cells[found[point]] for point in range(count)]
    return [(int(column) + 1, int(row) + 1) for column, row in at], columns, rows


def _affinities(looks: Points) -> Points:
    """How much each is another's neighbour: for each, about as many count as there are wanted."""
    squares = _squares(looks)
    np.fill_diagonal(squares, np.inf)
    wanted = np.log(min(_NEIGHBOURS, (len(looks) - 1) / 3))
    low, high = np.zeros(len(looks)), np.full(len(looks), np.inf)
    sharp = np.ones(len(looks))
    least = squares.min(axis=1, keepdims=True)
    for _ in range(60):
        near = np.exp(-(squares - least) * sharp[:, None])
        near /= near.sum(axis=1, keepdims=True)
        spread = -(near * np.log(np.maximum(near, 1e-300))).sum(axis=1)
        wide = spread > wanted
        low, high = np.where(wide, sharp, low), np.where(wide, high, sharp)
        sharp = np.where(np.isinf(high), sharp * 2, (low + high) / 2)
    found: Points = np.maximum((near + near.T) / (2 * len(looks)), 1e-12)
    return found


def _squares(points: Points) -> Points:
    lengths = (points**2).sum(axis=1)
    found: Points = np.maximum(lengths[:, None] + lengths - 2 * points @ points.T, 0)
    return found
