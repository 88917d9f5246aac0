"""The contract's search fields and paths, a row each: a literal request, and the products it finds.

Rows that have tests to themselves are not said again: the filters are in test_api, `more_like`,
`less_like`, `less_text`, `facets` and `/search/batch` in test_search_fields, `image_url` in
test_search_by_address, `crop` in test_search_part.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.settings import Settings
from handlers.api import create_app
from handlers.compose import open_shop
from handlers.endpoint import API
from tests.photos import jpeg

PHOTO = base64.b64encode(jpeg(1)).decode()
HYBRID: dict[str, Any] = {"text_query": "oak chair", "image_base64": PHOTO, "top_k": 1}
JPEG = {"content-type": "image/jpeg"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with open_shop(Settings(data_dir=tmp_path_factory.mktemp("shop"))) as shop:
        client = TestClient(create_app(shop), base_url="http://shop" + API)
        for number, name in enumerate(["Red mug", "Blue mug", "Oak chair", "Pine bench"]):
            product = {"id": f"p{number}", "name": name, "category": name.split()[1] + "s"}
            assert client.post("/products", json=product).status_code == 201
            shop.photos.put(f"images/p{number}.jpg", jpeg(number), "image/jpeg")
            shop.indexing.settle(f"p{number}")
        for number in range(8):  # so that there are more products than `TOP_K`
            client.post("/products", json={"id": f"bow-{number}", "name": f"A bow, {number}"})
        yield client


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [hit["product_id"] for hit in answer.json()["results"]]


FIELDS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "text_query": ({"text_query": "red mug", "top_k": 1}, ["p0"]),
    "query, the alias of text_query": ({"query": "red mug", "top_k": 1}, ["p0"]),
    "image_base64, bare": ({"image_base64": PHOTO, "top_k": 1}, ["p1"]),
    "image_base64, a data URI": (
        {"image_base64": "data:image/jpeg;base64," + PHOTO, "top_k": 1},
        ["p1"],
    ),
    "product_id": ({"product_id": "p1", "category_filter": "mugs"}, ["p0"]),
    "image_weight 1 is the photo alone": (HYBRID | {"image_weight": 1}, ["p1"]),
    "crop": ({"image_base64": PHOTO, "crop": [0, 0, 1, 1], "top_k": 1}, ["p1"]),
    "limit, the alias of top_k": ({"text_query": "red mug", "limit": 1}, ["p0"]),
    "score_threshold": ({"image_base64": PHOTO, "score_threshold": 0.99}, ["p1"]),
    "threshold, its alias": ({"image_base64": PHOTO, "threshold": 0.99}, ["p1"]),
}


@pytest.mark.parametrize(("body", "found"), FIELDS.values(), ids=FIELDS)
def test_search_field(client: TestClient, body: dict[str, Any], found: list[str]) -> None:
    assert ids(client.post("/search", json=body)) == found


def test_search_field_text_query_beyond_the_models_context(client: TestClient) -> None:
    answer = client.post("/search", json={"text_query": "red mug " * 200, "top_k": 1})
    assert ids(answer) == ["p0"]
    assert answer.json()["truncated"] is True


def test_search_field_upload_id(client: TestClient) -> None:
    told = client.post("/uploads", json={"purpose": "search"}).json()
    assert client.put(told["url"], content=jpeg(2), headers=told["headers"]).status_code == 200
    body = {"upload_id": told["upload_id"], "top_k": 1}
    assert ids(client.post("/search", json=body)) == ["p2"]


def test_search_field_image_weight_0_is_the_words_alone(client: TestClient) -> None:
    other = base64.b64encode(jpeg(3)).decode()
    wordy = HYBRID | {"image_weight": 0, "top_k": 10}
    one = client.post("/search", json=wordy)
    assert ids(one) == ids(client.post("/search", json=wordy | {"image_base64": other}))
    assert ids(one) != ids(client.post("/search", json=wordy | {"image_weight": 1}))


def test_search_field_top_k_is_10_by_default(client: TestClient) -> None:
    answer = client.post("/search", json={"text_query": "a thing"})
    assert (len(ids(answer)), answer.json()["top_k"]) == (10, 10)


def test_search_field_offset_pages(client: TestClient) -> None:
    def page(**window: int) -> list[str]:
        return ids(client.post("/search", json={"text_query": "mug"} | window))

    assert page(top_k=3) + page(top_k=3, offset=3) == page(top_k=6)


@pytest.mark.parametrize("values", [[3, 5.5], [5.5, "3"], [True], ["true", 7], []])
def test_search_field_attributes_any_of_several_numbers_or_flags(
    client: TestClient, values: list[Any]
) -> None:
    for product_id, size in (("n1", 3), ("n2", 5.5)):
        sized = {"name": "Sized thing", "attributes": {"size": size, "new": True}}
        assert client.put(f"/products/{product_id}", json=sized).status_code == 200
    name = "new" if True in values or "true" in values else "size"
    answer = client.post("/search", json={"query": "thing", "attributes": {name: values}})
    assert sorted(ids(answer)) == (["n1", "n2"] if values else [])
    for product_id in ("n1", "n2"):
        client.delete(f"/products/{product_id}")


BOUNDS: dict[str, dict[str, Any]] = {
    "top_k 1..100": {"top_k": 101},
    "top_k is not 0": {"top_k": 0},
    "offset + top_k <= 1000": {"offset": 991},
    "image_weight 0..1": {"image_weight": 1.1},
    "score_threshold -1..1": {"score_threshold": 1.1},
    "in_stock is a boolean": {"in_stock": "yes"},
}


@pytest.mark.parametrize("wrong", BOUNDS.values(), ids=BOUNDS)
def test_search_field_bound(client: TestClient, wrong: dict[str, Any]) -> None:
    refused = client.post("/search", json={"text_query": "mug"} | wrong)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
    assert any(field in refused.json()["detail"] for field in wrong)


ANSWER = (
    *("query_id", "query_type", "model", "top_k", "total_results", "count", "results", "cache"),
    *("facets", "degraded", "truncated", "execution_time_ms", "timings"),
)


@pytest.mark.parametrize("field", ANSWER)
def test_answer_field(client: TestClient, field: str) -> None:
    body = client.post("/search", json={"text_query": "mug", "facets": ["category"]}).json()
    assert body[field] not in (None, "")
    assert body.keys() == set(ANSWER) | body.keys() & {"query_time_ms", "results_count"}


FORM = {"text_query": "a thing", "category_filter": "chairs", "threshold": "-1", "limit": "3"}
IN_QUERY = "?text_query=a+thing&category_filter=chairs&threshold=-1&limit=3"
PATHS: dict[str, tuple[str, str, dict[str, Any], list[str]]] = {
    "POST /search/by-image, other fields in the form": (
        *("POST", "/search/by-image"),
        {"files": {"file": jpeg(1)}, "data": FORM},
        ["p2"],
    ),
    "POST /search/by-image, other fields in the query string": (
        *("POST", "/search/by-image" + IN_QUERY),
        {"files": {"image": jpeg(1)}},
        ["p2"],
    ),
    "POST /search/by-image, raw bytes": (
        *("POST", "/search/by-image?top_k=1"),
        {"content": jpeg(1), "headers": JPEG},
        ["p1"],
    ),
    "POST /search/by-image, raw bytes with words are hybrid": (
        *("POST", "/search/by-image" + IN_QUERY),
        {"content": jpeg(1), "headers": JPEG},
        ["p2"],
    ),
    "POST /search/by-text, text_query and a filter": (
        *("POST", "/search/by-text"),
        {"json": {"text_query": "mug", "category_filter": "chairs"}},
        ["p2"],
    ),
    "POST /search/by-text, query": (
        *("POST", "/search/by-text"),
        {"json": {"query": "oak chair", "top_k": 1}},
        ["p2"],
    ),
    "GET /search/similar/{product_id}, filters in the query string": (
        *("GET", "/search/similar/p0?category_filter=mugs"),
        {},
        ["p1"],
    ),
}


@pytest.mark.parametrize(("method", "path", "sent", "found"), PATHS.values(), ids=PATHS)
def test_search_path(
    client: TestClient, method: str, path: str, sent: dict[str, Any], found: list[str]
) -> None:
    assert ids(client.request(method, path, **sent)) == found
