"""A photo that is told with its product: put where one would be dropped, and indexed at once."""

from __future__ import annotations

from core.bucket import IMAGES, Role, photo_key, place
from core.errors import ImageUnreadable
from core.indexing import Indexing
from core.photos.decode import read_photo
from core.photos.kinds import format_of
from core.ports import PhotoStore
from core.product import Product

A_LOOK = 32
"""Pixels a side: what it takes to see that a photo can be read."""


def put_with_photo(photos: PhotoStore, indexing: Indexing, product: Product, data: bytes) -> None:
    """Take a product's facts and its photo, in the place of the one that came so before.

    Nothing is changed for a photo that can't be read, or that has no place in the bucket.
    """
    read_photo(data, A_LOOK)
    kind = format_of(data)
    key = photo_key(product.id, f".{kind.removeprefix('image/')}")
    with indexing.turns.of(product.id):
        indexing.put_product(product)
        photos.put(key, data, kind)
        for stored in photos.of_product(product.id):
            if stored.key != key and _is_alone(stored.key):
                photos.delete(stored.key)
        rejected = indexing.settle(product.id).rejected
    for refused in rejected:
        if refused.key == key:
            raise ImageUnreadable(refused.reason)


def _is_alone(key: str) -> bool:
    """A product's one photo, not one of several, which have a folder."""
    where = place(key)
    return where is not None and where.role is Role.PHOTO and "/" not in key[len(IMAGES) :]
