"""From scored points to one match a product.

The embedded engine can't group, so we fetch more points than products are wanted and ask again
for more where that was not enough: a product with 200 photos may hold the first 200 places.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from heapq import nsmallest
from typing import Protocol, TypeVar

from core.ports import ByPhotos, Match, Probe

_STEP = 200
DEEPEST_TIE = 1024
"""How many points are fetched to see the end of a tie. Every red mug has the same score for "red
mug", so ties are long; one longer than this is cut in the engine's own order, which is the same
for every page because all of them then cut at this depth."""


def first_fetch(probe: Probe, limit: int) -> int:
    """One point more than wanted shows whether a tie goes on; photos also need room for products
    that have several."""
    return 2 * limit + 8 if isinstance(probe, ByPhotos) else limit + 1


def next_fetch(fetched: int) -> int:
    if _STEP <= fetched < DEEPEST_TIE:
        return DEEPEST_TIE
    return fetched * 4


class _HasScore(Protocol):
    @property
    def score(self) -> float: ...


T = TypeVar("T", bound=_HasScore)


def with_ties(points: list[T], limit: int) -> list[T]:
    """The `limit` best and what is as good as the last of them."""
    if len(points) <= limit:
        return points
    last = points[limit - 1].score
    return points[: bisect_right(points, -last, lo=limit, key=lambda one: -one.score)]


def ranked(points: Sequence[Match], fetched: int, limit: int) -> list[Match] | None:
    """The `limit` best products of the `fetched` best points, each at its best photo, equal scores
    by product id. None where points that were not fetched could still change that."""
    best: dict[str, Match] = {}
    for point in points:
        known = best.setdefault(point.product_id, point)
        if known is not point and _wins_tie(point, known):
            best[point.product_id] = point
    if len(points) == fetched:
        cut = points[-1].score
        certain = sum(one.score > cut for one in best.values())
        if certain < limit and (len(best) < limit or fetched < DEEPEST_TIE):
            return None
    return nsmallest(limit, best.values(), key=lambda one: (-one.score, one.product_id))


def _wins_tie(point: Match, known: Match) -> bool:
    """Two photos of one product are equally good: the first by key, whatever came first."""
    if point.score < known.score or point.photo is None or known.photo is None:
        return False
    return point.photo < known.photo
