"""A real server on a disk that fills up: what it says, what goes on, and what comes back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from handlers.problems import RETRY_AFTER_SECONDS
from tests.disks import SmallDisk, small_disk
from tests.e2e.running import ROOT, RunningShop, eventually, free_port, running_shop
from tests.photos import jpeg

MUG = {"name": "Red mug"}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk", 300) as disk:
        yield disk


@pytest.fixture
def shop(disk: SmallDisk) -> Iterator[RunningShop]:
    """All of it on the disk, its log too."""
    with running_shop(disk.folder / "shop") as shop:
        yield shop


def refused(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_full"), answer.text
    assert answer.headers["retry-after"] == str(RETRY_AFTER_SECONDS)


def is_found(shop: RunningShop, product_id: str, words: str) -> bool:
    return product_id in [hit["product_id"] for hit in shop.search(words)]


def disk_of(shop: RunningShop) -> tuple[str, str]:
    body = shop.client.get("/health/detailed").raise_for_status().json()
    return body["status"], body["parts"]["disk"]["status"]


def test_searches_go_on_and_writing_does_once_there_is_room(
    disk: SmallDisk, shop: RunningShop
) -> None:
    shop.client.put("/products/mug", json=MUG).raise_for_status()
    begun = shop.client.post("/uploads", json={"purpose": "search"}).raise_for_status().json()
    assert disk_of(shop) == ("healthy", "healthy")

    disk.fill()
    refused(shop.client.put("/products/cup", json={"name": "A cup"}))
    refused(shop.client.patch("/products/mug", json={"price": 3}))
    refused(shop.client.delete("/products/mug"))
    refused(httpx.put(begun["url"], headers=begun["headers"], content=jpeg(1)))
    batch = shop.client.post("/products/batch", json={"products": [{"id": "cup", "name": "Cup"}]})
    assert batch.json()["results"][0]["error"]["code"] == "storage_full"
    for number in range(50):  # many more lines for the log than are kept in memory
        assert is_found(shop, "mug", f"red mug {number}")
    assert shop.search_photo(jpeg(1)) == []
    assert shop.client.get("/health").status_code == 200
    assert disk_of(shop) == ("degraded", "unhealthy")
    assert shop.product("cup") is None

    disk.make_room()
    shop.client.put("/products/cup", json={"name": "A cup"}).raise_for_status()
    shop.client.patch("/products/mug", json={"price": 3}).raise_for_status()
    assert is_found(shop, "cup", "cup")
    assert disk_of(shop) == ("healthy", "healthy")
    httpx.put(begun["url"], headers=begun["headers"], content=jpeg(1)).raise_for_status()
    written = '"path":"/api/v1/products/cup","status":200'
    eventually(lambda: written in shop.log.read_text(), 10)  # the log goes on, too
    assert shop.end(signal.SIGTERM) == 0


def test_what_was_dropped_meanwhile_is_indexed_by_itself_once_there_is_room(
    disk: SmallDisk, shop: RunningShop
) -> None:
    disk.fill(leave_mb=100)
    (shop.images / "dropped.jpg").write_bytes(jpeg(2))
    feed = shop.data_dir / "bucket" / "feeds" / "new.csv"
    feed.parent.mkdir(exist_ok=True)
    feed.write_text("id,name\nfed,A mug of the feed\n")

    def put_off(subject: str) -> list[str]:
        lines = shop.log.read_text().splitlines()
        return [line for line in lines if f"ERROR {subject} is put off for " in line]

    eventually(lambda: len(put_off("dropped")) > 2 and len(put_off("feeds/new.csv")) > 2, 60)
    for subject in ("dropped", "feeds/new.csv"):
        pauses = [float(line.partition(" for ")[2].split()[0]) for line in put_off(subject)]
        assert pauses == [2.0**n for n in range(len(pauses))], "a line a pause, and they grow"
    assert (shop.product("dropped"), shop.product("fed")) == (None, None)
    assert shop.client.delete("/products/other").status_code == 204, "removing is still let on"

    disk.make_room()
    eventually(lambda: shop.product("dropped") is not None, 60)
    eventually(lambda: shop.product("fed") is not None, 60)
    assert shop.search_photo(jpeg(2))[0]["product_id"] == "dropped"
    assert shop.client.get("/rejected").json()["rejected"] == []


def test_what_was_accepted_is_there_after_a_full_disk_and_a_kill(
    disk: SmallDisk, shop: RunningShop
) -> None:
    disk.fill(leave_mb=130)
    taken = []
    for number in range(3000):
        product = {"name": f"Mug {number}", "description": "blue " * 300}
        answer = shop.client.put(f"/products/p{number}", json=product)
        if answer.status_code == 503:
            refused(answer)
            break
        answer.raise_for_status()
        taken.append(f"p{number}")
    assert 0 < len(taken) < 3000, "it was to become full"
    disk.fill()
    shop.kill()

    env = {"DATA_DIR": str(shop.data_dir), "PORT": str(free_port())}
    start = [sys.executable, "-m", "handlers.server"]
    ended = subprocess.run(
        start, cwd=ROOT, env=os.environ | env, capture_output=True, text=True, timeout=60
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    [line] = ended.stderr.splitlines()
    assert line.startswith("storage_full: The disk has 0 MB left."), line

    disk.make_room()
    with running_shop(shop.data_dir) as again:
        assert set(taken) <= again.catalogue().keys()
        again.client.put("/products/cup", json={"name": "A cup"}).raise_for_status()
