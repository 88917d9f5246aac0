"""Hits that differ: whoever sees the same mug ten times has seen one mug."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from core.ports import Match, Vectors
from core.product import Vector
from core.vectors import centre


def spread(
    matches: Sequence[Match], vectors: Mapping[str, Vectors], diversity: float
) -> list[Match]:
    """The same matches in the order of maximal marginal relevance.

    At each step comes whoever has the most of `(1 - diversity) * place - diversity * likeness`.
    The place falls evenly from the first match to the last and not as the scores do: those of a
    word query are cosines of unlike things. Likeness is the cosine with the nearest of those that
    came before.
    """
    if not matches:
        return []
    cosines = _cosines([vectors.get(match.product_id) for match in matches])
    worth = (1 - diversity) * (1 - np.arange(len(matches)) / len(matches))
    nearest = np.zeros(len(matches))
    waiting = np.ones(len(matches), dtype=bool)
    order: list[int] = []
    for _ in matches:
        marginal = np.where(waiting, worth - diversity * nearest, -np.inf)
        chosen = int(np.argmax(marginal))  # of equals the one that stood first
        waiting[chosen] = False
        nearest = cosines[chosen] if not order else np.maximum(nearest, cosines[chosen])
        order.append(chosen)
    return [matches[n] for n in order]


def _cosines(known: Sequence[Vectors | None]) -> Vector:
    looks = [_looks(one) for one in known]
    # One that was removed a moment ago is like nothing.
    nowhere = np.zeros(max((len(one) for one in looks if one is not None), default=1), np.float32)
    there: Vector = np.stack([nowhere if one is None else one for one in looks])
    likeness: Vector = there @ there.T
    return likeness


def _looks(known: Vectors | None) -> Vector | None:
    """A product as others are compared with it: its photos together, or its words when it has
    none."""
    if known is None:
        return None
    return centre(known.photos) if known.photos else known.meaning
