"""`scripts.imports` and photos of the operator's machine: sent once, and as the file says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.desk import Desk
from tests.e2e.running import ROOT, RunningShop, running_shop
from tests.photos import jpeg


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "desk")


@pytest.fixture
def shop(tmp_path: Path, desk: Desk) -> Iterator[RunningShop]:
    with running_shop(tmp_path / "shop") as shop:
        desk.look_at(shop)
        yield shop


def test_photos_of_this_machine_are_sent_once_and_follow_the_file(
    desk: Desk, shop: RunningShop
) -> None:
    for number in range(4):
        (desk.folder / "photos" / f"{number}.jpg").write_bytes(jpeg(number))
    (desk.folder / "photos" / "page.jpg").write_text("<html>")
    (desk.folder.parent / "secret.jpg").write_bytes(jpeg(9))
    head = "Ref\tTitle\tPics\n"
    feed = desk.write(
        "pics.tsv",
        f"{head}mug\tMug\tphotos/0.jpg,photos/1.jpg\ncup\tCup\tphotos/2.jpg\n"
        "pan\tPan\tphotos/none.jpg\npot\tPot\t../secret.jpg\njug\tJug\tphotos/page.jpg\n",
    )
    names = ("--map", "id=Ref", "--map", "name=Title", "--map", "image_urls=Pics")
    done = desk.run(feed, *names)
    assert done.code == 1, done.err
    assert [(line, id_) for line, id_, _ in desk.problems("pics.tsv")] == [
        ("4", "pan"),
        ("5", "pot"),
        ("6", "jug"),
    ]
    reasons = " ".join(why for *_, why in desk.problems("pics.tsv"))
    assert "There is no file" in reasons and "lies outside of" in reasons
    told = shop.catalogue()
    assert {id_: len(one["image_urls"]) for id_, one in told.items()} == {
        **{"mug": 2, "cup": 1},
        **{"pan": 0, "pot": 0, "jug": 0},
    }
    for number, product_id in ((0, "mug"), (1, "mug"), (2, "cup")):
        hit = shop.search_photo(jpeg(number), top_k=1)[0]
        assert (hit["product_id"], hit["similarity_score"] > 0.99) == (product_id, True)
    stored = sorted(shop.images.rglob("*.jpeg"))
    versions = [one.stat().st_mtime_ns for one in stored]
    assert "2 unchanged" in desk.run(feed, *names).out
    assert "5 products" not in desk.run(feed, *names, "--all").out  # three are wrong as ever
    assert sorted(shop.images.rglob("*.jpeg")) == stored
    assert [one.stat().st_mtime_ns for one in stored] == versions

    (desk.folder / "photos" / "1.jpg").write_bytes(jpeg(11))
    desk.write("pics.tsv", f"{head}mug\tMug\tphotos/0.jpg,photos/1.jpg\ncup\tCup\tphotos/3.jpg\n")
    assert desk.run(feed, *names).code == 0
    told = shop.catalogue()
    assert (len(told["mug"]["image_urls"]), len(told["cup"]["image_urls"])) == (2, 1)
    for number, product_id in ((0, "mug"), (11, "mug"), (3, "cup")):
        assert shop.search_photo(jpeg(number), top_k=1)[0]["product_id"] == product_id
    assert len(list(shop.images.rglob("*.jpeg"))) == 3


def test_shopify_is_known_and_what_is_archived_is_removed(desk: Desk, shop: RunningShop) -> None:
    shopify = (ROOT / "tests" / "fixtures" / "feeds" / "shopify.csv").read_text()
    without = "\n".join(
        line.replace("https://photos.example/", "") for line in shopify.splitlines()
    )
    for name in ("tee-1", "tee-2", "tee-3", "tee-red", "tee-blue", "hat", "gone"):
        (desk.folder / f"{name}.jpg").write_bytes(jpeg(len(name) + ord(name[-1])))
    feed = desk.write("products_export.csv", without)
    done = desk.run(feed, "--currency", "eur")
    assert done.code == 1, done.err
    assert "Reading it as shopify" in done.err
    assert "3 products taken, 2 removed, 0 unchanged since the last time, 2 rows" in done.out
    tee = shop.product("classic-tee")
    assert tee is not None
    assert (tee["price"], tee["currency"], len(tee["image_urls"])) == (19.5, "EUR", 5)
    desk.write("products_export.csv", without.replace("tee-red.jpg,active", "tee-red.jpg,archived"))
    assert "0 products taken, 1 removed, 4 unchanged" in desk.run(feed, "--currency", "EUR").out
    assert shop.product("classic-tee") is None
    assert list((shop.images / "classic-tee").glob("*")) == []
