"""How the catalogue lies in Qdrant: which points there are, what they carry, what is filtered.

A product is one *record* point (the vector of its meaning, and its words) and one point a photo
(the vector of how it looks). Every point carries what filters ask for, so that one query finds
and filters; the whole listing lies on the record alone, so that a long description is kept once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from math import isfinite
from typing import Any
from uuid import UUID, uuid5

import msgspec
import numpy as np

from core.errors import FieldError, InvalidRequest
from core.ports import Vectors
from core.product import Listing, Photo, Product, Vector, attribute_facts
from core.query import Filters

LAYOUT = 1
"""Goes up whenever points written by an earlier version could no longer be read."""


class MadeFor(msgspec.Struct, frozen=True):
    """What vectors must have in common to be compared."""

    model: str
    dimension: int
    layout: int = LAYOUT

    def __str__(self) -> str:
        return f"model {self.model!r}, {self.dimension} dimensions, layout {self.layout}"


RECORD, PHOTO = "record", "photo"


class Field(StrEnum):
    KIND = "kind"
    PRODUCT = "product"
    CATEGORY = "category"
    PRICE = "price"
    FACTS = "facts"
    IN_STOCK = "in_stock"
    LISTING = "listing"
    PHOTO = "photo"


INDEXED: Mapping[Field, str] = {
    Field.KIND: "keyword",
    Field.PRODUCT: "keyword",
    Field.CATEGORY: "keyword",
    Field.PRICE: "float",
    Field.FACTS: "keyword",
    # Not a bool: the embedded engine turns booleans in a match into numbers, which match nothing.
    Field.IN_STOCK: "keyword",
}
"""Every field a filter may name. A Qdrant in strict mode refuses filters on any other."""

Payload = dict[str, Any]

_POINTS = UUID("6f0d8a4e-5c1b-5e6c-9a55-1d7c1f6b2f10")
_ATTRIBUTE = "attributes."
_UNIT_TOLERANCE = 1e-3


def record_id(product_id: str) -> UUID:
    return uuid5(_POINTS, _text(product_id))


def photo_id(product_id: str, key: str) -> UUID:
    return uuid5(record_id(product_id), _text(key))


def filterable(product: Product) -> Payload:
    """What filters ask of a product; a field that is None is one the point shall not have."""
    return {
        Field.CATEGORY: product.category,
        Field.PRICE: None if product.price is None else float(product.price),
        Field.FACTS: list(attribute_facts(product.attributes)),
        Field.IN_STOCK: stock_word(product.in_stock),
    }


def filterable_of(payload: Payload) -> Payload:
    """The same, as a stored point carries it."""
    fields = (Field.CATEGORY, Field.PRICE, Field.FACTS, Field.IN_STOCK)
    return {field: payload.get(field) for field in fields}


def stock_word(in_stock: bool) -> str:
    return "yes" if in_stock else "no"


def fact_choices(filters: Filters) -> list[list[str]]:
    """For each attribute asked for, the facts of which a product must have one."""
    return [[f"{name}={value}" for value in values] for name, values in filters.attributes]


def counted_field(facet: str) -> Field:
    return Field.FACTS if facet.startswith(_ATTRIBUTE) else Field.CATEGORY


def values_in(payload: Payload, field: Field) -> set[str]:
    """One value, several, or none, each once."""
    found = payload.get(field)
    return {found} if isinstance(found, str) else set(found or ())


def values_of(facet: str, counts: Mapping[str, int]) -> dict[str, int]:
    """Of the facts that were counted, those of this attribute; of categories, all."""
    start = f"{facet.removeprefix(_ATTRIBUTE)}=" if facet.startswith(_ATTRIBUTE) else ""
    return {
        value.removeprefix(start): count
        for value, count in counts.items()
        if value.startswith(start)
    }


def place(cursor: str) -> UUID:
    try:
        return UUID(cursor)
    except ValueError as error:
        wrong = FieldError("cursor", "must be one that a page before gave")
        raise InvalidRequest("The cursor is none of ours.", fields=[wrong]) from error


def record_payload(listing: Listing) -> Payload:
    _check_readable(listing.product)
    bare = msgspec.structs.replace(listing, photos=())
    return {
        Field.KIND: RECORD,
        Field.PRODUCT: listing.product.id,
        # As text, so that attributes keep their order and numbers their kind.
        Field.LISTING: _encoded(bare),
        **_present(filterable(listing.product)),
    }


def photo_payload(product_id: str, photo: Photo, facts: Payload) -> Payload:
    return {
        Field.KIND: PHOTO,
        Field.PRODUCT: product_id,
        Field.PHOTO: _encoded(photo),
        **_present(facts),
    }


class _Key(msgspec.Struct):
    key: str  # of photos that are ranked, no more is read


_read_listing = msgspec.json.Decoder(Listing).decode
_read_photo = msgspec.json.Decoder(Photo).decode
_read_key = msgspec.json.Decoder(_Key).decode


def photo_of(payload: Payload) -> Photo:
    return _read_photo(payload[Field.PHOTO])


def owner_of(payload: Payload) -> tuple[str, str | None]:
    """The product that a point is of, and the key where it is a photo's."""
    photo = payload.get(Field.PHOTO)
    return payload[Field.PRODUCT], None if photo is None else _read_key(photo).key


