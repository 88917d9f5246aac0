"""Of many points, most are never looked at: a graph leads to the nearest, filtered or not."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import qdrant_edge as edge

from core.ports import ByMeaning, ByPhotos, Match
from core.query import Filters
from core.stores import qdrant_engine as engine
from core.stores import qdrant_shard as shards
from core.stores import qdrant_tidying
from core.stores.qdrant_embedded import EmbeddedIndex
from core.stores.qdrant_payload import INDEXED, Field
from scripts.bench.catalogue import Matrix, category
from scripts.bench.search import NARROW, RED, _accepted
from tests.contract.indexes import INDEXES, axis, item, stock
from tests.integration.test_index_tidying import CATALOGUE, LIMIT, filled, opened, shards_in

__all__ = ["filled"]

FEW = 100
TWO_IN_FIVE = Filters(categories=tuple(category(n) for n in range(16)))


@pytest.fixture(scope="module")
def graph(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedIndex]:
    """An index that goes by its graph wherever there are more points than a few."""
    folder = Path(shutil.copytree(filled, tmp_path_factory.mktemp("graph") / "index"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shards, "MANY", len(CATALOGUE) // 2)
        patch.setattr(shards, "_READ_ANYWAY", FEW)
        patch.setattr(qdrant_tidying, "LEAST_REST", 3600)
        shard = shards.load_shard(folder / "products" / "shard", CATALOGUE.photos.shape[1])
        assert shard.optimize()
        shard.close()
        with closing(opened(folder)) as index:
            assert shards_in(folder) == ["shard"]
            assert list(folder.glob("products/shard/segments/*/vector_index-clip/graph.bin"))
            yield index


def share_found(
    index: EmbeddedIndex, probe: type[ByPhotos | ByMeaning], vectors: Matrix, filters: Filters
) -> float:
    among = np.flatnonzero(_accepted(CATALOGUE, filters))
    hit = wanted = 0
    for query in CATALOGUE.queries if probe is ByPhotos else CATALOGUE.meanings[:30]:
        nearest = among[np.argsort(-(vectors[among] @ query))[:LIMIT]]
        [found] = index.search([probe(query)], filters, LIMIT)
        hit += len({f"p{number:06}" for number in nearest} & set(ids(found)))
        wanted += len(nearest)
    assert wanted
    return hit / wanted


def ids(matches: list[Match]) -> list[str]:
    return [match.product_id for match in matches]


@pytest.mark.parametrize("filters", [Filters(), Filters(in_stock=True), TWO_IN_FIVE, RED, NARROW])
def test_nearly_all_of_the_nearest_are_found(graph: EmbeddedIndex, filters: Filters) -> None:
    assert share_found(graph, ByPhotos, CATALOGUE.photos, filters) >= 0.98
    assert share_found(graph, ByMeaning, CATALOGUE.meanings, filters) >= 0.98


def test_kinds_have_graphs_and_no_other_field_has(graph: EmbeddedIndex) -> None:
    """Where each value of each field had one too, to make them would take five times as long."""
    with graph._held.reading() as shard:
        fields = shard.info().payload_schema
    assert fields.keys() == INDEXED.keys()
    have = [name for name, field in fields.items() if getattr(field.params, "enable_hnsw", True)]
    assert have == [Field.KIND]


def test_an_index_of_an_earlier_release_gets_no_other_graphs_either(
    filled: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(filled, tmp_path / "index"))
    shard = shards.load_shard(folder / "products" / "shard", CATALOGUE.photos.shape[1])
    earlier = {"keyword": edge.PayloadSchemaType.Keyword, "float": edge.PayloadSchemaType.Float}
    for field, kind in INDEXED.items():
        shard.update(edge.UpdateOperation.create_field_index(field, earlier[kind]))
    shard.close()
    with closing(opened(folder)) as index:
        test_kinds_have_graphs_and_no_other_field_has(index)


def test_among_very_many_points_more_of_the_graph_is_kept_in_view(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    def request(*said: Any, among_very_many: bool = False) -> Any:
        asked.append(among_very_many)
        return real(*said, among_very_many=among_very_many)

    real = engine.request
    monkeypatch.setattr(engine, "request", request)
    with closing(INDEXES["embedded"](tmp_path)) as index:
        assert isinstance(index, EmbeddedIndex)
        stock(index, [item(f"p{number}") for number in range(3)])
        monkeypatch.setattr(shards, "VERY_MANY", 3)
        index.search([ByPhotos(axis(0))], Filters(), 1)
        index.tidy()
        index.search([ByPhotos(axis(0))], Filters(), 1)
    with closing(INDEXES["embedded"](tmp_path)) as index:
        index.search([ByPhotos(axis(0))], Filters(), 1)
    assert asked == [False, True, True]
