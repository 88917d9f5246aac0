"""Products as the doors of the catalogue take them, each with its photos or without."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from core.product import Listing
from core.web_photos import Told, put_told
from handlers.models import ProductRequest
from handlers.shop import Shop

T = TypeVar("T")


class Taken(NamedTuple):
    """How a product stood before, and how it stands now."""

    before: Listing | None
    after: Listing


def take(shop: Shop, said: ProductRequest) -> Taken:
    return take_as(shop, said.id, lambda _: said)


def take_as(
    shop: Shop,
    product_id: str,
    tell: Callable[[Listing | None], ProductRequest],
    *,
    again: bool = False,
) -> Taken:
    """`tell` says what is taken, of how the product stands, which nobody changes meanwhile.
    `again` fetches photos anew that are there already, by their addresses."""

    def told(known: Listing | None) -> Told:
        said = tell(known)
        return Told(said.product, said.addresses)

    return Taken(
        *put_told(shop.photos, shop.indexing, product_id, told, shop.fetching.photo, again=again)
    )


async def in_thread(shop: Shop, addresses: object, work: Callable[[], T]) -> T:
    """Who waits for strangers, where addresses are told, does so where nobody else waits."""
    return await (shop.fetching.run(work) if addresses else to_thread(work))
