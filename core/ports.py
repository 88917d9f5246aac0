"""The seams: what the core needs from outside, as protocols nobody inherits.

Every adapter and every fake of a port passes the port's one suite in `tests/contract`.
All calls are synchronous and may be made from several threads at once. Vendors' exceptions and
objects stay inside the adapter; what comes out is `core.errors` and the nouns of the core.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Protocol

import msgspec

from core.product import Listing, Photo, Product, Vector
from core.query import Crop, Filters
from core.words import Lexical


class WordsVector(msgspec.Struct, frozen=True):
    vector: Vector
    truncated: bool
    """The text was longer than the model reads; the vector speaks for its beginning."""


class Embedder(Protocol):
    """Turns words and photos into unit vectors of one space. Raises ModelUnavailable where it can't
    for no fault of theirs."""

    @property
    def model(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def words(self, text: str) -> WordsVector: ...

    def photo(self, data: bytes, crop: Crop | None = None) -> Vector:
        """Of all of it, or of a part. Raises ImageUnreadable or ImageTooLarge for no photo."""
        ...


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
    """One product found by one probe. `photo` is the photo that matched, for ByPhotos."""

    listing: Listing
    score: float
    photo: Photo | None = None


class CatalogueItem(msgspec.Struct, frozen=True):
    """A listing with what it is found by. Photos' vectors go through put_photos."""

    listing: Listing
    meaning: Vector
    lexical: Lexical


class PhotoVector(msgspec.Struct, frozen=True):
    photo: Photo
    vector: Vector


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

    def vectors(self, product_id: str) -> tuple[list[Vector], Vector | None]:
        """The product's photo vectors (ordered by key) and its meaning vector."""
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


class Slot(StrEnum):
    """Where an index stands among those of one catalogue."""

    CURRENT = "current"
    """It answers shoppers."""
    NEXT = "next"
    """It is being filled."""
    PREVIOUS = "previous"
    """It was the current one, and is kept to go back to."""


class Shelf(Protocol):
    """The indexes of one catalogue, so that one can be filled while another answers."""

    def made_for(self, slot: Slot) -> str | None:
        """The model of the index that stands there; None for none."""
        ...

    def begin(self, model: str, dimension: int, *, large: bool) -> VectorIndex:
        """The next index, made if there is none yet. Raises IndexMismatch when it was begun for
        another model."""
        ...

    def open(self, slot: Slot) -> VectorIndex:
        """What stands there, as it was made. To be closed before anything is moved or dropped.

        Raises IndexUnavailable where nothing stands.
        """
        ...

    def switch(self, to: Slot) -> None:
        """The next or the previous one is the current one from now on, and the current one the
        previous one: at one moment."""
        ...

    def drop(self, slot: Slot) -> bool:
        """Throw away the next or the previous one; False when there was none."""
        ...

    def close(self) -> None: ...


class Lookup(msgspec.Struct, frozen=True):
    """What the cache knows. `generation` goes back with the `put` that fills a miss."""

    value: bytes | None
    generation: int | None
    """None when the cache can't tell: what is made now will not be kept."""
    stale: bytes | None = None
    """In want of a value, what was kept last: better than nothing when nothing can be made."""


class Cache(Protocol):
    """Answers and embeddings kept for a while. A cache that fails is a miss, never an error.

    A scope is what goes out of date as a whole: a collection's answers. What is kept without one
    never does, as the vector of a text; only time ends it.
    """

    def get(self, key: str, scope: str = "") -> Lookup:
        """The entry, if it is neither expired nor of an earlier generation of its scope; else
        that very entry as `stale`, if it was put with a `stale_ttl` that has not passed."""
        ...

    def put(
        self,
        key: str,
        value: bytes,
        ttl: float,
        scope: str = "",
        generation: int | None = 0,
        stale_ttl: float = 0,
    ) -> None:
        """Keep it under the generation that was read *before* the value was made: an entry made
        while the catalogue moved on is born stale. `stale_ttl` counts from where `ttl` ends."""
        ...

    def advance(self, scope: str) -> None:
        """What was kept under this scope is out of date from now on, for whoever shares it."""
        ...


