"""The bucket as a container of Azure Blob storage."""

from __future__ import annotations

import builtins
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from time import time
from urllib.parse import quote

from core.errors import (
    BucketUnavailable,
    ImageTooLarge,
    ImageUnreadable,
    InvalidRequest,
    PhotoNotFound,
)
from core.ports import SignedUpload, StoredObject
from core.stores.blob_keys import ManagedIdentity, SharedKey
from core.stores.blob_listing import page, stored
from core.stores.blob_sas import AccountSigner, DelegatedSigner, Signer, signed
from core.stores.blob_wire import TRANSFER_SECONDS, Container, Refused, Wire
from core.stores.prefixes import of_product

log = logging.getLogger(__name__)

PAGE = 5000
MAX_KEY_LETTERS, MAX_KEY_PARTS = 1024, 254
_META = "x-ms-meta-"
_NOT_THERE = frozenset({"BlobNotFound", "PathNotFound"})
_NO_NAME = frozenset({"InvalidUri", "InvalidResourceName", "OutOfRangeInput"})
_ARCHIVED = frozenset({"BlobArchived", "BlobBeingRehydrated"})


def opened(url: str, key: str | None) -> tuple[Wire, Container, Signer]:
    """Without a key of the account, as the managed identity of the app we run in."""
    container = Container.of(url)
    if key:
        shared = SharedKey(container.account, key)
        return Wire(container.address, shared), container, AccountSigner(shared)
    wire = Wire(container.address, ManagedIdentity.of_environment())
    return wire, container, DelegatedSigner(wire, container)


class BlobPhotos:
    """A PhotoStore, with SignedAddresses, on a container.

    What we may not see is an error and never an absence: a permission that was taken away, or a
    container that is gone, must not look like a shop that deleted its photos.
    """

    def __init__(self, wire: Wire, container: Container, signer: Signer, base_url: str) -> None:
        self._wire = wire
        self._container = container
        self._signer = signer
        self._base_url = base_url.rstrip("/")

    @classmethod
    def connect(cls, url: str, key: str | None, base_url: str) -> BlobPhotos:
        return cls(*opened(url, key), base_url)

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """In the order of the keys."""
        query = {"restype": "container", "comp": "list", "prefix": prefix, "maxresults": str(PAGE)}
        while True:
            with self._asking(prefix):
                reply = self._wire.ask("GET", self._container.path, query)
                try:
                    blobs, marker = page(reply.body)
                except ValueError as error:
                    raise self._trouble(error) from error
            yield from blobs
            if not marker:
                return
            query["marker"] = marker

    def of_product(self, product_id: str) -> builtins.list[StoredObject]:
        return of_product(self.list, product_id)

    def read(self, key: str, max_bytes: int) -> bytes:
        path = self._path(key)
        with self._asking(key):
            try:
                # One byte more than will do, or there would be no telling.
                wanted = {"x-ms-range": f"bytes=0-{max_bytes}"}
                data = self._wire.ask("GET", path, None, wanted, seconds=TRANSFER_SECONDS).body
            except Refused as refused:
                if refused.status != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                    raise
                data = b""  # of nothing there is no first byte
        if len(data) > max_bytes:
            raise ImageTooLarge(f"{key!r} has more than the {max_bytes} bytes that are read.")
        return data

    def metadata(self, key: str) -> Mapping[str, str]:
        with self._asking(key):
            headers = self._wire.ask("HEAD", self._path(key)).headers
        return {
            name.lower().removeprefix(_META): value
            for name, value in headers.items()
            if name.lower().startswith(_META)
        }

    def put(self, key: str, data: bytes, content_type: str) -> StoredObject:
        headers = {"content-type": content_type, "x-ms-blob-type": "BlockBlob"}
        try:
            path = self._path(key)
            with self._asking(key):
                put = self._wire.ask("PUT", path, None, headers, data, TRANSFER_SECONDS).headers
        except PhotoNotFound as error:
            raise InvalidRequest(f"{key!a} can't be the name of a photo.") from error
        return stored(key, len(data), put["ETag"], put["Last-Modified"])

    def delete(self, key: str) -> None:
        try:
            with self._asking(key):
                with_all = {"x-ms-delete-snapshots": "include"}
                self._wire.ask("DELETE", self._path(key), None, with_all)
        except PhotoNotFound:
            return

    def url(self, key: str) -> str:
        return f"{self._base_url}/{quote(key)}"

    def download_url(self, key: str, seconds: int) -> str:
        return self._signed(key, "r", time() + seconds)

    def upload_url(self, key: str, content_type: str, seconds: int) -> SignedUpload:
        headers = {"Content-Type": content_type, "x-ms-blob-type": "BlockBlob"}
        until = time() + seconds
        return SignedUpload(self._signed(key, "cw", until), headers, until)

    def origin(self) -> str:
        return self._container.origin

    def close(self) -> None:
        self._wire.close()

    def _signed(self, key: str, may: str, until: float) -> str:
        path = self._path(key)
        with self._asking(key):
            query = signed(self._signer, self._container, key, may, until)
        return f"{self._container.origin}{path}?{query}"

    def _path(self, key: str) -> str:
        """Where a blob of this key lies, if there can be one: what the storage makes of dots and
        slashes, and of a backslash, is another blob, if not another container."""
        parts = key.split("/")
        short = len(key) <= MAX_KEY_LETTERS and len(parts) <= MAX_KEY_PARTS
        try:
            if short and "\\" not in key and not {"", ".", ".."} & {*parts}:
                return self._container.path_of(key)
        except UnicodeEncodeError:
            pass
        raise PhotoNotFound(_no_such(key))

    @contextmanager
    def _asking(self, key: str) -> Iterator[None]:
        try:
            yield
        except Refused as refused:
            if refused.code in _NOT_THERE | _NO_NAME:
                raise PhotoNotFound(_no_such(key)) from refused
            if refused.code in _ARCHIVED:
                raise ImageUnreadable(f"{key!r} is archived; restore it to use it.") from refused
            raise self._trouble(refused) from refused

    def _trouble(self, error: Exception) -> BucketUnavailable:
        log.error(
            "the container %s of %s: %s", self._container.name, self._container.account, error
        )
        return BucketUnavailable("The photos' container can't be used at the moment.")


def _no_such(key: str) -> str:
    return f"There is no {key!a} in the container."
