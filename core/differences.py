"""Where the index says something else than the bucket does."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from core.bucket import IMAGES, place
from core.bucket_view import BucketView
from core.ports import PhotoStore, StoredObject, VectorIndex
from core.product import Listing
from core.refusals import Refusals

_PAGE = 1000


class Difference(StrEnum):
    """What a look at the product will come to, unless its objects turn out to be unusable."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


def differences(
    index: VectorIndex, photos: PhotoStore, refusals: Refusals, prefix: str = ""
) -> dict[str, Difference]:
    """Of the products whose ids begin with `prefix`, those that want a look, by their ids."""
    known = {one.product.id: one for one in every_listing(index, prefix)}
    stored: dict[str, list[StoredObject]] = {}
    for item in photos.list(f"{IMAGES}{prefix}"):
        where = place(item.key)
        if where is not None:
            stored.setdefault(where.product_id, []).append(item)
    found = {
        product_id: difference(
            BucketView.of(product_id, stored.get(product_id, ()), refusals.of(product_id)),
            known.get(product_id),
        )
        for product_id in sorted(stored.keys() | known.keys())
    }
    return {product_id: one for product_id, one in found.items() if one is not None}


def difference(view: BucketView, known: Listing | None) -> Difference | None:
    if view.agrees_with(known):
        return None
    if known is None:
        return Difference.ADDED
    return Difference.CHANGED if view.keeps(known) else Difference.REMOVED


def every_listing(index: VectorIndex, prefix: str = "") -> Iterator[Listing]:
    cursor: str | None = None
    while True:
        page = index.page(limit=_PAGE, cursor=cursor)
        yield from (one for one in page.listings if one.product.id.startswith(prefix))
        if page.next_cursor is None:
            return
        cursor = page.next_cursor
