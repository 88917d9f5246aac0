"""The bucket's key rules: which object belongs to which product, and as what.

images/<product_id>.<ext>              the product's photo
images/<product_id>/<anything>.<ext>   one of several
images/<product_id>.json               what is known of the product (its sidecar)
images/<product_id>/product.json       the same, for a product with a folder
uploads/search/<upload_id>             a photo to search with, gone after a day
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from core.errors import InvalidRequest

IMAGES = "images/"
PHOTO_EXTENSIONS = frozenset(
    {"jpg", "jpeg", "jfif", "png", "webp", "avif", "gif"}
    # What people take for photos and we can't decode is looked at too, and refused: who drops one
    # shall be told, not left to wonder.
    | {"heic", "heif", "tif", "tiff", "bmp", "jxl"}
)
SEARCH_UPLOADS = "uploads/search/"
MAX_ID = 128


class Role(Enum):
    PHOTO = "photo"
    FACTS = "facts"


class Place(NamedTuple):
    """What an object is to the catalogue."""

    product_id: str
    role: Role


def place(key: str) -> Place | None:
    """Where an object belongs, or None when it is none of our business.

    Hidden files (editors' and browsers' half-made downloads begin with a dot) are not ours.
    """
    if not key.startswith(IMAGES):
        return None
    parts = key[len(IMAGES) :].split("/")
    name = parts[-1]
    stem, dot, extension = name.rpartition(".")
    if not dot or not stem or any(not p or p.startswith(".") for p in parts):
        return None
    product_id = stem if len(parts) == 1 else parts[0]
    if len(product_id) > MAX_ID or not product_id.isprintable():
        return None
    if extension.lower() in PHOTO_EXTENSIONS:
        return Place(product_id, Role.PHOTO)
    is_facts = extension.lower() == "json" and (len(parts) == 1 or parts[1:] == ["product.json"])
    return Place(product_id, Role.FACTS) if is_facts else None


def photo_key(product_id: str, rest: str) -> str:
    """Where a product's photo is put: `rest` is `.<ext>` or `/<name>.<ext>`. Raises InvalidRequest
    for an id under which nothing would be found again."""
    key = f"{IMAGES}{product_id}{rest}"
    if place(key) != Place(product_id, Role.PHOTO):
        raise InvalidRequest("A product with a photo needs an id of no slash and no dot ahead.")
    return key
