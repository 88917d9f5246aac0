"""Products as the doors of the catalogue take them, each with its photos or without."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Callable
from typing import TypeVar

from core.web_photos import put_with_web_photos
from handlers.models import ProductRequest
from handlers.shop import Shop

T = TypeVar("T")


def take(shop: Shop, said: ProductRequest, *, again: bool = False) -> None:
    """`again` fetches photos anew that are there already, by their addresses."""
    if said.addresses is None:
        shop.indexing.put_product(said.product)
        return
    put_with_web_photos(
        shop.photos,
        shop.indexing,
        said.product,
        said.addresses,
        shop.fetching.photo,
        again=again,
    )


async def in_thread(shop: Shop, said: ProductRequest, work: Callable[[], T]) -> T:
    """Who waits for strangers does so where nobody else waits."""
    return await (to_thread(work) if said.addresses is None else shop.fetching.run(work))
