"""From scored points to one match a product.

The embedded engine can't group, so we fetch more points than products are wanted and ask again
for more where that was not enough: a product with 200 photos may hold the first 200 places.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol, TypeVar

from core.ports import ByPhotos, Match, Probe
from core.product import Listing
from core.stores.qdrant_payload import Field, Payload, photo_of

_STEP = 200
DEEPEST_TIE = 1024
"""How many points are fetched to see the end of a tie. Every red mug has the same score for "red
mug", so ties are long; one longer than this is cut in the engine's own order, which is the same
for every page because all of them then cut at this depth."""


class Scored(NamedTuple):
    score: float
    payload: Payload

    @property
    def product_id(self) -> str:
        product_id: str = self.payload[Field.PRODUCT]
        return product_id


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


def with_ties(points: Sequence[T], limit: int) -> Sequence[T]:
    """The `limit` best and what is as good as the last of them."""
    if len(points) <= limit:
        return points
    last = points[limit - 1].score
    return [one for one in points if one.score >= last]


def ranked(points: Sequence[Scored], fetched: int, limit: int) -> list[Scored] | None:
    """The `limit` best products of the `fetched` best points, each at its best photo, equal scores
    by product id. None where points that were not fetched could still change that."""
    best: dict[str, Scored] = {}
    for point in points:
        known = best.setdefault(point.product_id, point)
        if known is not point and _wins_tie(point, known):
            best[point.product_id] = point
    order = sorted(best.values(), key=lambda one: (-one.score, one.product_id))
    if len(points) == fetched:
        cut = points[-1].score
        certain = sum(one.score > cut for one in order)
        if certain < limit and (len(order) < limit or fetched < DEEPEST_TIE):
            return None
    return order[:limit]


def _wins_tie(point: Scored, known: Scored) -> bool:
    """Two photos of one product are equally good: the first by key, whatever came first."""
    if point.score < known.score or Field.PHOTO not in point.payload:
        return False
    return photo_of(point.payload).key < photo_of(known.payload).key


def matches(order: Sequence[Scored], known: Mapping[str, Listing]) -> list[Match]:
    """A product removed since it was found is no match any more."""
    return [
        Match(
            known[one.product_id],
            one.score,
            photo_of(one.payload) if Field.PHOTO in one.payload else None,
        )
        for one in order
        if one.product_id in known
    ]
