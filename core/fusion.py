"""Several rankings of products made one.

A word query asks three questions: which photos look like the words, which descriptions mean
the same, which products have the same words in them. Their scores can't be compared as they are
(in CLIP two texts are always nearer to each other than a text and a photo), so each ranking's
scores are first stretched to run from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from core.ports import Match


class Ranked(msgspec.Struct, frozen=True):
    """One ranking, best first, and how much its word counts."""

    matches: Sequence[Match]
    weight: float
    floor: float | None = None
    """The score that is worth nothing; the ranking's lowest where none is given."""

    def worths(self) -> list[float]:
        if not self.matches:
            return []
        top = self.matches[0].score
        floor = self.matches[-1].score if self.floor is None else self.floor
        if top <= floor:
            return [self.weight] * len(self.matches)
        return [self.weight * (match.score - floor) / (top - floor) for match in self.matches]


def fuse(rankings: Sequence[Ranked]) -> list[str]:
    """The ids of their products by the sum of worths."""
    worth: dict[str, float] = {}
    for ranked in rankings:
        for match, its_worth in zip(ranked.matches, ranked.worths(), strict=True):
            worth[match.product_id] = worth.get(match.product_id, 0.0) + its_worth
    return sorted(worth, key=lambda product_id: (-worth[product_id], product_id))
