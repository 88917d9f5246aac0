"""A managed Qdrant refuses filters on what has no index: none of ours is among them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from core.query import Filters
from core.stores.qdrant_cloud import CloudIndex
from core.stores.qdrant_payload import INDEXED
from core.stores.qdrant_rest import satisfying
from tests.fakes.qdrant_server import QdrantServer
from tests.integration.clouds import SET, opened, walk


@pytest.fixture
def server() -> Iterator[QdrantServer]:
    with QdrantServer() as running:
        yield running


@pytest.fixture
def index(server: QdrantServer) -> Iterator[CloudIndex]:
    with closing(opened(server)) as index:
        yield index


def test_every_field_of_the_filters_is_walked() -> None:
    assert set(Filters.__struct_fields__) == set(SET)
    for name, value in SET.items():
        assert satisfying(Filters(**{name: value}))


def test_a_strict_qdrant_refuses_nothing_we_ask(index: CloudIndex) -> None:
    walk(index)


@pytest.mark.parametrize("field", [field for field in INDEXED if field not in ("kind", "product")])
def test_it_would_if_a_field_had_no_index(
    server: QdrantServer, index: CloudIndex, field: str
) -> None:
    server.local.drop_index("products", field)
    refused: list[Exception] = []
    walk(index, refused)
    assert refused


def test_what_returned_is_there_for_everyone(server: QdrantServer, index: CloudIndex) -> None:
    walk(index)
    written = [
        asked.path
        for asked in server.asked
        if asked.path.split("?")[0].endswith(("/points", "/delete", "/points/payload", "/index"))
        and (asked.method == "PUT" or not asked.path.endswith("/points"))
    ]
    assert len(written) > 10
    assert all(path.endswith("?wait=true") for path in written), written
