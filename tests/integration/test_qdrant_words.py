"""We say to Qdrant what its own client would: the guard of our wire against the pinned client.

Each request of ours is made again by the client, from its own models, and the two are compared as
they arrived. A field, a path or a default that moves with a new client fails here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import Any

import pytest
from qdrant_client import QdrantClient
from qdrant_client import models as m
from qdrant_client.http.exceptions import UnexpectedResponse

from core.ports import Slot
from core.query import Filters
from core.stores.qdrant_cloud import CloudIndex
from core.stores.qdrant_shelf import CloudShelf
from tests.contract.indexes import DIMENSION, MODEL, axis, item, photo, stock, three_ways
from tests.fakes.qdrant_server import KEY, Asked, QdrantServer

NAME = "products"
FILTERS = Filters(("Mugs",), 1, 9, (("colour", ("red",)),), True)


@pytest.fixture(scope="module")
def server() -> Iterator[QdrantServer]:
    with QdrantServer() as running:
        yield running


@pytest.fixture(scope="module")
def ours(server: QdrantServer) -> list[Asked]:
    """Every kind of request that we make."""
    opening = CloudIndex.open(server.url, KEY, NAME, MODEL, DIMENSION, large=True, reading=30)
    with closing(opening) as index:
        facts: dict[str, Any] = {"category": "Mugs", "price": 5, "attributes": {"colour": "red"}}
        stock(index, [item("a", **facts), item("b")], photos=2)
        index.put_items([item("a", price=6)])
        index.search(three_ways(1, 0, "thing"), FILTERS, 5, "b")
        index.photo_scores(axis(1), ["a"])
        index.listings(["a", "b"])
        page = index.page(1, category=None)
        index.page(1, page.next_cursor)
        index.vectors(["a"])
        index.count_by("category", FILTERS)
        index.status()
        index.put_photos(item("a").listing.product, [photo("1.jpg")])
        index.remove_photos("a", ["1.jpg"])
        index.remove("a")
    with closing(CloudShelf(server.url, KEY, NAME)) as shelf:
        shelf.begin(MODEL, DIMENSION, large=False).close()
        shelf.switch(Slot.NEXT)
        shelf.drop(Slot.PREVIOUS)
    asked = list(server.asked)
    for collection in server.local.collections:
        server.local.forget(collection)
    return asked


def create(client: QdrantClient, name: str, body: Any) -> object:
    asked = m.CreateCollection.model_validate(body)
    return client.create_collection(
        name,
        vectors_config=asked.vectors,
        sparse_vectors_config=asked.sparse_vectors,
        on_disk_payload=asked.on_disk_payload,
        quantization_config=asked.quantization_config,
    )


def scroll(client: QdrantClient, name: str, body: Any) -> object:
    asked = m.ScrollRequest.model_validate(body)
    return client.scroll(
        name,
        asked.filter,
        limit=asked.limit or 0,
        offset=asked.offset,
        with_payload=asked.with_payload or False,
        with_vectors=asked.with_vector or False,
    )


THEIRS: dict[str, Callable[[QdrantClient, str, Any], object]] = {
    "GET /aliases": lambda client, name, body: client.get_aliases(),
    "POST /collections/aliases": lambda client, name, body: client.update_collection_aliases(
        m.ChangeAliasesOperation.model_validate(body).actions
    ),
    "DELETE ": lambda client, name, body: client.delete_collection(name),
    "PUT ": create,
    "GET ": lambda client, name, body: client.get_collection(name),
    "PUT /index": lambda client, name, body: client.create_payload_index(
        name, body["field_name"], m.PayloadSchemaType(body["field_schema"]), wait=True
    ),
    "PUT /points": lambda client, name, body: client.upsert(
        name,
        [m.PointStruct.model_validate(point) for point in body["points"]],
        update_mode=body.get("update_mode"),
    ),
    "POST /points": lambda client, name, body: client.retrieve(
        name, body["ids"], with_payload=body["with_payload"], with_vectors=body["with_vector"]
    ),
    "POST /points/scroll": scroll,
    "POST /points/query/batch": lambda client, name, body: client.query_batch_points(
        name, m.QueryRequestBatch.model_validate(body).searches
    ),
    "POST /points/count": lambda client, name, body: client.count(
        name, m.Filter.model_validate(body["filter"]), exact=body["exact"]
    ),
    "POST /points/delete": lambda client, name, body: client.delete(
        name,
        m.PointIdsList.model_validate(body)
        if "points" in body
        else m.FilterSelector.model_validate(body),
    ),
    "POST /points/payload": lambda client, name, body: client.set_payload(
        name, body["payload"], m.Filter.model_validate(body["filter"])
    ),
    "POST /facet": lambda client, name, body: client.facet(
        name,
        body["key"],
        m.Filter.model_validate(body["filter"]),
        limit=body["limit"],
        exact=body["exact"],
    ),
}


def kind(asked: Asked) -> str:
    return re.sub(r"/collections/(?!aliases)[^/?]+|\?.*", "", f"{asked.method} {asked.path}")


def test_every_kind_of_request_is_among_them(ours: list[Asked]) -> None:
    assert {kind(asked) for asked in ours} == set(THEIRS)


@pytest.mark.filterwarnings("ignore:Api key is used with an insecure connection")
def test_the_client_says_the_same(server: QdrantServer, ours: list[Asked]) -> None:
    # There is no server behind the stand-in whose version could be asked for.
    client = QdrantClient(url=server.url, api_key=KEY, check_compatibility=False)
    with closing(client):
        for asked in ours:
            name = asked.path.split("/")[2] if asked.path != "/aliases" else ""
            server.asked.clear()
            with suppress(UnexpectedResponse):  # as there was for us, before it was made
                THEIRS[kind(asked)](client, re.sub(r"\?.*", "", name), asked.body)
            theirs = server.asked[-1]
            assert plain(theirs) == plain(asked), kind(asked)


def plain(asked: Asked) -> Asked:
    """Without what is the same as saying nothing: null, and to be answered whenever."""
    return asked._replace(body=_stated(asked.body))


def _stated(what: Any) -> Any:
    if isinstance(what, dict):
        return {key: _stated(value) for key, value in what.items() if value is not None}
    return [_stated(one) for one in what] if isinstance(what, list) else what
