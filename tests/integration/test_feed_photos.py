"""Feeds whose photos are somewhere on the web, fetched as a stranger's addresses are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.importing import Feeds
from tests import certificates
from tests.integration.surrounded import Surrounded, surrounded
from tests.internet import answer, moved
from tests.photos import jpeg

pytestmark = pytest.mark.skipif(
    not certificates.CAN_BE_MADE, reason="openssl makes the certificate"
)
FEED = "feeds/google.tsv"
STOCK = "in_stock, out_of_stock, preorder, backorder"
SHIPPED = Path(__file__).parents[1] / "fixtures" / "feeds"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Surrounded]:
    with surrounded(tmp_path) as shop:
        inside = f"https://127.0.0.1:{shop.internet.inside_port}/"
        ways = {
            "/shirt-red.jpg": answer(jpeg(40)),
            "/shirt-red-back.jpg": answer(jpeg(41)),
            "/w_300,h_200/shirt-red.jpg": answer(jpeg(42)),
            "/shirt-blue.jpg": moved(inside),
        }
        lost = answer(b"", 404)
        shop.internet.safe.serve = lambda sock, head: ways.get(head.split()[1], lost)(sock, head)
        yield shop


def take_in(shop: Surrounded, data: bytes) -> dict[str, Any]:
    shop.shop.photos.put(FEED, data, "text/plain")
    one = shop.shop
    fetch = one.fetching.photo
    Feeds(one.index, one.photos, one.indexing, one.cache, "products", fetch).settle(FEED)
    return dict(json.loads(one.photos.read(f"reports/{FEED}.json", 10**6)))


def test_what_is_public_is_fetched_once_and_all_else_is_told(shop: Surrounded) -> None:
    table = (SHIPPED / "google.tsv").read_text()
    data = table.replace("https://photos.example/", shop.internet.url("/")).encode()
    said = take_in(shop, data)
    assert (said["taken"], said["bad"], said["incomplete"]) == (4, 3, 2)
    assert [(row["line"], row["reason"].rpartition(": ")[2]) for row in said["bad_rows"]] == [
        (4, "This image_url leads to no address of the public internet."),
        (5, "The photo's server answered 404."),
        (7, "price must be an amount such as 19.99 EUR, not 'on request'"),
        (8, f"availability must be one of {STOCK}, not 'maybe'"),
        (9, "this product is told of in line 5 already"),
    ]
    assert shop.internet.visits_inside == 0
    red = shop.client.get("/products/SKU-1-red").json()
    assert len(red["image_urls"]) == 3
    for number in (40, 41, 42):
        found = shop.client.post("/search/by-image", files={"file": jpeg(number)}).json()["results"]
        assert (found[0]["product_id"], found[0]["similarity_score"] > 0.99) == ("SKU-1-red", True)
    visits = shop.internet.safe.visits
    assert visits == 5
    again = take_in(shop, data.replace(b"Linen shirt, red", b"Linen shirt, wine red"))
    assert shop.internet.safe.visits == visits + 2  # those that could not be had
    assert again["taken"] == 4
    assert shop.client.get("/products/SKU-1-red").json()["name"] == "Linen shirt, wine red"
