"""What the bucket's files say of a product, less what can't be read."""

from __future__ import annotations

from collections.abc import Callable, Set
from hashlib import blake2b
from typing import Any

import msgspec

from core.bucket import Role
from core.bucket_view import BucketView
from core.errors import BadInput, PhotoNotFound
from core.facts import MAX_FACTS_BYTES, Facts, read_metadata, read_sidecar
from core.ports import PhotoStore, StoredObject
from core.refusals import Refusals


class BucketFacts:
    def __init__(self, photos: PhotoStore, refusals: Refusals) -> None:
        """`refusals` are told of what can't be read."""
        self._photos = photos
        self._refusals = refusals

    def of_sidecar(self, view: BucketView) -> Facts:
        if view.sidecar is None:
            return {}
        return self._said(
            view, view.sidecar, lambda key: read_sidecar(self._photos.read(key, MAX_FACTS_BYTES))
        )

    def of_photos(self, view: BucketView, unusable: Set[str]) -> Facts:
        """What their metadata say together. Of two that differ, the one put last counts."""
        said: dict[str, Any] = {}
        for stored in sorted(view.photos.values(), key=lambda o: (o.modified, o.key)):
            if stored.key not in unusable:
                said |= self._said(
                    view, stored, lambda key: read_metadata(self._photos.metadata(key))
                )
        return said

    def _said(self, view: BucketView, stored: StoredObject, read: Callable[[str], Facts]) -> Facts:
        if view.refuses_facts_of(stored.key):
            return {}
        try:
            return read(stored.key)
        except PhotoNotFound:
            return {}  # deleted since it was listed; the next round sees that
        except BadInput as error:
            self._refusals.add(view.product_id, stored, Role.FACTS, error.detail)
            return {}


def digest_of(said: Facts) -> str:
    if not said:
        return ""
    return blake2b(msgspec.json.encode(said, order="deterministic"), digest_size=8).hexdigest()
