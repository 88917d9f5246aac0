"""Where the photos lie, and the addresses under which browsers reach them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import msgspec


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

    def close(self) -> None:
        """Let go of connections. Whoever asks again makes new ones."""
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

    def origin(self) -> str:
        """Of them all, without asking anybody: what a page's policy has to let in."""
        ...
