"""`scripts.reindex`: another model takes over while the shop is open, and back again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.clip.embedder import load
from core.clip.loading import SHIPPED
from core.errors import IndexMismatch, IndexUnavailable
from core.indexing import Indexing
from core.ports import ByPhotos, Slot, VectorIndex
from core.product import Product
from core.query import Filters
from core.stores.memory_cache import MemoryCache
from core.stores.qdrant_shelf import CloudShelf
from tests.aws import LocalAws
from tests.e2e.deployed import MINI, Deployed, deployed
from tests.e2e.running import eventually
from tests.fakes.qdrant_server import KEY
from tests.photos import jpeg

MANY = 80
MAXI = MINI.identity.replace("mini", "maxi")


@pytest.fixture(scope="module")
def maxi(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Settings of another model: the shipped one under another name, which is all that counts."""
    folder = tmp_path_factory.mktemp("models")
    shutil.copytree(SHIPPED / "mini", folder / "maxi")
    manifest = json.loads((folder / "maxi" / "model.json").read_text())
    (folder / "maxi" / "model.json").write_text(json.dumps(manifest | {"name": "maxi"}))
    return {"MODEL": "maxi", "MODEL_DIR": str(folder)}


@pytest.fixture
def shop(aws: LocalAws, tmp_path: Path) -> Iterator[Deployed]:
    with deployed(aws, tmp_path) as shop:
        yield shop


def stocked(shop: Deployed, photos: int) -> None:
    for number in range(photos):
        shop.bucket.put(f"images/p{number}.jpg", jpeg(number), {"name": f"Thing number {number}"})
    assert shop.run("sync").code == 0
    with shop.index() as index:
        door(shop, index).put_product(Product(id="card", name="Gift card", price=25))
        door(shop, index).put_product(Product(id="p0", name="A told name"))


def door(shop: Deployed, index: VectorIndex) -> Indexing:
    """That of a process which serves."""
    return Indexing(load("mini", None), index, shop.bucket.photos, MemoryCache(), "products")


def begun(shop: Deployed, products: int = 4) -> bool:
    """Whether the next index has so many products by now."""
    with closing(CloudShelf(shop.qdrant.url, KEY, "products")) as shelf:
        if shelf.made_for(Slot.NEXT) is None:
            return False
        with closing(shelf.open(Slot.NEXT)) as index:
            return index.status().photos >= products


def test_another_model_takes_over_with_all_that_was_told_and_dropped(
    shop: Deployed, maxi: dict[str, str]
) -> None:
    stocked(shop, 5)
    before = shop.catalogue()
    with shop.index() as served:
        done = shop.run("reindex", **maxi)
        assert done.code == 0, done.err
        assert "6 of 6 products looked for were found" in done.out
        assert "100% is the same as before" in done.out
        assert f"is now the index of {MAXI}: 6 products, 5 photos" in done.out
        assert shop.catalogue(MAXI) == before
        # Who still has the old model answers from the old index, and writes nowhere.
        told = Product(id="late", name="Too late")
        with pytest.raises(IndexUnavailable):
            door(shop, served).put_product(told)
        with pytest.raises(IndexMismatch, match=r"scripts\.reindex"):
            door(shop, served).put_product(told)
        vector = load("mini", None).photo(jpeg(3))
        [[best]] = served.search([ByPhotos(vector)], Filters(), 1)
        assert best.product_id == "p3"
    assert shop.catalogue(MAXI) == before

    again = shop.run("reindex", **maxi)
    assert (again.code, "already" in again.out) == (0, True)


def test_ctrl_c_leaves_the_shop_as_it_was_and_the_next_run_goes_on(
    shop: Deployed, maxi: dict[str, str]
) -> None:
    stocked(shop, MANY)
    stopped = shop.interrupted("reindex", "--at-once", "1", when=lambda: begun(shop), **maxi)
    assert stopped.code == 130, stopped.err
    assert "goes on from here" in stopped.err
    assert len(shop.catalogue()) == MANY + 1  # served as before, by the old model

    rest = shop.run("reindex", **maxi)
    assert rest.code == 0, rest.err
    total = int(rest.err.split("Indexing anew")[1].split("/")[1].split()[0])
    assert total < MANY + 1  # what was done was not done again
    assert len(shop.catalogue(MAXI)) == MANY + 1


def test_killed_it_goes_on_as_well(shop: Deployed, maxi: dict[str, str]) -> None:
    stocked(shop, 30)
    with shop.started("reindex", "--at-once", "1", **maxi) as process:
        eventually(lambda: begun(shop) or process.poll() is not None, 60)
        assert process.poll() is None
        process.kill()
    assert shop.run("reindex", **maxi).code == 0
    assert len(shop.catalogue(MAXI)) == 31
    assert set(shop.qdrant.local.aliases) == {"products", "products-previous"}
    assert len(shop.qdrant.local.collections) == 2


