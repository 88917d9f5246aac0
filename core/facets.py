"""How many of the products that satisfy the filters have which category, price or attribute."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import inf, nextafter

import msgspec

from core.errors import FieldError, InvalidRequest
from core.ports import VectorIndex
from core.query import Filters

Counts = dict[str, dict[str, int]]
"""For each facet asked for, how many products have which value, most first."""

CATEGORY, PRICE, ATTRIBUTE = "category", "price", "attributes."
_PRICES = (0.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, inf)
"""Where ranges of prices begin and end: the same for every query, so that a page can name them."""
_MOST_VALUES = 100


def check_facets(facets: Sequence[str]) -> None:
    for facet in facets:
        of_attribute = facet.startswith(ATTRIBUTE) and facet != ATTRIBUTE
        if facet not in (CATEGORY, PRICE) and not of_attribute:
            wrong = FieldError("facets", "may hold category, price and attributes.<name>")
            raise InvalidRequest(f"{facet[:100]!r} is nothing to count by.", fields=[wrong])


def count(index: VectorIndex, facets: Sequence[str], filters: Filters) -> Counts:
    return {
        facet: dict(_prices(index, filters)) if facet == PRICE else _most(index, facet, filters)
        for facet in facets
    }


def _most(index: VectorIndex, facet: str, filters: Filters) -> dict[str, int]:
    found = index.count_by(facet, filters)
    order = sorted(found.items(), key=lambda one: (-one[1], one[0]))
    return dict(order[:_MOST_VALUES])


def _prices(index: VectorIndex, filters: Filters) -> Iterator[tuple[str, int]]:
    """Each range has the price it begins with, and not the one it ends with."""
    least = 0.0 if filters.price_min is None else filters.price_min
    most = inf if filters.price_max is None else filters.price_max
    for low, high in pairwise(_PRICES):
        price_min, price_max = max(least, low), min(most, nextafter(high, low))
        if price_min > price_max:
            continue
        within = msgspec.structs.replace(filters, price_min=price_min, price_max=price_max)
        if found := index.count(within):
            yield f"{low:g}-" if high == inf else f"{low:g}-{high:g}", found
