"""What an operator is told: the collection, what was rejected, counts and health."""

from __future__ import annotations

from typing import Literal

import msgspec


class CollectionBody(msgspec.Struct, kw_only=True):
    name: str
    points: int
    products: int
    dimension: int
    model: str
    distance: str
    status: str


class CollectionsBody(msgspec.Struct, kw_only=True):
    collections: list[CollectionBody]


class RejectedBody(msgspec.Struct, kw_only=True):
    """A file in the bucket that could not be indexed, and why."""

    key: str
    reason: str


class RejectedPage(msgspec.Struct, kw_only=True):
    rejected: list[RejectedBody]


class StatsBody(msgspec.Struct, kw_only=True):
    products: int
    images: int
    by_category: dict[str, int]
    model: str
    queries: int
    cache_hit_rate: float
    rejected: int


class HealthBody(msgspec.Struct, kw_only=True):
    status: Literal["healthy", "degraded"]
    """Degraded where the model could not be loaded, and words alone are matched."""
    model: str


class LiveBody(msgspec.Struct, kw_only=True):
    status: str
