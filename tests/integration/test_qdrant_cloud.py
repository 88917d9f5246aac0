"""A managed Qdrant's collection: how it is made, what for, and whose it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest
from qdrant_client import models as m

from core.errors import IndexMismatch, IndexUnavailable
from core.ports import ByPhotos, Slot
from core.query import Query
from core.query_vectors import Meaning
from core.ranking import Ranking
from core.stores.qdrant_cloud import CloudIndex
from core.stores.qdrant_shelf import CloudShelf
from tests.contract.indexes import ANY, DIMENSION, MODEL, axis, ids, item, leaning, photo, stock
from tests.fakes.qdrant_server import KEY, Fault, QdrantServer
from tests.integration.clouds import opened, walk


@pytest.fixture
def server() -> Iterator[QdrantServer]:
    with QdrantServer() as running:
        yield running


@pytest.fixture
def index(server: QdrantServer) -> Iterator[CloudIndex]:
    with closing(opened(server)) as index:
        yield index


def test_a_collection_is_made_once_and_then_asked_for_once(server: QdrantServer) -> None:
    for _ in range(2):
        server.asked.clear()
        opened(server).close()
    assert [(asked.method, asked.path) for asked in server.asked] == [
        ("POST", "/collections/products/points")
    ]


def test_a_large_collection_is_searched_by_bytes_and_scored_by_vectors(
    server: QdrantServer,
) -> None:
    with closing(opened(server, large=True)) as index:
        made = server.local.made_with("products")
        quantised = made.quantization_config
        assert isinstance(quantised, m.ScalarQuantization)
        assert quantised.scalar.type is m.ScalarType.INT8 and quantised.scalar.always_ram
        assert isinstance(made.vectors, dict) and made.vectors["clip-1-toy"].on_disk
        assert made.on_disk_payload
        server.asked.clear()
        index.search([ByPhotos(axis(1))], ANY, 5)
    [search] = server.asked[0].body["searches"]
    assert search["params"]["quantization"] == {"rescore": True, "oversampling": 2.0}


@pytest.mark.parametrize(
    ("photographed", "bare", "trips"),
    [
        (5, 0, ["query/batch", "scroll"]),
        (0, 5, ["query/batch", "scroll"]),
        (70, 5, ["query/batch", "query/batch", "scroll"]),
    ],
    ids=["each has a photo", "none has", "some have none"],
)
def test_a_word_query_is_few_round_trips(
    server: QdrantServer, index: CloudIndex, photographed: int, bare: int, trips: list[str]
) -> None:
    seen = [item(f"seen{n}", f"Mug{n}", leaning(0, n / 50)) for n in range(photographed)]
    index.put_items(seen + [item(f"bare{n}", "Red mug") for n in range(bare)])
    for n, one in enumerate(seen):
        index.put_photos(one.listing.product, [photo(f"{n}.jpg", leaning(1, n / 50))])
    server.asked.clear()
    query, meaning = Query(words="red mug", top_k=5), Meaning(looks=axis(1), words=axis(0))
    assert len(Ranking(index).hits(query, meaning)) == 5
    assert [one.path.partition("/points/")[2] for one in server.asked] == trips


def test_a_small_one_is_not(server: QdrantServer, index: CloudIndex) -> None:
    assert server.local.made_with("products").quantization_config is None


@pytest.mark.parametrize(
    ("model", "dimension", "told"),
    [("another", DIMENSION, "'toy'.*'another'"), (MODEL, 32, "16 dimensions.*32 dimensions")],
)
def test_another_model_is_refused(
    server: QdrantServer, index: CloudIndex, model: str, dimension: int, told: str
) -> None:
    with pytest.raises(IndexMismatch, match=told):
        opened(server, model, dimension)


def test_a_model_that_was_changed_while_qdrant_was_away_is_refused_too(
    server: QdrantServer, index: CloudIndex
) -> None:
    stock(index, [item("a")])
    server.stop()
    with closing(opened(server, "another")) as other:
        server.start()
        with pytest.raises(IndexMismatch):
            other.get("a")
        with pytest.raises(IndexMismatch):
            other.put_items([item("b")])


@pytest.mark.parametrize(
    ("vectors", "points"),
    [
        ({"size": 4, "distance": "Cosine"}, []),
        ({"clip-1-toy": {"size": 4, "distance": "Cosine"}}, []),
        ({"image": {"size": DIMENSION, "distance": "Cosine"}}, []),
        ({"clip-1-toy": {"size": DIMENSION, "distance": "Cosine"}}, [{"id": 1, "vector": {}}]),
    ],
    ids=["unnamed", "another size", "another name", "in use"],
)
def test_somebody_elses_collection_is_left_alone(
    server: QdrantServer, vectors: Any, points: list[Any]
) -> None:
    body = {"vectors": vectors, "sparse_vectors": {"words": {}}}
    server.local.answer("PUT", "/collections/products", body)
    if points:
        server.local.answer("PUT", "/collections/products/points", {"points": points})
    with pytest.raises(IndexMismatch, match="none of ours"):
        opened(server)
    counted = server.local.answer("POST", "/collections/products/points/count", {})
    assert counted["count"] == len(points)


@pytest.mark.parametrize("asked", range(1, 11))
def test_a_making_that_was_cut_short_is_finished_by_the_next(
    server: QdrantServer, asked: int
) -> None:
    server.faults += [Fault()] * asked + [Fault(status=500, body=b"")] * 3
    opened(server).close()
    assert not server.faults
    with closing(opened(server)) as index:
        walk(index)


def test_of_many_who_make_it_at_once_all_have_it(server: QdrantServer) -> None:
    with ThreadPoolExecutor(8) as threads:
        indexes = list(threads.map(lambda _: opened(server), range(8)))
    for number, index in enumerate(indexes):
        index.put_items([item(f"p{number}")])
    assert indexes[0].status().products == 8
    for index in indexes:
        index.close()


def test_one_that_another_has_just_made_is_not_taken_for_somebody_elses(
    server: QdrantServer,
) -> None:
    others: list[CloudIndex] = []
    # The other one begins and ends between this one's looking for the mark and its counting.
    server.faults += [Fault()] * 3 + [Fault(first=lambda: others.append(opened(server)))]
    for index in (opened(server), *others):
        index.put_items([item("a")])
        index.close()


def test_of_two_models_that_make_it_at_once_one_has_it(server: QdrantServer) -> None:
    refused: list[IndexMismatch] = []

    def come_too_late() -> None:
        try:
            opened(server, "b").close()
        except IndexMismatch as mismatch:
            refused.append(mismatch)

    # The other one comes when this one has made it and is about to say what it is for.
    server.faults += [Fault()] * 10 + [Fault(first=come_too_late)]
    with closing(opened(server, "a")) as index:
        walk(index)
    assert len(refused) == 1
    with pytest.raises(IndexMismatch, match=r"'a'.*'b'"):
        opened(server, "b")


def switched(server: QdrantServer, model: str) -> None:
    """The name is given to a collection of another model, which holds one product of its own."""
    with closing(CloudShelf(server.url, KEY, "products")) as shelf:
        with closing(shelf.begin(model, DIMENSION, large=False)) as index:
            stock(index, [item("new")])
        shelf.switch(Slot.NEXT)


def test_vectors_of_two_models_never_meet_when_the_name_moves_on(
    server: QdrantServer, index: CloudIndex
) -> None:
    stock(index, [item("old")])
    switched(server, "another")
    writes: list[Callable[[], object]] = [
        lambda: index.put_items([item("old", price=1)]),
        lambda: index.put_photos(item("new").listing.product, [photo("1.jpg")]),
    ]
    for write in writes:  # the first learns it the hard way, the others know
        with pytest.raises((IndexMismatch, IndexUnavailable)):
            write()
    for write in writes:
        with pytest.raises(IndexMismatch, match=r"'another'.*'toy'"):
            write()
    with closing(opened(server, "another")) as other:
        assert {one.product.id for one in other.page(10).listings} == {"new"}
        assert len(other.get("new").photos) == 1  # type: ignore[union-attr]


def test_what_was_kept_answers_shoppers_until_it_is_dropped(
    server: QdrantServer, index: CloudIndex
) -> None:
    stock(index, [item("old")])
    switched(server, "another")
    with pytest.raises(IndexUnavailable):
        index.search([ByPhotos(axis(1))], ANY, 5)
    for one in (index, opened(server)):
        assert ids(one.search([ByPhotos(axis(1))], ANY, 5)[0]) == ["old"]
    one.close()
    with closing(CloudShelf(server.url, KEY, "products")) as shelf:
        shelf.drop(Slot.PREVIOUS)
    with pytest.raises(IndexUnavailable):
        index.search([ByPhotos(axis(1))], ANY, 5)
    with pytest.raises(IndexMismatch):
        index.search([ByPhotos(axis(1))], ANY, 5)


def test_going_back_is_followed_as_well(server: QdrantServer, index: CloudIndex) -> None:
    stock(index, [item("old")])
    switched(server, "another")
    with pytest.raises(IndexUnavailable):
        index.vectors(["new"])
    with closing(CloudShelf(server.url, KEY, "products")) as shelf:
        shelf.switch(Slot.PREVIOUS)
    index.put_items([item("old", price=1)])
    assert ids(index.search([ByPhotos(axis(1))], ANY, 5)[0]) == ["old"]


def test_another_of_the_same_model_is_followed_without_a_word(
    server: QdrantServer, index: CloudIndex
) -> None:
    stock(index, [item("old")])
    switched(server, MODEL)
    assert ids(index.search([ByPhotos(axis(1))], ANY, 5)[0]) == ["new"]
