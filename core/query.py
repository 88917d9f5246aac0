"""The search's nouns: what a shopper asks, and what comes back."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from core.product import Photo, Product

MAX_WINDOW = 1000
"""How deep paging goes: `offset + top_k` may not pass it."""


class QueryType(StrEnum):
    IMAGE = "image"
    TEXT = "text"
    HYBRID = "hybrid"
    PRODUCT = "product"


class Filters(msgspec.Struct, frozen=True):
    """What every hit must satisfy. All that are set must hold; a list means any of."""

    categories: tuple[str, ...] = ()
    price_min: float | None = None
    price_max: float | None = None
    attributes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(name, accepted values as words), sorted by name so that equal filters are equal."""
    in_stock: bool | None = None


class Crop(NamedTuple):
    """The part of a photo that matters, in shares of its sides as a person sees it. What lies
    beyond its edges is left out."""

    x: Annotated[float, Meta(ge=0, lt=1)]
    y: Annotated[float, Meta(ge=0, lt=1)]
    width: Annotated[float, Meta(ge=0.001, le=1)]
    height: Annotated[float, Meta(ge=0.001, le=1)]


class Query(msgspec.Struct, frozen=True):
    """One question: words, a photo, products and words that pull or push, or some together."""

    words: str | None = None
    photo: bytes | None = None
    crop: Crop | None = None
    more_like: tuple[str, ...] = ()
    """Products that pull; like those that push, never among the hits."""
    less_like: tuple[str, ...] = ()
    less_words: str | None = None
    image_weight: float = 0.5
    filters: Filters = msgspec.field(default_factory=Filters)
    top_k: int = 10
    offset: int = 0
    score_threshold: float | None = None
    facets: tuple[str, ...] = ()
    diversity: float = 0.0
    """How much hits may stand for others that look like them: 0 not at all, 1 as much as can be."""

    @property
    def is_for_counts(self) -> bool:
        """It has to look for something, and is asked for its facets: as a page's filters do."""
        return bool(self.facets) and self.top_k == 1

    @property
    def type(self) -> QueryType:
        if self.photo is not None:
            return QueryType.HYBRID if self.words else QueryType.IMAGE
        products = self.more_like or self.less_like
        return QueryType.PRODUCT if products and not self.words else QueryType.TEXT


class Hit(msgspec.Struct, frozen=True):
    """One product that answers, however many photos it has."""

    product: Product
    similarity: float
    """Cosine, -1..1, of the query and `matched` (or the product's words if it has no photo)."""
    matched: Photo | None
    photo: Photo | None
    """The photo to show: the product's first."""
