"""Several processes write to one managed Qdrant, and some are cut off."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from core.errors import IndexUnavailable, ProductNotFound
from core.ports import ByPhotos
from core.query import Filters
from core.stores.qdrant_cloud import CloudIndex
from tests.contract.indexes import axis, ids, item, photo, stock
from tests.fakes.qdrant_server import Fault, QdrantServer
from tests.integration.clouds import opened


@pytest.fixture
def server() -> Iterator[QdrantServer]:
    with QdrantServer() as running:
        yield running


@pytest.fixture
def index(server: QdrantServer) -> Iterator[CloudIndex]:
    with closing(opened(server)) as index:
        yield index


def test_writers_in_two_processes_end_in_agreement(server: QdrantServer) -> None:
    indexes = [opened(server), opened(server)]
    indexes[0].put_items([item("a", price=0)])

    def write(number: int) -> None:
        index = indexes[number % 2]
        index.put_items([item("a", price=number)])
        index.put_photos(item("a").listing.product, [photo(f"{number}.jpg")])

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(write, range(36)))
    found = indexes[0].get("a")
    assert found is not None
    price = found.product.price
    points = server.local.answer(
        "POST", "/collections/products/points/scroll", {"limit": 100, "with_payload": ["price"]}
    )["points"]
    told = [point["payload"]["price"] for point in points if "price" in point["payload"]]
    assert told == [price] * 37
    for index in indexes:
        index.close()


def test_a_photo_put_while_the_facts_change_has_the_new_ones(
    server: QdrantServer, index: CloudIndex
) -> None:
    with closing(opened(server)) as other:
        index.put_items([item("a", price=5)])
        server.faults += [Fault(), Fault(first=lambda: other.put_items([item("a", price=9)]))]
        index.put_photos(item("a").listing.product, [photo("1.jpg")])
        [matches] = index.search([ByPhotos(axis(1))], Filters(price_min=9), 5)
        assert ids(matches) == ["a"]


def test_a_photo_put_while_its_product_is_removed_is_not_left_behind(
    server: QdrantServer, index: CloudIndex
) -> None:
    with closing(opened(server)) as other:
        index.put_items([item("a")])
        server.faults += [Fault(), Fault(first=lambda: other.remove("a"))]
        with pytest.raises(ProductNotFound):
            index.put_photos(item("a").listing.product, [photo("1.jpg")])
        assert index.status().points == 0


def test_facts_put_while_a_photo_comes_reach_it(server: QdrantServer, index: CloudIndex) -> None:
    with closing(opened(server)) as other:
        index.put_items([item("a", price=5)])
        product = item("a").listing.product
        late = Fault(first=lambda: other.put_photos(product, [photo("1.jpg")]))
        server.faults += [Fault(), late]  # after the photos were told, before the record is
        index.put_items([item("a", price=9)])
        [matches] = index.search([ByPhotos(axis(1))], Filters(price_min=9), 5)
        assert ids(matches) == ["a"]


def test_a_write_cut_off_half_way_leaves_a_record_that_says_so(
    server: QdrantServer, index: CloudIndex
) -> None:
    """By the record it is seen that it is to be done again: it must not be ahead of the photos."""
    for done in range(6):
        stock(index, [item("a", price=5, facts_version="1")])
        server.faults += [Fault()] * done + [Fault(lost=True)] * 3
        try:
            index.put_items([item("a", price=9, facts_version="2")])
        except IndexUnavailable:
            pass
        else:
            break
        finally:
            server.faults.clear()
        found = index.get("a")
        assert found is not None
        if found.facts_version == "2":
            [matches] = index.search([ByPhotos(axis(1))], Filters(price_min=9), 5)
            assert ids(matches) == ["a"]
    assert done == 4
