"""Photos put straight to where they are kept, however large a request may be."""

from __future__ import annotations

from typing import Any

from likeness_client.call import Call, Plan, posted
from likeness_client.photos import Photo, kind_of, photo_bytes


def upload(photo: Photo) -> Plan[str]:
    """Put up a photo to search with, for a day: gives the `upload_id` for `search`."""
    return _upload(photo_bytes(photo), {"purpose": "search"})


def upload_product_photo(product_id: str, photo: Photo) -> Plan[str]:
    """Put up a photo of a product, beside those it has; it is indexed within seconds."""
    about = {"purpose": "product", "product_id": product_id}
    return _upload(photo_bytes(photo), about)


def _upload(photo: bytes, about: dict[str, str]) -> Plan[str]:
    asked = about | {"content_type": kind_of(photo)}
    place: dict[str, Any] = yield posted("/uploads", asked, lambda answer: answer.fields())
    yield Call(
        method="PUT",
        path=place["url"],
        content=photo,
        headers=lambda: place["headers"],
        read=lambda _: None,
    )
    return str(place["upload_id"])
