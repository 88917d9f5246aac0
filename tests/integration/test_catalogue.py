"""The catalogue's rows of the contract, over the real embedded parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.errors import IndexUnavailable
from core.ports import WordsVector
from core.settings import Settings
from handlers.api import create_app
from handlers.compose import open_shop
from handlers.endpoint import API
from handlers.shop import Shop
from tests.photos import jpeg

MUG = {
    "id": "mug",
    "name": "Blue mug",
    "description": "of clay",
    "category": "mugs",
    "price": 5,
    "currency": "EUR",
    "attributes": {"colour": "blue", "handles": 1},
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(Settings(data_dir=tmp_path_factory.mktemp("shop"))) as shop:
        yield shop


@pytest.fixture
def client(shop: Shop) -> TestClient:
    client = TestClient(
        create_app(shop), base_url="http://shop" + API, raise_server_exceptions=False
    )
    client.put("/products/mug", json=MUG)
    return client


def refused(answer: Any, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


def test_post_products_is_201_put_patch_get_200_and_delete_204_twice(client: TestClient) -> None:
    assert client.post("/products", json={"id": "new", "name": "New"}).status_code == 201
    for method in ("PUT", "PATCH"):
        changed = client.request(method, "/products/new", json={"name": method})
        assert (changed.status_code, changed.json()["name"]) == (200, method)
        assert client.get("/products/new").json() == changed.json()
    assert [client.delete("/products/new").status_code for _ in range(2)] == [204, 204]
    refused(client.get("/products/new"), 404, "product_not_found")
    refused(client.patch("/products/new", json={"name": "New"}), 404, "product_not_found")


def test_patch_changes_what_it_says_and_nothing_else(client: TestClient, shop: Shop) -> None:
    shop.photos.put("images/mug.jpg", jpeg(1), "image/jpeg")
    shop.indexing.settle("mug")
    before = client.get("/products/mug").json()
    assert before["image_urls"]
    after = client.patch("/products/mug", json={"price": 4.5, "in_stock": False})
    assert after.json() == before | {"price": 4.5, "in_stock": False}
    assert client.get("/products/mug").json() == after.json()


def test_patch_takes_away_no_field_that_there_is_not(client: TestClient) -> None:
    client.put("/products/mug", json={"name": "Mug", "price": 4})
    for name in ("", "prices", "photos"):
        refused(client.patch("/products/mug", json={name: None}), 422, "invalid_request")
    assert client.patch("/products/mug", json={"price": None}).json()["price"] is None


def test_patch_of_a_price_embeds_nothing(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, shop: Shop
) -> None:
    asked: list[str] = []
    words = shop.embedder.words

    def counted(_: object, text: str) -> WordsVector:
        asked.append(text)
        return words(text)

    monkeypatch.setattr(type(shop.embedder), "words", counted)
    assert client.patch("/products/mug", json={"price": 3}).status_code == 200
    assert asked == []
    assert client.patch("/products/mug", json={"name": "Red mug"}).status_code == 200
    assert asked == ["Red mug. of clay"]


def test_patch_takes_away_what_is_null_and_merges_attributes(client: TestClient) -> None:
    change = {"currency": None, "description": None, "attributes": {"colour": None, "glazed": True}}
    after = client.patch("/products/mug", json=change).json()
    assert (after["currency"], after["description"]) == (None, "")
    assert after["attributes"] == {"handles": 1, "glazed": True}
    assert client.patch("/products/mug", json={"attributes": None}).json()["attributes"] == {}


@pytest.mark.parametrize(
    "change",
    [
        {"id": "other"},
        {"name": None},
        {"price": -1},
        {"price": "4"},
        {"colour": "red"},
        {"attributes": []},
        {"attributes": {"a": {"b": 1}}},
    ],
)
def test_patch_of_what_does_not_fit_changes_nothing(
    client: TestClient, change: dict[str, Any]
) -> None:
    before = client.get("/products/mug").json()
    refused(client.patch("/products/mug", json=change), 422, "invalid_request")
    assert client.get("/products/mug").json() == before


def test_post_products_batch_says_of_each_what_became_of_it(client: TestClient) -> None:
    client.delete("/products/b-1")
    batch = [MUG, {"id": "b-1", "title": "Bowl"}]
    answer = client.post("/products/batch", json={"products": batch})
    assert answer.status_code == 200
    assert answer.json() == {
        "results": [{"id": "mug", "status": 200}, {"id": "b-1", "status": 201}]
    }
    assert client.get("/products/b-1").json()["name"] == "Bowl"


def test_one_bad_product_of_a_batch_never_fails_the_others(client: TestClient) -> None:
    products = [
        {"id": "b-2", "name": "Bowl", "price": "dear"},
        {"id": "b-3", "name": "Bowl"},
        {"id": "b-3", "name": "Bowl again"},
        "no product",
        {"name": "without an id"},
        {"id": 3, "name": "Bowl"},
        {"id": "b-4", "name": "Bowl"},
    ]
    answer = client.post("/products/batch", json={"products": products})
    assert answer.status_code == 207
    results = answer.json()["results"]
    told = [(one["id"], one["status"]) for one in results]
    assert told == [
        ("b-2", 422),
        ("b-3", 201),
        ("b-3", 422),
        (None, 422),
        (None, 422),
        (None, 422),
        ("b-4", 201),
    ]
    assert results[0]["error"]["code"] == "invalid_request"
    assert results[0]["error"]["errors"][0]["field"] == "price"
    assert client.get("/products/b-3").json()["name"] == "Bowl"
    assert client.get("/products/b-2").status_code == 404


def test_what_is_down_for_one_product_of_a_batch_is_told_of_that_one(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, shop: Shop
) -> None:
    get = shop.index.get
    failures = {"down": IndexUnavailable("The index does not answer."), "bug": KeyError("inside")}

    def troubled(_: object, product_id: str) -> Any:
        if product_id in failures:
            raise failures[product_id]
        return get(product_id)

    monkeypatch.setattr(type(shop.index), "get", troubled)
    products = [{"id": name, "name": "Bowl"} for name in ("down", "bug", "b-5")]
    answer = client.post("/products/batch", json={"products": products})
    assert [one["status"] for one in answer.json()["results"]] == [503, 500, 201]
    assert "inside" not in answer.text


def test_a_batch_has_1_to_100_products(client: TestClient) -> None:
    many = [{"id": f"m-{number}", "name": f"Thing {number}"} for number in range(101)]
    for products in ([], many, "x", None):
        answer = client.post("/products/batch", json={"products": products})
        refused(answer, 422, "invalid_request")
    answer = client.post("/products/batch", json={"products": many[:100]})
    assert answer.status_code == 200
    assert {one["status"] for one in answer.json()["results"]} == {201}


def test_a_product_may_be_called_batch(client: TestClient) -> None:
    assert client.put("/products/batch", json={"name": "A batch of eggs"}).status_code == 200
    assert client.get("/products/batch").json()["name"] == "A batch of eggs"
