"""The contract's product and what is asked of the catalogue, a row each.

What `POST`, `PUT`, `PATCH`, `GET` and `DELETE /products` and `/products/batch` answer is in
test_catalogue, `image_url` and `image_urls` in test_product_addresses, `/uploads` in test_uploads.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.settings import Settings
from handlers.api import create_app
from handlers.compose import open_shop
from handlers.endpoint import API
from tests.photos import jpeg


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with open_shop(Settings(data_dir=tmp_path_factory.mktemp("shop"))) as shop:
        client = TestClient(create_app(shop), base_url="http://shop" + API)
        for number, category in enumerate(["mugs", "mugs", "chairs"]):
            product = {"name": f"Thing {number}", "category": category}
            assert client.put(f"/products/p{number}", json=product).status_code == 200
        shop.photos.put("images/p0.jpg", jpeg(0), "image/jpeg")
        shop.indexing.settle("p0")
        yield client


FIELDS: dict[str, dict[str, Any]] = {
    "id of 128 characters": {"id": "i" * 128},
    "external_id": {"external_id": "sku-7"},
    "name": {"name": "Бра «Луна»"},
    "description": {"description": "of brass\nand glass"},
    "category": {"category": "Lamps & lights"},
    "price 0": {"price": 0},
    "price": {"price": 79.95},
    "currency": {"currency": "EUR"},
    "attributes: text": {"attributes": {"colour": "red"}},
    "attributes: numbers": {"attributes": {"watts": 40, "width cm": 12.5}},
    "attributes: booleans": {"attributes": {"dimmable": True}},
    "attributes: lists of text": {"attributes": {"rooms": ["hall", "kitchen"]}},
    "in_stock": {"in_stock": False},
}


@pytest.mark.parametrize("said", FIELDS.values(), ids=FIELDS)
def test_product_field(client: TestClient, said: dict[str, Any]) -> None:
    product = {"id": "field", "name": "A lamp"} | said
    made = client.post("/products", json=product)
    assert made.status_code == 201, made.text
    assert product.items() <= client.get(f"/products/{product['id']}").json().items()
    client.delete(f"/products/{product['id']}")


WRONG: dict[str, dict[str, Any]] = {
    "id is not empty": {"id": ""},
    "id of 129 characters": {"id": "i" * 129},
    "id is text": {"id": 7},
    "name is not empty": {"name": ""},
    "price >= 0": {"price": -0.01},
    "price is a number": {"price": "79"},
    "currency is ISO 4217": {"currency": "euro"},
    "attributes are flat": {"attributes": {"size": {"cm": 4}}},
    "attributes: lists are of text": {"attributes": {"sizes": [1, 2]}},
    "in_stock is a boolean": {"in_stock": "yes"},
    "colour is no field": {"colour": "red"},
}


@pytest.mark.parametrize("said", WRONG.values(), ids=WRONG)
def test_product_field_refused(client: TestClient, said: dict[str, Any]) -> None:
    refused = client.post("/products", json={"id": "wrong", "name": "A lamp"} | said)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
    [problem] = refused.json()["errors"]
    assert problem["field"].split("[")[0].split(".")[0] in said
    assert client.get("/products/wrong").status_code == 404


def test_product_without_a_photo_is_found_by_its_words(client: TestClient) -> None:
    client.put("/products/card", json={"name": "Gift card"})
    found = client.post("/search", json={"text_query": "gift card", "top_k": 1}).json()
    assert [hit["product_id"] for hit in found["results"]] == ["card"]
    assert found["results"][0]["image_url"] is None
    client.delete("/products/card")


def listed(client: TestClient, query: str) -> tuple[list[str], str | None]:
    page = client.get(f"/products?{query}")
    assert page.status_code == 200, page.text
    return [one["id"] for one in page.json()["products"]], page.json()["next_cursor"]


def test_get_products_limit_and_cursor(client: TestClient) -> None:
    first, cursor = listed(client, "limit=2")
    second, end = listed(client, f"limit=2&cursor={cursor}")
    assert (sorted(first + second), end) == (["p0", "p1", "p2"], None)


def test_get_products_category(client: TestClient) -> None:
    assert sorted(listed(client, "category=mugs")[0]) == ["p0", "p1"]


@pytest.mark.parametrize("wrong", ["limit=0", "limit=201", "cursor=made-up", "categories=mugs"])
def test_get_products_refused(client: TestClient, wrong: str) -> None:
    refused = client.get(f"/products?{wrong}")
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")


def test_get_collections(client: TestClient) -> None:
    [told] = client.get("/collections").json()["collections"]
    assert told | {"model": "", "points": 0} == {
        "name": "products",
        "points": 0,
        "products": 3,
        "dimension": 512,
        "model": "",
        "distance": "cosine",
        "status": "green",
    }
    assert told["model"].startswith("mini@") and told["points"] >= 3


def test_get_stats(client: TestClient) -> None:
    before = client.get("/stats").json()
    for _ in range(2):
        client.post("/search", json={"text_query": "counted twice, asked once"})
    after = client.get("/stats").json()
    assert (after["products"], after["images"]) == (3, 1)
    assert after["by_category"] == {"mugs": 2, "chairs": 1}
    assert after["queries"] == before["queries"] + 2
    assert 0 < after["cache_hit_rate"] < 1


def test_post_uploads_says_where_how_and_for_how_long(client: TestClient) -> None:
    for asked in ({"purpose": "search"}, {"purpose": "product", "product_id": "p1"}):
        told = client.post("/uploads", json=asked)
        assert told.status_code == 201
        assert told.json().keys() >= {"upload_id", "url", "headers", "expires_at"}
