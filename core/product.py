"""The catalogue's nouns: a product, its photos, and how it stands in the index."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from core.errors import ProductNotFound

Vector = npt.NDArray[np.float32]
"""A unit vector in the joint space of words and photos."""

ProductId = Annotated[str, Meta(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]+$")]
AttributeName = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[^=]+$")]
"""No "=", which parts name from value in the words that are filtered."""
AttributeValue = str | bool | int | float | list[str]


class Product(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a shop says of one thing it sells.

    The same model validates a request's body, a sidecar file in the bucket and a feed's row,
    so a product is right or wrong in the same way whichever door it comes through.
    """

    id: ProductId
    name: Annotated[str, Meta(min_length=1, max_length=500)]
    external_id: Annotated[str, Meta(max_length=128)] | None = None
    description: Annotated[str, Meta(max_length=10_000)] = ""
    category: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    price: Annotated[float, Meta(ge=0)] | None = None
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$")] | None = None
    attributes: dict[AttributeName, AttributeValue] = msgspec.field(default_factory=dict)
    in_stock: bool = True


class Photo(msgspec.Struct, frozen=True, kw_only=True):
    """One of a product's photos. `key` is its identity, `version` what it held when indexed."""

    key: str
    url: str
    version: str


class Origin(StrEnum):
    """Who vouches for a product: a bucket product goes when its last object goes."""

    BUCKET = "bucket"
    API = "api"


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """A product as the catalogue holds it: what is said of it, by whom, and its photos."""

    product: Product
    photos: tuple[Photo, ...] = ()
    origin: Origin = Origin.API
    facts_version: str = ""
    """Which word of the bucket these facts are (core.facts.FactsVersion); empty for none."""


def insist_on(listing: Listing | None, product_id: str) -> Listing:
    if listing is None:
        raise ProductNotFound(f"There is no product with the id {product_id!r}.")
    return listing


def attribute_facts(attributes: dict[str, AttributeValue]) -> tuple[str, ...]:
    """Attributes as `name=value` keywords, the one form in which they are filtered and counted.

    One keyword field serves every attribute a shop may invent, so a strict index never meets a
    filter it has no index for; flags and numbers become words because engines disagree on them.
    """
    facts: list[str] = []
    for name, value in attributes.items():
        values = value if isinstance(value, list) else [value]
        facts.extend(f"{name}={fact_word(one)}" for one in values)
    return tuple(facts)


def fact_word(value: str | bool | int | float) -> str:
    """One attribute value as a word: true, 42 and 42.0 the way a person would write them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
