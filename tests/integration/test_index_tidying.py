"""A large index is tidied up, by another process, while it is open: what is found is the same."""

from __future__ import annotations

import shutil
import threading
import time
from contextlib import closing
from pathlib import Path

import msgspec
import numpy as np
import pytest
import qdrant_edge as edge

from core.ports import ByMeaning, ByPhotos, CatalogueItem, Match, PhotoVector, Probe
from core.product import Listing, Photo, Vector
from core.query import Filters
from core.stores import qdrant_shard as shards
from core.stores import qdrant_tidying
from core.stores.qdrant_embedded import EmbeddedIndex
from core.words import of_product
from scripts.bench.catalogue import DIMENSION, Catalogue, Matrix, category, make
from scripts.bench.search import fill

PRODUCTS, LIMIT = 1000, 10
SOON = 500
KILLS = 6
PATIENCE = 60
CATALOGUE = make(PRODUCTS, 30)


def opened(folder: Path) -> EmbeddedIndex:
    return EmbeddedIndex.open(folder, "products", "toy", DIMENSION)


def rounded(folder: Path) -> bool:
    return any(folder.glob("products/shard*/segments/*/*/quantized*"))


def shards_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("products/shard*"))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled")
    with closing(opened(folder)) as index:
        fill(index, CATALOGUE)
    return folder


@pytest.fixture
def folder(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An index that is large enough to be tidied up, when it is asked to be."""
    monkeypatch.setattr(shards, "MANY", SOON)
    monkeypatch.setattr(qdrant_tidying, "LEAST_REST", 3600)
    return Path(shutil.copytree(filled, tmp_path / "index"))


def moved(index: EmbeddedIndex, number: int, place: int) -> None:
    """Have the product look as photo `place` of the catalogue."""
    listing = index.get(f"p{number:06}")
    assert listing is not None
    photo = Photo(key=listing.photos[0].key, url="", version=f"{place}")
    index.put_photos(listing.product, [PhotoVector(photo, CATALOGUE.photos[place])])


def found(index: EmbeddedIndex, probe: Probe, filters: Filters | None = None) -> list[Match]:
    [matches] = index.search([probe], filters or Filters(), LIMIT)
    return matches


def nearest(vectors: Matrix, query: Vector, among: list[int] | None = None) -> list[str]:
    numbers = np.arange(len(vectors)) if among is None else np.array(among)
    scores = vectors[numbers] @ query
    return [f"p{numbers[place]:06}" for place in np.argsort(-scores)[:LIMIT]]


def ids(matches: list[Match]) -> list[str]:
    return [match.product_id for match in matches]


def exact(index: EmbeddedIndex, catalogue: Catalogue) -> None:
    wanted = category(3)
    among = [n for n, cluster in enumerate(catalogue.clusters) if category(int(cluster)) == wanted]
    assert len(among) > LIMIT
    for query in catalogue.queries[:10]:
        matches = found(index, ByPhotos(query))
        assert ids(matches) == nearest(catalogue.photos, query)
        for match in matches:
            number = int(match.product_id.removeprefix("p"))
            assert match.score == pytest.approx(float(catalogue.photos[number] @ query), abs=1e-5)
        assert ids(found(index, ByMeaning(query))) == nearest(catalogue.meanings, query)
        of_kind = found(index, ByPhotos(query), Filters(categories=(wanted,)))
        assert ids(of_kind) == nearest(catalogue.photos, query, among)


def test_what_is_found_is_the_same_before_and_after(folder: Path) -> None:
    with closing(opened(folder)) as index:
        exact(index, CATALOGUE)
        assert not rounded(folder)
        index.tidy()
        assert rounded(folder)
        exact(index, CATALOGUE)
    for again in range(2):
        with closing(opened(folder)) as index:
            assert shards_in(folder) == [f"shard-{again + 1}"]
            exact(index, CATALOGUE)
            index.tidy()
            exact(index, CATALOGUE)
            assert index.status().points == 2 * PRODUCTS


def test_one_that_an_earlier_release_made_is_tidied_up_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def as_it_was(dimension: int) -> edge.EdgeConfig:
        return edge.EdgeConfig(
            vectors={shards.CLIP: edge.EdgeVectorParams(dimension, edge.Distance.Cosine)},
            sparse_vectors={shards.WORDS: edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf)},
            optimizers=edge.EdgeOptimizersConfig(indexing_threshold=10**9),
            wal_enabled=True,
        )

    with monkeypatch.context() as earlier:
        earlier.setattr(shards, "_config", as_it_was)
        for _ in range(2):
            with closing(opened(tmp_path)) as index:
                if not index.status().products:
                    fill(index, CATALOGUE)
    monkeypatch.setattr(shards, "MANY", SOON)
    monkeypatch.setattr(qdrant_tidying, "LEAST_REST", 3600)
    with closing(opened(tmp_path)) as index:
        index.tidy()
        assert rounded(tmp_path)
        exact(index, CATALOGUE)


def test_it_is_done_without_being_asked_and_again_when_enough_is_new(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(qdrant_tidying, "LEAST_REST", 0.01)
    monkeypatch.setattr(qdrant_tidying, "_REST", 0)
    until = time.monotonic() + PATIENCE
    with closing(opened(folder)) as index:
        for count in (1, 2):
            while shards_in(folder) != [f"shard-{count}"]:
                assert time.monotonic() < until
                time.sleep(0.05)
            exact(index, CATALOGUE)
            for number in range(SOON - 1):
                moved(index, number, number)
            assert shards_in(folder) == [f"shard-{count}"]  # that is not enough
            moved(index, 0, 0)


def test_it_is_left_alone_while_it_is_small(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(shards, "MANY", 2 * PRODUCTS + 1)
    monkeypatch.setattr(qdrant_tidying, "LEAST_REST", 0)
    with closing(opened(folder)):
        assert not any(one.name == "tidier" for one in threading.enumerate())
    assert shards_in(folder) == ["shard"]


def test_what_comes_changes_and_goes_afterwards_is_found_as_it_is(folder: Path) -> None:
    away = make(1, 3, seed=9).queries

    def changed(index: EmbeddedIndex) -> None:
        """The first product looks otherwise now, the second is gone, the third costs more."""
        assert ids(found(index, ByPhotos(away[0])))[0] == "p000000"
        assert found(index, ByPhotos(away[0]))[0].score == pytest.approx(1, abs=1e-5)
        assert "p000000" not in ids(found(index, ByPhotos(CATALOGUE.photos[0])))
        assert "p000001" not in ids(found(index, ByPhotos(CATALOGUE.photos[1])))
        dear = found(index, ByPhotos(CATALOGUE.photos[2]), Filters(price_min=999))
        assert ids(dear) == ["p000002"]
        assert index.status().products == PRODUCTS - 1

    with closing(opened(folder)) as index:
        index.tidy()
        first, third = (index.get(name) for name in ("p000000", "p000002"))
        assert first is not None and third is not None
        photo = Photo(key=first.photos[0].key, url="", version="2")
        index.put_photos(first.product, [PhotoVector(photo, away[0])])
        index.remove("p000001")
        dear = msgspec.structs.replace(third.product, price=1000)
        index.put_items(
            [CatalogueItem(Listing(product=dear), CATALOGUE.meanings[2], of_product(dear))]
        )
        changed(index)
        index.tidy()
        changed(index)
    with closing(opened(folder)) as index:
        changed(index)
