"""Every VectorIndex there is, and small catalogues to fill one with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.ports import (
    ByMeaning,
    ByPhotos,
    ByWords,
    CatalogueItem,
    Match,
    PhotoVector,
    Probe,
    VectorIndex,
)
from core.product import Listing, Origin, Photo, Product, Vector
from core.query import Filters
from core.stores.qdrant_cloud import CloudIndex
from core.stores.qdrant_collection import MARK
from core.stores.qdrant_embedded import EmbeddedIndex
from core.words import of_product, of_query
from tests.fakes.memory_index import MemoryIndex
from tests.fakes.qdrant_server import KEY, QdrantServer

MODEL, DIMENSION = "toy", 16
ANY = Filters()


class HostedIndex(CloudIndex):
    """With a server of its own, which goes with it."""

    server: QdrantServer

    def close(self) -> None:
        super().close()
        self.server.stop()


def hosted() -> HostedIndex:
    server = QdrantServer()
    index = HostedIndex.open(server.url, KEY, "products", MODEL, DIMENSION, reading=60, writing=60)
    index.server = server
    return index


def embedded(folder: Path, dimension: int = DIMENSION) -> EmbeddedIndex:
    return EmbeddedIndex.open(folder, "products", MODEL, dimension)


def once_large(folder: Path, dimension: int = DIMENSION) -> EmbeddedIndex:
    """It has had so many products that it keeps indexes of what filters name."""
    index = embedded(folder, dimension)
    meaning: Vector = np.eye(dimension, dtype=np.float32)[0]
    index.put_items([item(f"product {n}", meaning=meaning) for n in range(300)])
    empty(index)
    return index


INDEXES: Mapping[str, Callable[[Path], VectorIndex]] = {
    "memory": lambda folder: MemoryIndex(MODEL, DIMENSION),
    "embedded": embedded,
    "embedded, once large": once_large,
    "cloud": lambda folder: hosted(),
}


def empty(index: VectorIndex) -> None:
    """Making an index takes longer than most tests, so they share one and leave it empty."""
    if isinstance(index, HostedIndex):  # its server looks at every point for every removal
        index.server.local.wipe("products", keep=MARK)
        return
    while listings := index.page(1000).listings:
        for listing in listings:
            index.remove(listing.product.id)


def axis(number: int) -> Vector:
    """Unit vectors at right angles to each other."""
    vector: Vector = np.eye(DIMENSION, dtype=np.float32)[number]
    return vector


def leaning(number: int, tilt: float, towards: int = DIMENSION - 1) -> Vector:
    """An axis leant towards another: its cosine with the axis is 1 / sqrt(1 + tilt²)."""
    vector = axis(number) + np.float32(tilt) * axis(towards)
    leant: Vector = (vector / np.linalg.norm(vector)).astype(np.float32)
    return leant


def item(
    product_id: str,
    name: str = "Thing",
    meaning: Vector | None = None,
    origin: Origin = Origin.API,
    facts_version: str = "",
    **facts: Any,
) -> CatalogueItem:
    product = Product(id=product_id, name=name, **facts)
    listing = Listing(product=product, origin=origin, facts_version=facts_version)
    return CatalogueItem(listing, axis(0) if meaning is None else meaning, of_product(product))


def photo(key: str, vector: Vector | None = None, version: str = "1") -> PhotoVector:
    url = f"https://photos.example/{key}"
    return PhotoVector(
        Photo(key=key, url=url, version=version), axis(1) if vector is None else vector
    )


def stock(index: VectorIndex, items: Sequence[CatalogueItem], photos: int = 1) -> None:
    """Put these items, each with so many photos that look alike."""
    index.put_items(items)
    for one in items:
        product = one.listing.product
        index.put_photos(product, [photo(f"{product.id}/{n}.jpg") for n in range(photos)])


def three_ways(looks: int, means: int, says: str) -> list[Probe]:
    """A probe of each kind: along an axis, along another, and by words."""
    return [ByPhotos(axis(looks)), ByMeaning(axis(means)), ByWords(of_query(says))]


def ids(matches: Sequence[Match]) -> list[str]:
    return [match.product_id for match in matches]
