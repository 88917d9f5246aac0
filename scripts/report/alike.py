"""Photos that look alike: every one compared with every other, a tile of the table at a time."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from scripts.report.survey import Looks, Seen

_ROWS, _COLUMNS = 1024, 4096
_MOST_KEPT = 4000
"""Pairs that are held while looking: those nearest to each other."""
_MOST_TIMES = 3
"""How often one photo is shown: of a hundred that are all alike, few pairs say enough."""


class Pair(NamedTuple):
    cosine: float
    one: Seen
    other: Seen


class Alike(NamedTuple):
    total: int
    """Pairs of photos."""
    shown: list[Pair]
    """The nearest of them, one for each two products."""


def find(
    seen: Sequence[Seen],
    looks: Looks,
    least: float,
    least_of_one: float,
    most_shown: int,
    show: Callable[[int, int], None],
) -> tuple[Alike, Alike]:
    """Pairs of photos of different products whose cosine is `least` or more; and pairs of photos
    of one product, where it is `least_of_one` or more."""
    owners = _owners(seen)
    different, same = _Nearest(), _Nearest()
    for top in range(0, len(seen), _ROWS):
        rows = looks[top : top + _ROWS].astype(np.float32)
        for left in range(top, len(seen), _COLUMNS):
            columns = looks[left : left + _COLUMNS].astype(np.float32)
            cosines = rows @ columns.T
            below = np.arange(len(rows))[:, None] + top >= np.arange(len(columns)) + left
            cosines[below] = -1  # each pair once, and no photo with itself
            ours = owners[top : top + _ROWS, None] == owners[left : left + _COLUMNS]
            different.add(np.where(ours, -1, cosines), least, top, left)
            same.add(np.where(ours, cosines, -1), least_of_one, top, left)
        show(min(top + _ROWS, len(seen)), len(seen))
    return different.told(seen, most_shown), same.told(seen, most_shown)


class _Nearest:
    def __init__(self) -> None:
        self._count = 0
        self._kept: list[tuple[float, int, int]] = []

    def add(self, cosines: np.ndarray, least: float, top: int, left: int) -> None:
        found = np.flatnonzero(cosines >= least)
        self._count += len(found)
        if len(found) > _MOST_KEPT:
            nearest = np.argpartition(cosines.flat[found], -_MOST_KEPT)[-_MOST_KEPT:]
            found = found[nearest]
        width = cosines.shape[1]
        self._kept = heapq.nlargest(
            _MOST_KEPT,
            [
                *self._kept,
                *((float(cosines.flat[n]), top + n // width, left + n % width) for n in found),
            ],
        )

    def told(self, seen: Sequence[Seen], most: int) -> Alike:
        shown: list[Pair] = []
        times: Counter[int] = Counter()
        products: set[tuple[str, str, str]] = set()
        for cosine, one, other in self._kept:
            pair = Pair(min(cosine, 1.0), seen[one], seen[other])
            ids = sorted((pair.one.item.id, pair.other.item.id))
            which = (ids[0], ids[1], pair.one.place if ids[0] == ids[1] else "")
            if which in products or max(times[one], times[other]) >= _MOST_TIMES:
                continue
            products.add(which)
            times.update((one, other))
            shown.append(pair)
            if len(shown) == most:
                break
        return Alike(self._count, shown)


def _owners(seen: Sequence[Seen]) -> np.ndarray:
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(one.item.id, len(numbers)) for one in seen], np.int32)
