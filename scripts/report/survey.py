"""The whole catalogue gone through once: what is counted, and what is kept to be looked at."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from core.product import Product, fact_word
from scripts.progress import Bar
from scripts.report.sources import Entry, Source

Looks = npt.NDArray[np.float16]
"""A row a photo. Half precision: a hundred thousand photos are 100 MB."""

EXAMPLES = 24
"""Of what is missing, so many products are shown."""


class Item(NamedTuple):
    """A product, as far as it is shown."""

    id: str
    name: str
    category: str
    price: str
    first: str
    """The place of its first photo; empty where it has none."""


class Seen(NamedTuple):
    """A photo that is compared with the others."""

    item: Item
    place: str


@dataclass(slots=True)
class Gap:
    """Products that want something: how many, and the first of them."""

    count: int = 0
    shown: list[Item] = field(default_factory=list)

    def add(self, item: Item) -> None:
        self.count += 1
        if len(self.shown) < EXAMPLES:
            self.shown.append(item)


@dataclass(slots=True)
class Survey:
    products: int = 0
    photos: int = 0
    categories: Counter[str] = field(default_factory=Counter)
    without_photo: Gap = field(default_factory=Gap)
    without_price: Gap = field(default_factory=Gap)
    without_category: Gap = field(default_factory=Gap)
    out_of_stock: Gap = field(default_factory=Gap)
    seen: list[Seen] = field(default_factory=list)
    looks: list[Looks] = field(default_factory=list)
    """Of what was seen; empty where the source does not tell."""


def go_through(source: Source, most: int) -> Survey:
    """`most`: so many photos are kept to be compared, spread evenly over all there are."""
    survey = Survey()
    with Bar("Reading the catalogue") as bar:
        for entry in source.entries():
            _count(survey, entry)
            if entry.looks is not None or not source.knows_looks:
                _keep(survey, entry, most / max(source.photos, 1))
            survey.photos += len(entry.places)
            bar.show(survey.products, max(source.products, survey.products))
    return survey


def _count(survey: Survey, entry: Entry) -> None:
    product, item = entry.product, _item(entry)
    survey.products += 1
    if product.category:
        survey.categories[product.category] += 1
    for wants, gap in (
        (not entry.places, survey.without_photo),
        (product.price is None, survey.without_price),
        (not product.category, survey.without_category),
        (not product.in_stock, survey.out_of_stock),
    ):
        if wants:
            gap.add(item)


def _keep(survey: Survey, entry: Entry, share: float) -> None:
    item = _item(entry)
    for number, place in enumerate(entry.places):
        before = survey.photos + number
        if share < 1 and int((before + 1) * share) == int(before * share):
            continue
        survey.seen.append(Seen(item, place))
        if entry.looks is not None:
            survey.looks.append(np.asarray(entry.looks[number], np.float16))


def _item(entry: Entry) -> Item:
    product = entry.product
    first = entry.places[0] if entry.places else ""
    return Item(product.id, product.name, product.category or "", _price(product), first)


def _price(product: Product) -> str:
    if product.price is None:
        return ""
    price = product.price
    told = fact_word(price) if float(price).is_integer() else f"{price:.2f}"
    return f"{told} {product.currency or ''}".strip()
