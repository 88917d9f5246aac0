"""The little vector arithmetic a search needs. Every vector in and out is of unit length."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.product import Vector

_PUSH = 0.5
"""Pushed by its whole length, a query leaves what it shares with what it should not be: a red mug
that is not to be blue must still be a mug."""


def unit(vector: Vector) -> Vector:
    length = float(np.linalg.norm(vector))
    if length < 1e-12:
        return vector  # opposite vectors that cancel out point nowhere; leave them so
    return (vector / length).astype(np.float32)


def blend(photo: Vector, words: Vector, image_weight: float) -> Vector:
    """Photo and words as one direction: weighted sum of unit vectors, made unit again."""
    return unit(image_weight * photo + (1.0 - image_weight) * words)


def steered(asked: Vector | None, pulls: Sequence[Vector], pushes: Sequence[Vector]) -> Vector:
    """Where a question points once the middle of what pulls has half a say in it, and the middle
    of what pushes has been taken off by half its length. One of the three is there."""
    parts = [*([] if asked is None else [asked]), *([centre(pulls)] if pulls else [])]
    towards = centre(parts) if parts else np.zeros_like(pushes[0])
    return unit(towards - _PUSH * centre(pushes)) if pushes else towards


def centre(vectors: Sequence[Vector]) -> Vector:
    """Where several point together: their middle, made unit again."""
    return unit(np.mean(np.stack(vectors), axis=0))
