"""The objects of one product, where a listing can be narrowed by what its keys begin with."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from core.bucket import IMAGES, place
from core.ports import StoredObject


def of_product(
    listing: Callable[[str], Iterator[StoredObject]], product_id: str
) -> list[StoredObject]:
    where = place(f"{IMAGES}{product_id}/_.jpg")
    if where is None or where.product_id != product_id:
        return []
    # Prefixes say less than keys: "a." begins the objects of a product "a.b", too.
    return sorted(
        (
            stored
            for prefix in (f"{IMAGES}{product_id}.", f"{IMAGES}{product_id}/")
            for stored in listing(prefix)
            if (its := place(stored.key)) is not None and its.product_id == product_id
        ),
        key=lambda stored: stored.key,
    )
