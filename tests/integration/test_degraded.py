"""The contract's *Degraded*: a model that works no more, under a shop that is open."""

from __future__ import annotations

import base64
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.product import Product
from core.settings import Settings
from handlers.api import create_app
from handlers.compose import open_shop
from handlers.endpoint import API
from tests.broken_model import broken_mini
from tests.photos import jpeg


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Stocked while the model worked."""
    data_dir = tmp_path_factory.mktemp("shop")
    with open_shop(Settings(data_dir=data_dir)) as shop:
        for number, name in enumerate(["Red mug", "Blue mug", "Blue oak chair"]):
            product = Product(id=f"p{number}", name=name, price=10 + number)
            shop.indexing.put_product(product)
            shop.photos.put(f"images/p{number}.jpg", jpeg(number), "image/jpeg")
            shop.indexing.settle(product.id)
    model_dir = broken_mini(tmp_path_factory.mktemp("models"))
    with open_shop(Settings(data_dir=data_dir, model_dir=model_dir)) as shop:
        yield TestClient(create_app(shop), base_url="http://shop" + API)


def searched(client: TestClient, **body: Any) -> dict[str, Any]:
    answer = client.post("/search", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def ids(answer: dict[str, Any]) -> list[str]:
    return [hit["product_id"] for hit in answer["results"]]


def test_words_are_matched_lexically_and_the_answer_says_so(client: TestClient) -> None:
    answer = searched(client, text_query="the blue mugs")
    assert (answer["degraded"], answer["query_type"]) == (True, "text")
    assert ids(answer) == ["p1", "p0", "p2"]
    scores = [hit["similarity_score"] for hit in answer["results"]]
    assert scores[0] == pytest.approx(1) and all(0 < score < 1 for score in scores[1:])
    assert answer["results"][0]["image_url"] == "/photos/images/p1.jpg"
    assert ids(searched(client, text_query="sofa")) == []


def test_filters_pages_and_named_products_hold_without_the_model(client: TestClient) -> None:
    assert ids(searched(client, text_query="mug", price_max=10)) == ["p0"]
    pages = [ids(searched(client, text_query="mug", top_k=1, offset=n)) for n in range(3)]
    assert pages == [["p0"], ["p1"], []]
    assert ids(searched(client, text_query="mug", less_like=["p0"])) == ["p1"]
    assert ids(searched(client, text_query="mug", score_threshold=1)) == ["p0", "p1"]


def test_a_degraded_answer_is_not_kept(client: TestClient) -> None:
    again = [searched(client, text_query="red mug") for _ in range(2)]
    assert [one["cache"] for one in again] == ["miss", "miss"]


def test_products_need_no_model(client: TestClient) -> None:
    answer = client.get("/search/similar/p0").json()
    assert (answer["degraded"], sorted(ids(answer))) == (False, ["p1", "p2"])


def test_photos_are_a_503_that_says_why(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    photo = base64.b64encode(jpeg(1)).decode()
    bodies = ({"image_base64": photo}, {"image_base64": photo, "text_query": "mug"})
    with caplog.at_level(logging.ERROR):
        for body in (*bodies, {"less_text": "mug"}):
            answer = client.post("/search", json=body)
            assert (answer.status_code, answer.json()["code"]) == (503, "model_unavailable")
            assert answer.headers["retry-after"]
            assert "onnx" not in answer.text.lower()
    assert "image.onnx does not work" in caplog.text
    assert client.post("/embed", json={"text": "mug"}).json()["code"] == "model_unavailable"
