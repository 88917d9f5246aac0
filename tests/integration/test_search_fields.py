"""The contract's search, row by row, through the HTTP door over the real embedded parts."""

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


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with open_shop(Settings(data_dir=tmp_path_factory.mktemp("shop"))) as shop:
        client = TestClient(create_app(shop), base_url="http://shop" + API)
        for number, name in enumerate(["Red mug", "Blue mug", "Oak chair", "Pine chair"]):
            product = {
                "id": f"p{number}",
                "name": name,
                "category": name.split()[1] + "s",
                "price": 10 * (number + 1),
                "attributes": {"made of": name.split()[0].lower()},
            }
            assert client.post("/products", json=product).status_code == 201
            shop.photos.put(f"images/p{number}.jpg", jpeg(number), "image/jpeg")
            shop.indexing.settle(f"p{number}")
        yield client


def ids(body: Any) -> list[str]:
    return [hit["product_id"] for hit in body["results"]]


def refused(client: TestClient, body: dict[str, Any], path: str = "/search") -> tuple[int, str]:
    answer = client.post(path, json=body)
    return answer.status_code, answer.json()["code"]


def test_search_batch_gives_each_search_its_answer_in_order(client: TestClient) -> None:
    photo = base64.b64encode(jpeg(1)).decode()
    searches: list[dict[str, Any]] = [
        {"text_query": "oak chair", "top_k": 1},
        {"query": "red mug", "limit": 2},
        {"image_base64": photo},
        {"product_id": "p0"},
    ]
    answer = client.post("/search/batch", json={"searches": searches})
    assert answer.status_code == 200
    answers = answer.json()["answers"]
    assert [one["query_type"] for one in answers] == ["text", "text", "image", "product"]
    assert [ids(one) for one in answers] == [
        ids(client.post("/search", json=search).json()) for search in searches
    ]
    assert len({one["query_id"] for one in answers}) == len(answers)


def test_search_batch_gives_an_error_object_for_one_that_fails(client: TestClient) -> None:
    searches = [
        {"text_query": "mug"},
        {"text_query": "mug", "top_k": 0},
        {},
        "mug",
        {"product_id": "nobody"},
        {"image_base64": "junk"},
        {"text_query": "chair"},
    ]
    answer = client.post("/search/batch", json={"searches": searches})
    answers = answer.json()["answers"]
    codes = [one.get("code") for one in answers]
    assert codes == [
        None,
        "invalid_request",
        "query_empty",
        "invalid_request",
        "product_not_found",
        "image_unreadable",
        None,
    ]
    assert [error["field"] for error in answers[1]["errors"]] == ["top_k"]
    assert answers[4]["status"] == 404
    assert {one["request_id"] for one in answers if "code" in one} == {
        answer.headers["x-request-id"]
    }
    assert ids(answers[0])[0] in ("p0", "p1") and ids(answers[6])[0] in ("p2", "p3")


def test_search_batch_of_up_to_32(client: TestClient) -> None:
    one = {"text_query": "mug", "top_k": 1}
    answer = client.post("/search/batch", json={"searches": [one] * 32})
    assert len(answer.json()["answers"]) == 32
    wrong: list[dict[str, Any]] = [
        {"searches": [one] * 33},
        {"searches": []},
        {},
        {"searches": one},
    ]
    for body in wrong:
        assert refused(client, body, "/search/batch") == (422, "invalid_request")
