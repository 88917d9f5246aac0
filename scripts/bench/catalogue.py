"""A made-up catalogue whose vectors lie as CLIP's do.

CLIP's photos fill a narrow cone (two photos of anything have a cosine near 0.5), in it products of
a kind form clusters (0.75 to 0.85), and texts fill another cone (0.2 to 0.3 to the photos). So a
photo here is the cone's direction, plus its cluster's, plus its own, made unit; likewise a text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.product import Product, Vector

DIMENSION = 512
_CLUSTERS = 400
_CATEGORIES = 40
_COLOURS = ["red", "blue", "green", "black", "white", "yellow", "grey", "brown"]
_CONE, _CLUSTER, _OWN = 0.70, 0.52, 0.49
_BETWEEN_CONES = 0.25

Matrix = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Catalogue:
    photos: Matrix
    meanings: Matrix
    clusters: npt.NDArray[np.int64]
    queries: Matrix

    def __len__(self) -> int:
        return len(self.photos)

    def product(self, number: int) -> Product:
        cluster = int(self.clusters[number])
        colour = colour_of(number)
        return Product(
            id=f"p{number:06}",
            name=f"{colour} thing{cluster} model{number % 5000}",
            description=f"A {colour} thing{cluster} for every day, made to last. " * 4,
            category=category(cluster),
            price=price(number),
            currency="EUR",
            attributes={"colour": colour, "size": number % 7},
            in_stock=in_stock(number),
        )

    def products(self) -> Iterator[Product]:
        return (self.product(number) for number in range(len(self)))


def category(cluster: int) -> str:
    return f"category {cluster % _CATEGORIES}"


def price(number: int) -> float:
    return float(number % 200) + 0.99


def colour_of(number: int) -> str:
    return _COLOURS[number % len(_COLOURS)]


def in_stock(number: int) -> bool:
    return number % 10 != 0


def make(products: int, queries: int, seed: int = 1) -> Catalogue:
    random = np.random.default_rng(seed)
    photo_cone, other = _directions(random, 2)
    text_cone = _unit(_BETWEEN_CONES * photo_cone + (1 - _BETWEEN_CONES**2) ** 0.5 * other)
    centres = _directions(random, _CLUSTERS)
    clusters = random.integers(0, _CLUSTERS, products)

    def around(cone: Matrix, of: npt.NDArray[np.int64]) -> Matrix:
        vectors = np.empty((len(of), DIMENSION), np.float32)
        for start in range(0, len(of), 4096):
            some = of[start : start + 4096]
            own = _directions(random, len(some))
            vectors[start : start + 4096] = _unit(
                _CONE * cone + _CLUSTER * centres[some] + _OWN * own
            )
        return vectors

    return Catalogue(
        photos=around(photo_cone, clusters),
        meanings=around(text_cone, clusters),
        clusters=clusters,
        queries=around(photo_cone, random.integers(0, _CLUSTERS, queries)),
    )


def nearest(
    catalogue: Catalogue, query: Vector, among: npt.NDArray[np.bool_], limit: int
) -> set[str]:
    """By comparing with every photo in numpy: what an exact search must find."""
    scores = np.where(among, catalogue.photos @ query, -2.0)
    best = np.argpartition(-scores, limit)[:limit]
    return {f"p{number:06}" for number in best if among[number]}


def _directions(random: np.random.Generator, count: int) -> Matrix:
    return _unit(random.standard_normal((count, DIMENSION), np.float32))


def _unit(vectors: Matrix) -> Matrix:
    scaled: Matrix = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return scaled.astype(np.float32)