def listings_of(payloads: Sequence[Payload]) -> dict[str, Listing]:
    """Products put together from their points, photos ordered by key."""
    photos: dict[str, list[Photo]] = {}
    for payload in payloads:
        if payload[Field.KIND] == PHOTO:
            photos.setdefault(payload[Field.PRODUCT], []).append(photo_of(payload))
    return {
        payload[Field.PRODUCT]: msgspec.structs.replace(
            _read_listing(payload[Field.LISTING]),
            photos=tuple(sorted(photos.get(payload[Field.PRODUCT], ()), key=lambda p: p.key)),
        )
        for payload in payloads
        if payload[Field.KIND] == RECORD
    }


def vectors_of(points: Iterable[tuple[Payload, Vector]]) -> dict[str, Vectors]:
    """The vectors of products, put together from their points."""
    photos: dict[str, dict[str, Vector]] = {}
    meanings: dict[str, Vector] = {}
    for payload, vector in points:
        product_id = payload[Field.PRODUCT]
        of_photos = photos.setdefault(product_id, {})
        if payload[Field.KIND] == PHOTO:
            of_photos[photo_of(payload).key] = vector
        else:
            meanings[product_id] = vector
    return {
        product_id: Vectors([known[key] for key in sorted(known)], meanings.get(product_id))
        for product_id, known in photos.items()
    }


def check_stored(vector: Vector, dimension: int, of_what: str) -> None:
    check_numbers(vector, dimension, of_what)
    length = float(np.linalg.norm(vector))
    if abs(length - 1.0) > _UNIT_TOLERANCE:
        raise InvalidRequest(f"The vector of {of_what} has length {length:.4g}; it must be 1.")


def check_numbers(vector: Vector, dimension: int, of_what: str) -> None:
    """An engine takes NaN without a word, and then silently never finds the product again."""
    if vector.shape != (dimension,):
        raise InvalidRequest(
            f"The vector of {of_what} has the shape {vector.shape}; the index holds {dimension}."
        )
    if not np.isfinite(vector).all():
        raise InvalidRequest(f"The vector of {of_what} has numbers that are not finite.")


def _present(fields: Payload) -> Payload:
    return {name: value for name, value in fields.items() if value is not None}


def _check_readable(product: Product) -> None:
    """JSON has no NaN and no infinity: it would write null, and never read the product again."""
    for name, value in [("price", product.price), *product.attributes.items()]:
        if isinstance(value, float) and not isfinite(value):
            raise InvalidRequest(f"{name!r} is not a finite number.")


def _encoded(what: Listing | Photo) -> str:
    try:
        return msgspec.json.encode(what).decode()
    except UnicodeEncodeError as error:
        raise _not_text(error) from error


def _text(name: str) -> str:
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise _not_text(error) from error
    return name


def _not_text(error: UnicodeEncodeError) -> InvalidRequest:
    return InvalidRequest(f"{error.object[:100]!r} is not valid Unicode text.")
