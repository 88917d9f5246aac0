"""The little vector arithmetic a search needs. Every vector in and out is of unit length."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.product import Vector


def unit(vector: Vector) -> Vector:
    length = float(np.linalg.norm(vector))
    if length < 1e-12:
        return vector  # opposite vectors that cancel out point nowhere; leave them so
    return (vector / length).astype(np.float32)


def blend(photo: Vector, words: Vector, image_weight: float) -> Vector:
    """Photo and words as one direction: weighted sum of unit vectors, made unit again."""
    return unit(image_weight * photo + (1.0 - image_weight) * words)


def centre(vectors: Sequence[Vector]) -> Vector:
    """Where several photos of one product point together."""
    return unit(np.mean(np.stack(vectors), axis=0))
