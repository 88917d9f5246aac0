"""A shop whose photos are in Blob storage: told of by events, shown and put up by signed addresses,
synced and looked over."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from core.findings import Level
from core.settings import Settings
from handlers import choices
from handlers.api import create_app
from handlers.compose import open_shop
from handlers.endpoint import API
from handlers.shop import Shop
from scripts.settling import Account, settle_all
from tests.azurite import KEY, Azurite
from tests.blob_messages import EVENT_GRID, body, event
from tests.photos import jpeg


@pytest.fixture
def settings(azure: Azurite, tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, image_container=azure.container(), blob_key=KEY)


@pytest.fixture
def shop(settings: Settings) -> Iterator[Shop]:
    with open_shop(settings) as shop:
        yield shop


@pytest.fixture
def client(shop: Shop) -> TestClient:
    return TestClient(create_app(shop), base_url="http://shop" + API, follow_redirects=False)


def told(client: TestClient, *keys: str) -> None:
    answer = client.post("/events/blob", content=body(EVENT_GRID, [event(EVENT_GRID, *keys)]))
    assert answer.status_code == 200, answer.text


def names(client: TestClient) -> list[str]:
    return [one["name"] for one in client.get("/products").json()["products"]]


def test_what_is_dropped_is_found_and_shown_by_the_storage_itself(
    client: TestClient, shop: Shop
) -> None:
    key, photo = "images/mug ü+/front.jpg", jpeg(1)
    shop.photos.put(key, photo, "image/jpeg")
    shop.photos.put("images/mug ü+/product.json", b'{"name": "A mug"}', "application/json")
    told(client, key)
    [hit] = client.post("/search", json={"text_query": "mug"}).json()["results"]
    assert hit["name"] == "A mug"
    shown = client.get(f"http://shop{hit['image_url']}")
    assert shown.status_code == 302
    with urllib.request.urlopen(shown.headers["location"], timeout=10) as answer:
        assert answer.read() == photo


def test_a_product_is_told_with_its_photo_put_up(client: TestClient) -> None:
    asked = {"purpose": "product", "product_id": "lamp"}
    upload = client.post("/uploads", json=asked).json()
    put = urllib.request.Request(upload["url"], jpeg(2), upload["headers"], method="PUT")
    urllib.request.urlopen(put, timeout=10).close()
    key = upload["image_url"].removeprefix("/photos/")
    told(client, key)
    assert names(client) == ["lamp"]
    assert client.delete("/products/lamp").status_code == 204
    assert names(client) == []


def test_a_search_with_a_photo_that_was_put_up(client: TestClient, shop: Shop) -> None:
    shop.photos.put("images/mug.jpg", jpeg(3), "image/jpeg")
    told(client, "images/mug.jpg")
    upload = client.post("/uploads", json={"purpose": "search"}).json()
    put = urllib.request.Request(upload["url"], jpeg(3), upload["headers"], method="PUT")
    urllib.request.urlopen(put, timeout=10).close()
    found = client.post("/search", json={"upload_id": upload["upload_id"]}).json()["results"]
    assert [hit["product_id"] for hit in found] == ["mug"]


def test_a_feed_is_taken_in_and_reported_beside_it(client: TestClient, shop: Shop) -> None:
    shop.photos.put("feeds/all.csv", b"id,name\nlamp,A lamp\nmug,A mug\n", "text/csv")
    sent = body(EVENT_GRID, [event(EVENT_GRID, "feeds/all.csv")])
    while client.post("/events/blob", content=sent).status_code == 503:
        pass
    assert sorted(names(client)) == ["A lamp", "A mug"]
    assert [one.key for one in shop.photos.list("reports/")]


def test_what_nobody_told_of_is_found_by_a_sync(client: TestClient, shop: Shop) -> None:
    for number, name in enumerate(("a", "b", "c")):
        shop.photos.put(f"images/{name}.jpg", jpeg(number), "image/jpeg")
    told(client, "images/a.jpg")
    shop.photos.delete("images/a.jpg")
    differences = shop.indexing.differences()
    assert sorted(differences) == ["a", "b", "c"]
    account = Account()
    settle_all(shop.settle, dict(differences), account, "Indexing", 2)
    assert account.well
    assert sorted(names(client)) == ["b", "c"] and not shop.indexing.differences()


def test_the_page_may_put_photos_there(client: TestClient, azure: Azurite) -> None:
    page = client.get("http://shop/", headers={"accept": "text/html"})
    assert page.status_code == 200, page.text
    assert f"connect-src 'self' {azure.origin};" in page.headers["content-security-policy"]


def test_its_parts_are_well(client: TestClient) -> None:
    parts = client.get("/health/detailed").json()["parts"]
    assert parts["bucket"]["status"] == "healthy"


def test_it_is_looked_over(settings: Settings, shop: Shop) -> None:
    shop.photos.put("images/mug.jpg", jpeg(1), "image/jpeg")
    found = list(choices.examine(settings, "mini", 512))
    assert [one.level for one in found] == [Level.OK] * 4, found
    assert [one.key for one in shop.photos.list()] == ["images/mug.jpg"]  # nothing of ours


def test_what_is_wrong_is_told_with_what_to_do(settings: Settings, azure: Azurite) -> None:
    from msgspec.structs import replace

    wrong = "YW5vdGhlci1sb25nLWtleS0tLS0tLS0tLS0tLS0t"
    [found] = choices.examine(replace(settings, blob_key=wrong), "mini", 512)
    assert (found.level, found.advice) == (Level.FAILED, "check BLOB_KEY")
    assert wrong not in found.told
    gone = f"{settings.image_container}-gone"
    [found] = choices.examine(replace(settings, image_container=gone), "mini", 512)
    assert (found.level, found.advice) == (Level.FAILED, "check IMAGE_CONTAINER")
    assert "ContainerNotFound" in found.told
    [found] = choices.examine(replace(settings, blob_key=None), "mini", 512)
    assert found.level is Level.FAILED and "managed identity" in found.told