class Allowance(msgspec.Struct, frozen=True):
    """Whether a client may go on. `retry_after` is in seconds, 0 for who may."""

    allowed: bool
    remaining: int
    retry_after: float
    limit: int


class RateLimiter(Protocol):
    """So many requests a client in so much time. A limiter that fails lets everybody through."""

    def take(self, client: str) -> Allowance: ...


class Once(Protocol):
    """Who came first. When it can't tell, everybody did: twice is better than never."""

    def first(self, key: str, ttl: float) -> bool:
        """True for one caller a key in `ttl` seconds."""
        ...

    def forget(self, key: str) -> None:
        """What came first was not done after all; the next one is first."""
        ...


class StoredObject(msgspec.Struct, frozen=True):
    """An object of the bucket, as a listing sees it."""

    key: str
    version: str
    """Changes whenever the content or the metadata do (ETag and time; size and mtime of a file)."""
    size: int
    modified: float


class PhotoStore(Protocol):
    """The bucket. Keys are `/`-separated, relative, any Unicode."""

    def list(self, prefix: str = "") -> Iterator[StoredObject]: ...

    def of_product(self, product_id: str) -> Sequence[StoredObject]:
        """Every object under images/ that belongs to the product (photos and sidecars), by key."""
        ...

    def read(self, key: str, max_bytes: int) -> bytes:
        """Raises PhotoNotFound, or ImageTooLarge without reading on."""
        ...

    def metadata(self, key: str) -> Mapping[str, str]:
        """What was written on the object, names in lower case. Raises PhotoNotFound."""
        ...

    def put(self, key: str, data: bytes, content_type: str) -> StoredObject: ...

    def delete(self, key: str) -> None:
        """Idempotent."""
        ...

    def url(self, key: str) -> str:
        """Where a shopper's browser finds the photo."""
        ...


class SignedUpload(msgspec.Struct, frozen=True):
    """A PUT that whoever has it may make in our name, with just these headers."""

    url: str
    headers: Mapping[str, str]
    expires_at: float


class SignedAddresses(Protocol):
    """Of a bucket that browsers can reach by themselves: whoever has one may use it, for so many
    seconds. That nothing is there is found by who uses it."""

    def download_url(self, key: str, seconds: int) -> str: ...

    def upload_url(self, key: str, content_type: str, seconds: int) -> SignedUpload: ...


class Message(msgspec.Struct, frozen=True):
    """A message of a queue, ours for a while."""

    id: str
    body: str
    receipt: str
    """By which it is deleted or held; another one each time it is given out."""
    times: int
    """How often it was given out, this time included."""
    labels: Mapping[str, str] = {}
    """What was said of it as it was buried; empty for one that was not."""
    sent: float = 0.0
    """When it was put here, in seconds since the epoch; 0 where that is not told."""


class Queue(Protocol):
    """Messages that come again until they are deleted. One that came too often ends in a second
    queue, that of the dead letters. All calls raise Unavailable when the queue does not answer.
    """

    @property
    def holding(self) -> float:
        """For how many seconds a message is ours once it is taken."""
        ...

    def take(self, wait: int = 0, most: int = 10) -> Sequence[Message]:
        """At most ten messages; with none there, one is waited for, so many seconds."""
        ...

    def delete(self, messages: Sequence[Message]) -> None:
        """Done with. Those that can't be deleted come again."""
        ...

    def hold(self, messages: Sequence[Message], seconds: float) -> None:
        """Ours for so many seconds from now on; with none, they come again at once."""
        ...

    def is_last(self, message: Message) -> bool:
        """Whether it was given out for the last time: not deleted, it becomes a dead letter."""
        ...

    def bury(self, message: Message, labels: Mapping[str, str]) -> None:
        """Put a copy among the dead letters, its body as it is, with what there is to say of it.
        Raises Misconfigured where there is no place for dead letters."""
        ...

    def send(self, body: str) -> str:
        """The id of the message, as which it is given out."""
        ...

    def waiting(self) -> int:
        """About how many messages lie here, to be taken."""
        ...

    @property
    def dead_letters(self) -> Queue:
        """Raises Misconfigured where there is no place for them."""
        ...
