"""Several rankings of products made one.

A word query asks three questions: which photos look like the words, which descriptions mean
the same, which products have the same words in them. Their scores can't be compared (in CLIP two
texts are always nearer to each other than a text and a photo), but their ranks can: reciprocal
rank fusion gives each product 1 / (K + rank) a ranking.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.ports import Match

_K = 20
"""How fast a rank's worth falls: faster than with the usual 60, since the first few places of a
shop's rankings are worth far more than the rest."""


def fuse(rankings: Sequence[tuple[float, Sequence[Match]]]) -> list[Match]:
    """One ranking from (weight, ranking) pairs; a product keeps the match that found it first."""
    worth: dict[str, float] = {}
    first: dict[str, Match] = {}
    for weight, matches in rankings:
        for rank, match in enumerate(matches):
            product_id = match.listing.product.id
            worth[product_id] = worth.get(product_id, 0.0) + weight / (_K + rank)
            first.setdefault(product_id, match)
    order = sorted(worth, key=lambda product_id: (-worth[product_id], product_id))
    return [first[product_id] for product_id in order]
