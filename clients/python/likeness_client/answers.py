"""What the service says, as plain frozen objects.

What it says beyond the fields here is passed over, and what has a default here need not be said:
a client works with a service that is newer or older than itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self
from urllib.parse import urljoin

from likeness_client.errors import Refused, refusal

Attribute = str | bool | int | float | list[str]
Said = dict[str, Any]
_PHOTOS = {"image_url", "matched_image"}


@dataclass(frozen=True)
class Told:
    @classmethod
    def told(cls, said: Said, at: str) -> Self:
        """`at`: the service's address, to which the addresses of its own photos are relative."""
        known = {one.name for one in fields(cls)}
        values = {name: value for name, value in said.items() if name in known}
        for name in _PHOTOS & values.keys():
            values[name] = urljoin(at, values[name]) if values[name] else None
        return cls(**values)


@dataclass(frozen=True, kw_only=True)
class Hit(Told):
    product_id: str
    similarity_score: float
    """A cosine, -1 to 1: to compare hits of one answer with."""
    name: str = ""
    description: str = ""
    image_url: str | None = None
    matched_image: str | None = None
    """Which of the product's photos is nearest to the query."""
    price: float | None = None
    currency: str | None = None
    category: str | None = None
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    in_stock: bool = True
    external_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class SearchAnswer(Told):
    """The hits, best first: `for hit in answer` goes through them."""

    query_id: str
    """What to join clicks to."""
    query_type: str
    results: tuple[Hit, ...]
    model: str = ""
    top_k: int = 0
    total_results: int = 0
    """How many hits there are in this answer."""
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    cache: str = "off"
    degraded: bool = False
    """Words were matched without the model, which was not available."""
    truncated: bool = False
    """The words were more than the model reads."""
    execution_time_ms: float = 0.0
    timings: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def told(cls, said: Said, at: str) -> Self:
        return super().told(
            said | {"results": tuple(Hit.told(one, at) for one in said["results"])}, at
        )

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)


@dataclass(frozen=True, kw_only=True)
class Product(Told):
    id: str
    name: str
    description: str = ""
    category: str | None = None
    price: float | None = None
    currency: str | None = None
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    in_stock: bool = True
    image_url: str | None = None
    """The first of its photos."""
    image_urls: tuple[str, ...] = ()
    external_id: str | None = None

    @classmethod
    def told(cls, said: Said, at: str) -> Self:
        photos = tuple(urljoin(at, one) for one in said.get("image_urls") or ())
        return super().told(said | {"image_urls": photos}, at)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one product of many: the status a call of its own would have had."""

    id: str | None
    status: int
    error: Refused | None = None

    @classmethod
    def told(cls, said: Said) -> Outcome:
        wrong = said.get("error")
        error = refusal(said["status"], wrong, {}) if wrong else None
        return cls(id=said["id"], status=said["status"], error=error)


@dataclass(frozen=True, kw_only=True)
class Embedding:
    vector: list[float]
    """Unit length: the dot product of two is their cosine."""
    model: str


@dataclass(frozen=True, kw_only=True)
class Receipt(Told):
    """How an event was taken: `accepted`, or `duplicate` of one that was worked before."""

    status: str
    event_id: str


@dataclass(frozen=True, kw_only=True)
class Health(Told):
    status: str
    model: str = ""


@dataclass(frozen=True, kw_only=True)
class Part(Told):
    status: str
    latency_ms: float = 0.0
    version: str | None = None
    detail: str | None = None


@dataclass(frozen=True, kw_only=True)
class DetailedHealth(Told):
    status: str
    version: str = ""
    parts: Mapping[str, Part] = field(default_factory=dict)

    @classmethod
    def told(cls, said: Said, at: str) -> Self:
        parts = {name: Part.told(one, at) for name, one in said["parts"].items()}
        return super().told(said | {"parts": parts}, at)


@dataclass(frozen=True, kw_only=True)
class WebhooksHealth(Told):
    status: str
    sources: int = 0


@dataclass(frozen=True, kw_only=True)
class Stats(Told):
    products: int
    images: int = 0
    by_category: Mapping[str, int] = field(default_factory=dict)
    model: str = ""
    queries: int = 0
    cache_hit_rate: float = 0.0
    rejected: int = 0


@dataclass(frozen=True, kw_only=True)
class Collection(Told):
    name: str
    points: int = 0
    products: int = 0
    dimension: int = 0
    model: str = ""
    distance: str = ""
    status: str = ""


@dataclass(frozen=True, kw_only=True)
class Rejected(Told):
    """A file in the bucket that could not be indexed, and why."""

    key: str
    reason: str
