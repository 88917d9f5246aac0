"""The searchable catalogue: what is asked of it and what comes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import msgspec

from core.product import Listing, Photo, Product, Vector
from core.query import Filters
from core.words import Lexical


class ByPhotos(msgspec.Struct, frozen=True):
    """Nearest photos. One match a product: its best photo."""

    vector: Vector


class ByMeaning(msgspec.Struct, frozen=True):
    """Nearest names and descriptions, by the text tower's vector."""

    vector: Vector


class ByWords(msgspec.Struct, frozen=True):
    """Same words, by the sparse lexical vector."""

    lexical: Lexical


Probe = ByPhotos | ByMeaning | ByWords


class Match(msgspec.Struct, frozen=True):
    """One product found by one probe. `photo` is the key of the one that matched, for ByPhotos."""

    product_id: str
    score: float
    photo: str | None = None


class CatalogueItem(msgspec.Struct, frozen=True):
    """A listing with what it is found by. Photos' vectors go through put_photos."""

    listing: Listing
    meaning: Vector
    lexical: Lexical


class PhotoVector(msgspec.Struct, frozen=True):
    photo: Photo
    vector: Vector


class Vectors(NamedTuple):
    """What a product is found by: its photos, ordered by key, and what its words mean; None for
    photos of which the product is not there, or not any more."""

    photos: list[Vector]
    meaning: Vector | None


class Page(msgspec.Struct, frozen=True):
    listings: tuple[Listing, ...]
    next_cursor: str | None


class IndexStatus(msgspec.Struct, frozen=True):
    name: str
    products: int
    photos: int
    points: int
    dimension: int
    model: str


class VectorIndex(Protocol):
    """The searchable catalogue. A write that returned survives the process being killed.

    A product is one record (facts, meaning, lexical) and one entry a photo. Photos are written
    and removed one by one, never as a whole list, so two indexers working on two photos of one
    product can't undo each other.
    """

    def put_items(self, items: Sequence[CatalogueItem]) -> None:
        """Say the facts of these products, anew or over what was known; photos stay as they are.

        `listing.photos` is ignored: photos come and go through put_photos and remove_photos.
        Filters and hits see the new facts on the product's photos too, at once.
        """
        ...

    def put_photos(self, product: Product, photos: Sequence[PhotoVector]) -> None:
        """Add photos to a product whose item was put, or replace those of the same key.

        The facts that count are those put last, whatever `product` says: it may be of yesterday.
        Raises ProductNotFound when the item is not there, perhaps removed a moment ago.
        """
        ...

    def remove_photos(self, product_id: str, keys: Sequence[str]) -> None: ...

    def remove(self, product_id: str) -> bool:
        """Forget the product and its photos; False when it was not there."""
        ...

    def get(self, product_id: str) -> Listing | None:
        """The product with its photos, ordered by key."""
        ...

    def listings(self, product_ids: Sequence[str]) -> Mapping[str, Listing]:
        """The same of each of these products that is there; one round trip for those of an answer.

        Matches are light, so that many can be ranked: ask for those that are shown, at the end.
        """
        ...

    def vectors(self, product_ids: Sequence[str]) -> Mapping[str, Vectors]:
        """Those of each of these products that is there."""
        ...

    def search(
        self,
        probes: Sequence[Probe],
        filters: Filters,
        limit: int,
        exclude: Sequence[str] = (),
    ) -> list[list[Match]]:
        """For each probe at most `limit` products, best first; one round trip for all of them.

        `exclude` are ids of products that are never among the matches. Equal scores are ordered
        by product id, so that paging is stable.
        """
        ...

    def photo_scores(self, vector: Vector, product_ids: Sequence[str]) -> dict[str, Match]:
        """The best photo of each of these products; those without a photo are absent."""
        ...

    def page(self, limit: int, cursor: str | None = None, category: str | None = None) -> Page:
        """The catalogue in a stable order; `cursor` is what the page before gave."""
        ...

    def count(self, filters: Filters) -> int:
        """How many products satisfy the filters."""
        ...

    def count_by(self, facet: str, filters: Filters) -> dict[str, int]:
        """How many of them have which value of `category`, or of an attribute: `attributes.<name>`.
        One that has several values counts for each."""
        ...

    def status(self) -> IndexStatus: ...

    def close(self) -> None: ...
