"""The measures that the scores are made of."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from core.clip.embedder import ClipEmbedder
from core.photos.decode import open_photo
from core.product import Vector
from scripts.mini.data.views import squashed

Vectors = npt.NDArray[np.float32]
Scores = dict[str, float]

_THUMBNAIL = 16


def vectors_of(embedder: ClipEmbedder, photos: Iterable[bytes]) -> Vectors:
    return np.stack([embedder.photo(photo) for photo in photos])


def words_of(embedder: ClipEmbedder, texts: Iterable[str]) -> Vectors:
    return np.stack([embedder.words(text).vector for text in texts])


def thumbnails(photos: Iterable[bytes]) -> Vectors:
    """What anybody has for nothing, and so what photo -> photo search has to beat."""
    return np.stack([_thumbnail(photo) for photo in photos])


def recall(queries: Vectors, gallery: Vectors, own: npt.NDArray[np.int64], at: int = 1) -> float:
    """How often a query's own entry is among its `at` nearest."""
    nearest = np.argsort(-(queries @ gallery.T), axis=1)[:, :at]
    return float((nearest == own[:, None]).any(axis=1).mean())


def precision(similarities: Vectors, right: npt.NDArray[np.bool_], at: int) -> float:
    """How many of the first `at` are right, of those that could be."""
    nearest = np.argsort(-similarities, axis=1)[:, :at]
    found = np.take_along_axis(right, nearest, axis=1).sum(axis=1)
    possible = np.minimum(right.sum(axis=1), at)
    return float((found / np.maximum(possible, 1))[possible > 0].mean())


def _thumbnail(photo: bytes) -> Vector:
    small = np.asarray(squashed(open_photo(photo, 64), _THUMBNAIL), np.float32).ravel()
    small -= small.mean()
    return np.asarray(small / max(float(np.linalg.norm(small)), 1e-6), np.float32)