def test_what_is_written_meanwhile_is_not_lost(shop: Deployed, maxi: dict[str, str]) -> None:
    stocked(shop, MANY)
    with shop.index() as served, shop.started("reindex", "--at-once", "1", **maxi) as process:
        eventually(lambda: begun(shop, 10) or process.poll() is not None, 60)
        assert process.poll() is None
        serving = door(shop, served)
        serving.put_product(Product(id="card", name="Gift card", price=50))
        serving.put_product(Product(id="p1", name="Told meanwhile"))
        serving.put_product(Product(id="voucher", name="A new voucher"))
        serving.remove_product("p2")
        shop.bucket.put("images/dropped.jpg", jpeg(1000))
        shop.bucket.put("images/p3.jpg", jpeg(1001))
        serving.settle("dropped")
        _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    now = shop.catalogue(MAXI)
    assert (now["card"].product.price, now["p1"].product.name) == (50, "Told meanwhile")
    assert {"voucher", "dropped"} <= now.keys()
    assert "p2" not in now
    with shop.index(MAXI) as index:
        [[best]] = index.search([ByPhotos(load("mini", None).photo(jpeg(1001)))], Filters(), 1)
    assert best.product_id == "p3"


def test_what_would_be_lost_keeps_the_old_index_in_its_place(
    shop: Deployed, maxi: dict[str, str]
) -> None:
    stocked(shop, 3)
    shop.bucket.put("images/p1.jpg", b"no photo any more")
    done = shop.run("reindex", **maxi)
    assert done.code == 1, done.err
    assert "Lost: images/p1.jpg" in done.out
    assert "stays in its place" in done.out
    assert len(shop.catalogue()) == 4
    anyway = shop.run("reindex", "--anyway", **maxi)
    assert anyway.code == 1
    assert set(shop.catalogue(MAXI)) == {"p0", "p2", "card"}


def test_back_again_with_what_was_told_since_and_then_rid_of_the_other(
    shop: Deployed, maxi: dict[str, str]
) -> None:
    stocked(shop, 3)
    assert shop.run("reindex", **maxi).code == 0
    with shop.index(MAXI) as index:
        door(shop, index).put_product(Product(id="since", name="Told since"))
    refused = shop.run("reindex", "--rollback", **maxi)
    assert refused.code == 2
    assert f"is of {MINI.identity}" in refused.err

    back = shop.run("reindex", "--rollback")
    assert back.code == 0, back.err
    assert set(shop.catalogue()) == {"p0", "p1", "p2", "card", "since"}

    no_room = shop.run("reindex", "--again")
    assert no_room.code == 2
    assert "--drop-old" in no_room.err
    assert shop.run("reindex", "--drop-old").code == 0
    assert len(shop.qdrant.local.collections) == 1
    assert len(shop.catalogue()) == 5


def test_one_that_was_begun_for_another_model_is_ended_or_thrown_away(
    shop: Deployed, maxi: dict[str, str]
) -> None:
    stocked(shop, 20)
    shop.interrupted("reindex", "--at-once", "1", when=lambda: begun(shop), **maxi)
    refused = shop.run("reindex", "--again")
    assert refused.code == 2
    assert "--restart" in refused.err
    assert shop.run("reindex", "--again", "--restart").code == 0
    assert len(shop.catalogue()) == 21
    assert len(shop.qdrant.local.collections) == 2


def test_a_large_one_is_searched_by_bytes(shop: Deployed) -> None:
    stocked(shop, 2)
    assert shop.qdrant.local.made_with("products").quantization_config is None
    assert shop.run("reindex", "--large").code == 0
    assert shop.qdrant.local.made_with("products").quantization_config is not None
    assert len(shop.catalogue()) == 3
    laptop = shop.run("reindex", "--large", QDRANT_URL="", QDRANT_API_KEY="")
    assert (laptop.code, "QDRANT_URL" in laptop.err) == (2, True)


def test_without_an_index_there_is_nothing_to_do_it_from(shop: Deployed) -> None:
    done = shop.run("reindex")
    assert done.code == 2
    assert "scripts.sync" in done.err


def test_a_laptop_changes_its_model(shop: Deployed, tmp_path: Path, maxi: dict[str, str]) -> None:
    images = tmp_path / "bucket" / "images"
    images.mkdir(parents=True)
    for number in range(3):
        (images / f"p{number}.jpg").write_bytes(jpeg(number))
    here = {"IMAGE_BUCKET": "", "CACHE_TABLE": "", "QDRANT_URL": "", "QDRANT_API_KEY": ""}
    assert shop.run("sync", **here).code == 0
    refused = shop.run("sync", **here, **maxi)
    assert refused.code == 2
    assert "python -m scripts.reindex" in refused.err

    done = shop.run("reindex", **here, **maxi)
    assert done.code == 0, done.err
    assert "3 products, 3 photos" in done.out
    assert "0 added, 0 changed, 0 removed" in shop.run("sync", **here, **maxi).out
    assert shop.run("reindex", "--rollback", **here).code == 0
    assert shop.run("sync", **here).code == 0
