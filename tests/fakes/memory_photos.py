"""A bucket that lives in memory."""

from __future__ import annotations

import builtins
import time
from collections.abc import Iterator, Mapping
from itertools import count
from threading import Lock
from typing import NamedTuple
from urllib.parse import quote

from core.bucket import place
from core.errors import ImageTooLarge, PhotoNotFound
from core.ports import StoredObject


class _Object(NamedTuple):
    stored: StoredObject
    data: bytes
    metadata: Mapping[str, str]


class MemoryPhotos:
    def __init__(self, base_url: str = "/photos") -> None:
        self._base_url = base_url
        self._lock = Lock()
        self._versions = count(1)
        self._objects: dict[str, _Object] = {}

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        with self._lock:
            stored = [one.stored for one in self._objects.values()]
        found = (one for one in stored if one.key.startswith(prefix))
        return iter(sorted(found, key=lambda one: one.key))

    def of_product(self, product_id: str) -> builtins.list[StoredObject]:
        return [
            one
            for one in self.list()
            if (where := place(one.key)) is not None and where.product_id == product_id
        ]

    def read(self, key: str, max_bytes: int) -> bytes:
        data = self._object(key).data
        if len(data) > max_bytes:
            raise ImageTooLarge(f"{key!r} has more than the {max_bytes} bytes that are read.")
        return data

    def metadata(self, key: str) -> Mapping[str, str]:
        return self._object(key).metadata

    def put(
        self, key: str, data: bytes, content_type: str, metadata: Mapping[str, str] | None = None
    ) -> StoredObject:
        with self._lock:
            stored = StoredObject(key, str(next(self._versions)), len(data), time.time())
            self._objects[key] = _Object(stored, data, metadata or {})
        return stored

    def delete(self, key: str) -> None:
        with self._lock:
            self._objects.pop(key, None)

    def url(self, key: str) -> str:
        return f"{self._base_url}/{quote(key)}"

    def close(self) -> None:
        """There is nothing to let go of."""

    def _object(self, key: str) -> _Object:
        with self._lock:
            found = self._objects.get(key)
        if found is None:
            raise PhotoNotFound(f"There is no {key!r} in the bucket.")
        return found
