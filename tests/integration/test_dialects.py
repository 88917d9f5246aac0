"""The dialects that must keep working: literal requests of older clients, row by row."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

from core.settings import Settings
from handlers.api import ENDPOINTS, create_app
from handlers.compose import open_shop
from handlers.dialects import DIALECTS
from handlers.endpoint import API
from tests.photos import jpeg

C_HIT = {"product_id", "external_id", "title", "image_url", "similarity_score"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with open_shop(Settings(data_dir=tmp_path_factory.mktemp("shop"))) as shop:
        client = TestClient(create_app(shop), base_url="http://shop" + API)
        for number, name in enumerate(["Red mug", "Blue mug"]):
            product = {"id": f"p{number}", "external_id": f"sku-{number}", "title": name}
            made = client.post("/products", json=product | {"category": "mugs", "price": 10})
            assert (made.status_code, made.json()["name"]) == (201, name)
            shop.photos.put(f"images/p{number}.jpg", jpeg(number), "image/jpeg")
            shop.indexing.settle(f"p{number}")
        yield client


def ok(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_every_row_is_of_an_endpoint_that_is_there() -> None:
    assert DIALECTS.keys() <= {endpoint.path for endpoint in ENDPOINTS}


def test_a_post_search(client: TestClient) -> None:
    asked = {"text_query": "red mug", "top_k": 1, "category_filter": "mugs"}
    body = ok(client.post("/search", json=asked | {"price_min": 5, "price_max": 20}))
    assert (body["query_type"], body["top_k"], body["total_results"]) == ("text", 1, 1)
    assert body["execution_time_ms"] > 0
    [hit] = body["results"]
    names = ("name", "description", "image_url", "price", "category", "similarity_score")
    assert hit["product_id"] == "p0" and hit.keys() >= set(names)


def test_a_post_index_product(client: TestClient) -> None:
    product = {
        "id": "a-1",
        "name": "Lamp",
        "description": "of brass",
        "category": "lamps",
        "price": 30.5,
        "attributes": {"colour": "gold"},
    }
    for _ in range(2):  # to index what is known already is no mistake
        said = ok(client.post("/index-product", json=product))
        assert (said["status"], said["product_id"]) == ("success", "a-1")
    assert product.items() <= ok(client.get("/products/a-1")).items()


@pytest.mark.parametrize("path", ["/health", "/collections"])
def test_a_get_health_and_collections(client: TestClient, path: str) -> None:
    ok(client.get(path))


def test_b_post_embed_and_embed_image(client: TestClient) -> None:
    words = ok(client.post("/embed", json={"text": "a mug"}))
    assert len(words["embedding"]) == words["dimension"]
    photo = ok(client.post("/embed-image", files={"file": ("a.jpg", jpeg(0), "image/jpeg")}))
    assert len(photo["embedding"]) == photo["dimension"]
    assert (photo["model"], photo["model_id"]) == ("CLIP", words["model"])


def test_embed_image_takes_a_photo_alone(client: TestClient) -> None:
    photo = {"file": ("a.jpg", jpeg(0), "image/jpeg")}
    told = client.post("/embed-image", files=photo, data={"text": "a mug"})
    assert told.status_code == 422
    assert told.json()["errors"][0]["field"] == "text"


@pytest.mark.parametrize("as_multipart", [False, True])
def test_b_post_index_product(client: TestClient, as_multipart: bool) -> None:
    metadata = {"category": "chairs", "price": 99.5, "wood": "oak", "size": {"cm": 40}, "by": None}
    form = {
        "product_id": "b-1",
        "name": "Chair",
        "description": "four legs",
        "metadata": json.dumps(metadata),
    }
    sent: dict[str, Any] = {"data": form}
    if as_multipart:
        sent = {"files": {name: (None, value) for name, value in form.items()}}
    said = ok(client.post("/index-product", **sent))
    assert said["status"] == "success" and said["message"]
    known = ok(client.get("/products/b-1"))
    assert (known["category"], known["price"]) == ("chairs", 99.5)
    assert known["attributes"] == {"wood": "oak", "size": '{"cm":40}'}


@pytest.mark.parametrize(
    "metadata", ["{", "[]", "3", "[" * 100_000, '{"price": "dear"}', '{"category": 3.5, "a=": 1}']
)
def test_b_metadata_that_do_not_fit_are_told(client: TestClient, metadata: str) -> None:
    form = {"product_id": "b-2", "name": "Chair", "metadata": metadata}
    refused = client.post("/index-product", data=form)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
    assert client.get("/products/b-2").status_code == 404


def index_with_photo(client: TestClient, product_id: str, photo: bytes) -> Any:
    form = {"product_id": product_id, "name": "Bag", "description": "", "metadata": "{}"}
    files = {"image_file": ("photo", photo, "image/jpeg")}
    return client.post("/index-product-with-image", data=form, files=files)


def test_b_post_index_product_with_image(client: TestClient) -> None:
    said = ok(index_with_photo(client, "b-3", jpeg(7)))
    assert (said["status"], said["embedding_type"]) == ("success", "CLIP")
    assert said["embedding_dimension"] == 512
    found = ok(client.post("/search-image?limit=1", files={"image": jpeg(7)}))
    assert found["results"][0]["product_id"] == "b-3"


def as_png(photo: bytes) -> bytes:
    out = io.BytesIO()
    Image.open(io.BytesIO(photo)).save(out, "PNG")
    return out.getvalue()


def test_b_a_photo_is_replaced_by_the_next_one_even_of_another_kind(client: TestClient) -> None:
    for photo, kind in ((jpeg(8), "jpeg"), (as_png(jpeg(9)), "png")):
        ok(index_with_photo(client, "b-4", photo))
        known = ok(client.get("/products/b-4"))
        assert known["image_urls"] == [f"/photos/images/b-4.{kind}"]


def test_b_nothing_is_changed_for_a_photo_that_is_none(client: TestClient) -> None:
    refused = index_with_photo(client, "b-5", b"no photo")
    assert (refused.status_code, refused.json()["code"]) == (422, "image_unreadable")
    form = {"product_id": "b-5", "name": "Bag", "image_url": "https://photos.example/bag.jpg"}
    files = {"image_file": jpeg(0)}
    refused = client.post("/index-product-with-image", data=form, files=files)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
    refused = index_with_photo(client, "b/5", jpeg(0))
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
    assert client.get("/products/b-5").status_code == 404
    assert client.get("/products/b/5").status_code == 404


def test_b_post_search(client: TestClient) -> None:
    body = ok(client.post("/search?limit=1", json={"query": "red mug"}))
    assert (body["results"][0]["product_id"], body["count"]) == ("p0", 1)
    assert body["model"]


@pytest.mark.parametrize("field", ["image", "file"])
def test_b_post_search_image(client: TestClient, field: str) -> None:
    files = {field: ("my mug.jpg", jpeg(1), "image/jpeg")}
    body = ok(client.post("/search-image?limit=1", files=files))
    assert (body["results"][0]["product_id"], body["count"]) == ("p1", 1)
    assert (body["query_image"], body["embedding_dimension"]) == ("my mug.jpg", 512)


def test_b_get_stats(client: TestClient) -> None:
    ok(client.get("/stats"))


def test_c_post_search_by_image(client: TestClient) -> None:
    files = {"file": ("a.jpg", jpeg(1), "image/jpeg")}
    form = {"threshold": "0.9", "limit": "5"}
    in_c(ok(client.post("/search/by-image", files=files, data=form)), "p1", "Blue mug")


def test_c_post_search_by_text(client: TestClient) -> None:
    in_c(ok(client.post("/search/by-text", json={"query": "red mug", "limit": 1})), "p0", "Red mug")


def test_c_get_search_similar(client: TestClient) -> None:
    found = ok(client.get("/search/similar/p0?limit=1&threshold=-1"))
    in_c(found, found["results"][0]["product_id"], found["results"][0]["name"])


def in_c(body: dict[str, Any], product_id: str, title: str) -> None:
    assert body["query_time_ms"] > 0
    assert body["results_count"] == len(body["results"]) == 1
    [hit] = body["results"]
    assert hit.keys() >= C_HIT
    assert (hit["product_id"], hit["title"]) == (product_id, title)


def test_c_products_are_created_read_replaced_and_deleted(client: TestClient) -> None:
    made = client.post("/products", json={"id": "c-1", "title": "Hat", "price": 5})
    assert (made.status_code, made.json()["name"]) == (201, "Hat")
    assert ok(client.put("/products/c-1", json={"title": "Cap"}))["name"] == "Cap"
    twice = client.put("/products/c-1", json={"title": "Cap", "name": "Cap"})
    assert (twice.status_code, twice.json()["code"]) == (422, "invalid_request")
    assert client.delete("/products/c-1").status_code == 204


def test_what_is_described_is_what_is_answered(client: TestClient) -> None:
    paths = client.get("http://shop/openapi.json").json()["paths"]
    answer = paths[API + "/search/by-text"]["post"]["responses"]["200"]
    _, besides = answer["content"]["application/json"]["schema"]["allOf"]
    assert {"query_time_ms", "results_count"} <= besides["properties"].keys()
    assert "title" in besides["properties"]["results"]["items"]["properties"]
