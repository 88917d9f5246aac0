"""kill -9 at any moment loses nothing that was acknowledged, and the next start converges."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.e2e.running import RunningShop, eventually
from tests.photos import jpeg

ROUNDS = 6


def test_killed_again_and_again_it_keeps_what_it_acknowledged(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    chance = random.Random(20)
    acknowledged: set[str] = set()
    on_disk: dict[str, int] = {}
    for round_ in range(ROUNDS):
        shop = RunningShop(tmp_path)
        shop.wait_until_healthy()
        assert acknowledged <= shop.catalogue().keys()
        stop = threading.Event()
        writer = threading.Thread(target=_tell_products, args=(shop, round_, acknowledged, stop))
        writer.start()
        _change_bucket(shop.images, chance, on_disk, round_)
        time.sleep(chance.uniform(0.0, 0.6))
        shop.kill()
        stop.set()
        writer.join()
        # Some of the bucket also changes while nobody watches.
        _change_bucket(shop.images, chance, on_disk, round_ + ROUNDS, files=5)
    shop = RunningShop(tmp_path)
    shop.wait_until_healthy()
    try:
        eventually(lambda: _dropped(shop) == on_disk.keys(), 60)
        # More may be there than was acknowledged: the kill can fall between deed and answer.
        assert acknowledged <= shop.catalogue().keys()
        for product_id, number in chance.sample(sorted(on_disk.items()), 10):
            eventually(lambda p=product_id, n=number: _looks_like(shop, p, n), 10)  # type: ignore[misc]
    finally:
        shop.kill()
    said = f"{len(acknowledged)} acknowledged and {len(on_disk)} on disk, none lost"
    record_property(f"after {ROUNDS} times kill -9", said)
    if not acknowledged:
        pytest.fail("nothing was acknowledged before the kills: the test proved nothing")


def _dropped(shop: RunningShop) -> set[str]:
    return {product_id for product_id in shop.catalogue() if product_id.startswith("dropped-")}


def _tell_products(
    shop: RunningShop, round_: int, acknowledged: set[str], stop: threading.Event
) -> None:
    for number in range(100_000):
        if stop.is_set():
            return
        product_id = f"told-{round_}-{number}"
        try:
            answer = shop.client.put(f"/products/{product_id}", json={"name": product_id})
        except (httpx.TransportError, RuntimeError):
            return  # killed, as it should be; this one was not acknowledged
        if answer.status_code == 200:
            acknowledged.add(product_id)


def _change_bucket(
    images: Path, chance: random.Random, on_disk: dict[str, int], seed: int, files: int = 60
) -> None:
    for number in range(files):
        product_id = f"dropped-{chance.randrange(120)}"
        path = images / f"{product_id}.jpg"
        if product_id in on_disk and chance.random() < 0.3:
            path.unlink()
            del on_disk[product_id]
        else:
            on_disk[product_id] = seed * 1000 + number
            path.write_bytes(jpeg(on_disk[product_id]))


def _looks_like(shop: RunningShop, product_id: str, number: int) -> bool:
    hits = shop.search_photo(jpeg(number), limit=50)
    return any(h["product_id"] == product_id and h["similarity_score"] > 0.999 for h in hits)
