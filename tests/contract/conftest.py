"""The vector index under test: each adapter and fake in turn, empty for every test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from core.ports import VectorIndex
from tests.contract.indexes import INDEXES, empty


@pytest.fixture(scope="module", params=INDEXES)
def shared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[VectorIndex]:
    with closing(INDEXES[request.param](tmp_path_factory.mktemp("index"))) as index:
        yield index


@pytest.fixture
def index(shared: VectorIndex) -> Iterator[VectorIndex]:
    yield shared
    empty(shared)
