"""A vector is a function of its photo alone: not of company, order, threads or process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from core.clip.embedder import SHIPPED, ClipEmbedder, load
from core.indexing import Indexing
from core.product import Vector
from core.stores.memory_cache import MemoryCache
from scripts.demo.catalogue import products
from scripts.demo.render import render
from tests.e2e.running import ROOT
from tests.fakes.memory_index import MemoryIndex
from tests.fakes.memory_photos import MemoryPhotos
from tests.photos import jpeg
from tests.unit.photo_files import saved

SAME = 1e-5
PHOTO = jpeg(4, (640, 427))
COMPANY = [jpeg(number, (100 + 90 * number, 700 - 60 * number)) for number in range(8)]
TEXTS = ["red mug", "", "a photo of a striped dress", "blue " * 40]

ASK = """
import sys
from pathlib import Path
from core.clip.embedder import load
photo, folder, threads = sys.argv[1:]
folder = Path(folder)
vector = load(folder.name, folder.parent, int(threads)).photo(Path(photo).read_bytes())
sys.stdout.buffer.write(vector.tobytes())
"""


@pytest.fixture(scope="module", params=["mini", "built"])
def folder(request: pytest.FixtureRequest) -> Path:
    if request.param == "mini":
        return SHIPPED / "mini"
    built: Path = request.getfixturevalue("small_clip")
    return built


@pytest.fixture(scope="module")
def embedder(folder: Path) -> ClipEmbedder:
    return loaded(folder, threads=1)


def loaded(folder: Path, threads: int) -> ClipEmbedder:
    return load(folder.name, folder.parent, threads)


class Shop:
    """The photo under test and its company as products of one catalogue, indexed for real."""

    def __init__(self, embedder: ClipEmbedder) -> None:
        self.index = MemoryIndex(embedder.model, embedder.dimension)
        self.photos = MemoryPhotos()
        self.indexing = Indexing(embedder, self.index, self.photos, MemoryCache(), "products")

    def drop(self, key: str, photo: bytes) -> None:
        self.photos.put(f"images/{key}", photo, "image/jpeg")

    def vector(self, product_id: str) -> Vector:
        return self.index.vectors([product_id])[product_id][0][0]


def apart(one: Vector, other: Vector) -> float:
    return float(np.abs(one - other).max())


def test_alone_twice_and_in_company_it_is_the_same(embedder: ClipEmbedder) -> None:
    shop = Shop(embedder)
    shop.drop("alone.jpg", PHOTO)
    assert shop.indexing.settle("alone").changed
    alone = shop.vector("alone")
    assert apart(alone, embedder.photo(PHOTO)) <= SAME

    for number, other in enumerate(COMPANY):
        shop.drop(f"other-{number}.jpg", other)
        shop.drop(f"company/{number + 1}.jpg", other)
    shop.drop("company/0.jpg", PHOTO)
    shop.drop("again.jpg", PHOTO)
    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(shop.indexing.settle, shop.indexing.unsettled()))
    assert apart(alone, shop.vector("company")) <= SAME
    assert apart(alone, shop.vector("again")) <= SAME
    assert apart(alone, shop.vector("other-1")) > 100 * SAME

    shop.drop("alone.jpg", COMPANY[0])
    assert shop.indexing.settle("alone").changed
    shop.drop("alone.jpg", PHOTO)
    assert shop.indexing.settle("alone").changed
    assert apart(alone, shop.vector("alone")) <= SAME


@pytest.mark.parametrize("threads", [2, 4])
def test_the_number_of_threads_does_not_show(
    folder: Path,
    embedder: ClipEmbedder,
    threads: int,
    record_property: Callable[[str, object], None],
) -> None:
    other = loaded(folder, threads)
    photos = [PHOTO, *COMPANY]
    photos += [saved(render(p.look, 9_300_000, 512), "JPEG") for p in products()[::130]]
    far = max(apart(embedder.photo(photo), other.photo(photo)) for photo in photos)
    assert far <= SAME
    texts = max(apart(embedder.words(t).vector, other.words(t).vector) for t in TEXTS)
    assert texts <= SAME
    told = f"{far:.0e} apart over {len(photos)} photos, {texts:.0e} over texts"
    record_property(f"{folder.name} on {threads} threads and on one", told)


def test_whoever_asks_at_the_same_time_does_not_show(embedder: ClipEmbedder) -> None:
    photos = [PHOTO, *COMPANY]
    alone = np.stack([embedder.photo(photo) for photo in photos])
    with ThreadPoolExecutor(4) as threads:
        together = np.stack(list(threads.map(embedder.photo, photos * 4)))
    assert np.abs(together - np.tile(alone, (4, 1))).max() <= SAME


def test_another_process_gives_the_same(
    folder: Path, embedder: ClipEmbedder, tmp_path: Path
) -> None:
    (tmp_path / "photo.jpg").write_bytes(PHOTO)
    asked = subprocess.run(
        [sys.executable, "-c", ASK, str(tmp_path / "photo.jpg"), str(folder), "2"],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": "7"},
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert apart(embedder.photo(PHOTO), np.frombuffer(asked.stdout, np.float32)) <= SAME
