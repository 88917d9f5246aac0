from __future__ import annotations

import pytest

from core.facets import count
from core.query import Filters
from tests.contract.indexes import ANY, DIMENSION, MODEL, item
from tests.fakes.memory_index import MemoryIndex


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (ANY, {"0-10": 2, "10-20": 2, "20-50": 1, "500-1000": 1, "1000-": 2}),
        (Filters(price_min=10), {"10-20": 2, "20-50": 1, "500-1000": 1, "1000-": 2}),
        (Filters(price_max=10), {"0-10": 2, "10-20": 1}),
        (Filters(price_min=15, price_max=999.99), {"10-20": 1, "20-50": 1, "500-1000": 1}),
        (Filters(price_min=2000), {"1000-": 1}),
        (Filters(price_min=9, price_max=1), {}),
        (Filters(price_max=-1), {}),
    ],
    ids=str,
)
def test_a_price_counts_in_the_range_it_begins(filters: Filters, expected: dict[str, int]) -> None:
    index = MemoryIndex(MODEL, DIMENSION)
    prices = [0, 9.99, 10, 19.999999, 20, 999.99, 1000, 1e12, None]
    index.put_items([item(f"p{n}", price=price) for n, price in enumerate(prices)])
    assert count(index, ["price"], filters) == {"price": expected}


def test_the_most_frequent_come_first_and_a_hundred_at_most() -> None:
    index = MemoryIndex(MODEL, DIMENSION)
    index.put_items([item(f"p{n}", category=f"c{n % 150:03}") for n in range(151)])
    found = count(index, ["category"], ANY)["category"]
    assert list(found.items())[:2] == [("c000", 2), ("c001", 1)]
    assert len(found) == 100
