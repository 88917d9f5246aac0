"""A person drops, overwrites, moves and deletes files; the running shop follows."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.running import RunningShop, eventually, running_shop
from tests.photos import jpeg

SOON = 20.0
"""Seconds to wait at most on a busy machine; how long it really took is measured and printed."""
Measured = Callable[[str, object], None]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    with running_shop(tmp_path_factory.mktemp("shop")) as running:
        yield running


def first(hits: list[dict[str, Any]]) -> object:
    return hits[0]["product_id"] if hits else None


def same_photo(shop: RunningShop, product_id: str, photo: bytes) -> bool:
    hits = shop.search_photo(photo, limit=100)
    return any(h["product_id"] == product_id and h["similarity_score"] > 0.99995 for h in hits)


def test_a_dropped_photo_is_searchable_soon_with_its_sidecars_facts(
    shop: RunningShop, record_property: Measured
) -> None:
    facts = {"name": "Zanzibar teapot", "price": 41.5, "currency": "EUR", "category": "teapots"}
    (shop.images / "teapot-1.json").write_text(json.dumps(facts))
    (shop.images / "teapot-1.jpg").write_bytes(jpeg(1))
    took = eventually(lambda: first(shop.search_photo(jpeg(1))) == "teapot-1", SOON)
    record_property("a dropped photo is searchable after", f"{took:.2f} s")
    [hit] = [h for h in shop.search("zanzibar teapot") if h["product_id"] == "teapot-1"]
    assert (hit["name"], hit["price"], hit["category"]) == ("Zanzibar teapot", 41.5, "teapots")


def test_a_sidecar_that_arrives_after_the_photo_names_it(shop: RunningShop) -> None:
    (shop.images / "late.jpg").write_bytes(jpeg(2))
    eventually(lambda: shop.product("late") is not None, SOON)
    (shop.images / "late.json").write_text('{"name": "Latecomer", "price": "7.25"}')
    eventually(lambda: (shop.product("late") or {}).get("price") == 7.25, SOON)


def test_overwriting_replaces_the_photo(shop: RunningShop) -> None:
    photo = shop.images / "overwritten.jpg"
    photo.write_bytes(jpeg(3))
    eventually(lambda: same_photo(shop, "overwritten", jpeg(3)), SOON)
    photo.write_bytes(jpeg(40))
    eventually(lambda: same_photo(shop, "overwritten", jpeg(40)), SOON)
    assert not same_photo(shop, "overwritten", jpeg(3))


def test_deleting_the_last_photo_removes_the_product(shop: RunningShop) -> None:
    photo = shop.images / "short-lived.jpg"
    photo.write_bytes(jpeg(4))
    eventually(lambda: shop.product("short-lived") is not None, SOON)
    photo.unlink()
    eventually(lambda: shop.product("short-lived") is None, SOON)


def test_one_of_several_photos_is_removed_alone(shop: RunningShop) -> None:
    folder = shop.images / "several"
    folder.mkdir()
    (folder / "front.jpg").write_bytes(jpeg(5))
    (folder / "back.jpg").write_bytes(jpeg(6))
    eventually(lambda: len((shop.product("several") or {}).get("image_urls", [])) == 2, SOON)
    (folder / "front.jpg").unlink()
    eventually(lambda: len((shop.product("several") or {}).get("image_urls", [])) == 1, SOON)


def test_renaming_a_folder_moves_the_product(shop: RunningShop) -> None:
    (shop.images / "before").mkdir()
    (shop.images / "before" / "a.jpg").write_bytes(jpeg(7))
    eventually(lambda: shop.product("before") is not None, SOON)
    (shop.images / "before").rename(shop.images / "after")
    eventually(lambda: shop.product("after") is not None, SOON)
    eventually(lambda: shop.product("before") is None, SOON)


def test_a_text_file_named_jpg_is_reported_and_harms_nothing(shop: RunningShop) -> None:
    (shop.images / "not-a-photo.jpg").write_text("this is no photo")
    (shop.images / "good-neighbour.jpg").write_bytes(jpeg(8))
    eventually(lambda: shop.product("good-neighbour") is not None, SOON)

    def reported() -> bool:
        listed = shop.client.get("/rejected").json()["rejected"]
        return any(one["key"] == "images/not-a-photo.jpg" and one["reason"] for one in listed)

    eventually(reported, SOON)
    assert shop.product("not-a-photo") is None
    (shop.images / "not-a-photo.jpg").write_bytes(jpeg(9))
    eventually(lambda: shop.product("not-a-photo") is not None, SOON)
    assert not reported()


@pytest.mark.parametrize("name", ["a b", "50% off+more", "кружка", "héllo", "🫖", "it's", "a#b?c"])
def test_odd_names_are_product_ids_and_their_photos_are_served(
    shop: RunningShop, name: str
) -> None:
    (shop.images / f"{name}.jpg").write_bytes(jpeg(100 + len(name)))

    def served() -> bool:
        # A product is there a moment before its first photo is.
        address = shop.catalogue().get(name, {}).get("image_url")
        if address is None:
            return False
        url = shop.client.base_url.copy_with(raw_path=address.encode())
        return shop.client.get(str(url)).status_code == 200

    eventually(served, SOON)


def test_a_half_written_photo_is_indexed_once_it_is_whole(shop: RunningShop) -> None:
    whole = jpeg(11, size=(900, 900))
    with (shop.images / "slow.jpg").open("wb") as slow:
        for start in range(0, len(whole), len(whole) // 8):
            slow.write(whole[start : start + len(whole) // 8])
            slow.flush()
            time.sleep(0.1)
    eventually(lambda: first(shop.search_photo(whole)) == "slow", SOON)


def test_a_thousand_at_once_are_all_indexed(tmp_path: Path, record_property: Measured) -> None:
    ready = tmp_path / "ready"
    ready.mkdir()
    for number in range(1000):
        (ready / f"burst-{number:04}.jpg").write_bytes(jpeg(number))
    with running_shop(tmp_path / "data") as shop:

        def images() -> int:
            return int(shop.client.get("/stats").json()["images"])

        began = time.monotonic()
        shutil.copytree(ready, shop.images, dirs_exist_ok=True)
        eventually(lambda: images() == 1000, 120)
        seconds = time.monotonic() - began
        record_property("1,000 photos copied at once", f"{seconds:.1f} s, {1000 / seconds:.0f}/s")
        assert shop.catalogue().keys() == {f"burst-{number:04}" for number in range(1000)}
        for number in (0, 499, 999):
            photo = jpeg(number)
            assert first(shop.search_photo(photo)) == f"burst-{number:04}"
