"""Writes products into an embedded index until it is killed, saying which writes returned.

    python -m tests.integration.index_writer <folder> <first number>

Lines on stdout, each after its write returned: `open`, `+ <number>`, `- <number>`.
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import numpy as np

from core.ports import CatalogueItem, PhotoVector
from core.product import Listing, Photo, Product, Vector
from core.stores.qdrant_embedded import EmbeddedIndex
from core.words import of_product

MODEL, DIMENSION = "toy", 32


def open_index(folder: Path) -> EmbeddedIndex:
    return EmbeddedIndex.open(folder, "products", MODEL, DIMENSION)


def product(number: int) -> Product:
    return Product(id=f"p{number}", name=f"Thing w{number}x", price=number, category="Things")


def vector(number: int) -> Vector:
    drawn = np.random.default_rng(number).normal(size=DIMENSION)
    scaled: Vector = (drawn / np.linalg.norm(drawn)).astype(np.float32)
    return scaled


def write(index: EmbeddedIndex, number: int) -> None:
    one = product(number)
    index.put_items([CatalogueItem(Listing(product=one), vector(number), of_product(one))])
    photo = Photo(key=f"images/p{number}.jpg", url="", version="1")
    index.put_photos(one, [PhotoVector(photo, vector(number))])


def removed_after(line: str) -> int:
    """The number of the product that is removed next after this line was said; -1 for none."""
    sign, _, number = line.partition(" ")
    return int(number) - 3 if sign == "+" and int(number) % 7 == 6 else -1


def main(folder: Path, first: int) -> None:
    index = open_index(folder)
    print("open", flush=True)
    for number in itertools.count(first):
        write(index, number)
        print(f"+ {number}", flush=True)
        removed = removed_after(f"+ {number}")
        if removed >= 0:
            index.remove(f"p{removed}")
            print(f"- {removed}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
