"""A managed Qdrant's index, and everything that can be asked of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import product as combinations
from typing import Any

from core.errors import IndexUnavailable
from core.query import Filters
from core.stores.qdrant_cloud import CloudIndex
from tests.contract.indexes import DIMENSION, MODEL, axis, item, photo, stock, three_ways
from tests.fakes.qdrant_server import KEY, QdrantServer

MUG: dict[str, Any] = {
    "category": "Mugs",
    "price": 5,
    "attributes": {"colour": "red"},
    "in_stock": True,
}
SET: dict[str, Any] = {
    "categories": ("Mugs",),
    "price_min": 1.0,
    "price_max": 9.0,
    "attributes": (("colour", ("red", "blue")),),
    "in_stock": True,
}
"""Each of the fields of Filters, set."""


def every_filter() -> Iterator[Filters]:
    for chosen in combinations([False, True], repeat=len(SET)):
        yield Filters(**{name: SET[name] for name, use in zip(SET, chosen, strict=True) if use})


def opened(
    server: QdrantServer,
    model: str = MODEL,
    dimension: int = DIMENSION,
    *,
    key: str = KEY,
    large: bool = False,
    patience: float = 30,
) -> CloudIndex:
    return CloudIndex.open(
        server.url,
        key,
        "products",
        model,
        dimension,
        large=large,
        reading=patience,
        writing=patience,
    )


def walk(index: CloudIndex, refused: list[Exception] | None = None) -> None:
    """Everything that can be asked, with every filter there can be."""
    stock(index, [item("a", **MUG), item("b")])
    asks: list[Callable[[], object]] = [
        lambda: index.page(5, category="Mugs"),
        lambda: index.photo_scores(axis(1), ["a", "b"]),
        lambda: index.vectors(["a"]),
        lambda: index.get("a"),
        lambda: index.listings(["a", "b"]),
        lambda: index.status(),
        lambda: index.put_items([item("a", price=6)]),
        lambda: index.put_photos(item("a").listing.product, [photo("1.jpg")]),
        lambda: index.remove_photos("a", ["1.jpg"]),
        lambda: index.remove("b"),
    ]
    for filters in every_filter():
        asks.append(partial(index.count, filters))
        asks += [partial(index.count_by, one, filters) for one in ("category", "attributes.a")]
        for exclude in ([], ["a", "b"]):
            asks.append(partial(index.search, three_ways(1, 0, "thing"), filters, 5, exclude))
    for ask in asks:
        try:
            ask()
        except IndexUnavailable as error:
            if refused is None:
                raise
            refused.append(error)
