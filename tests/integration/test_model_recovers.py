"""A model that fails for a while, under a shop that is open: what goes on without it, and what
comes back by itself."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.clip.towers import Tower
from core.errors import ModelUnavailable
from core.settings import Settings
from handlers.api import create_app
from handlers.compose import open_shop
from handlers.endpoint import API
from handlers.shop import Shop
from tests.photos import jpeg

PHOTO = base64.b64encode(jpeg(1)).decode()


class Moody:
    """onnxruntime's session of a tower, which works when it likes to."""

    works = True

    def __init__(self, session: Any) -> None:
        self._session = session

    def run(self, *about: Any) -> Any:
        if not Moody.works:
            raise RuntimeError("[ONNXRuntimeError] : 1 : FAIL : Non-zero status code returned")
        return self._session.run(*about)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    load = Tower.__init__

    def loaded(tower: Tower, file: Path, threads: int) -> None:
        load(tower, file, threads)
        tower._session = Moody(tower._session)

    monkeypatch.setattr(Tower, "__init__", loaded)
    monkeypatch.setattr(Moody, "works", True)
    with open_shop(Settings(data_dir=tmp_path)) as shop:
        for number, name in enumerate(["Red mug", "Blue mug"]):
            shop.photos.put(f"images/p{number}.jpg", jpeg(number), "image/jpeg")
            shop.indexing.settle(f"p{number}")
            client_of(shop).put(f"/products/p{number}", json={"name": name})
        yield shop


def client_of(shop: Shop) -> TestClient:
    return TestClient(create_app(shop), base_url="http://shop" + API)


@pytest.fixture
def client(shop: Shop) -> TestClient:
    return client_of(shop)


def words(client: TestClient, text: str) -> tuple[str, bool, list[str]]:
    """How the cache did, whether it is degraded, and what is found."""
    answer = client.post("/search", json={"text_query": text})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    return told["cache"], told["degraded"], [hit["product_id"] for hit in told["results"]]


def health(client: TestClient) -> tuple[str, str]:
    told = client.get("/health/detailed").json()
    return told["status"], told["parts"]["model"]["status"]


def test_words_are_matched_meanwhile_and_meant_again_afterwards(client: TestClient) -> None:
    assert words(client, "red mug") == ("miss", False, ["p0", "p1"])
    assert health(client) == ("healthy", "healthy")
    Moody.works = False
    assert health(client) == ("degraded", "unhealthy")
    assert client.get("/health").status_code == 200, "words can be searched for"
    assert words(client, "blue mug") == ("miss", True, ["p1", "p0"])
    assert words(client, "red mug") == ("hit", False, ["p0", "p1"])
    Moody.works = True
    assert words(client, "blue mug") == ("miss", False, ["p1", "p0"])
    assert words(client, "blue mug")[:2] == ("hit", False)
    assert health(client) == ("healthy", "healthy")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/search", {"image_base64": PHOTO}),
        ("POST", "/search", {"image_base64": PHOTO, "text_query": "mug"}),
        ("POST", "/embed", {"text": "mug"}),
        ("PUT", "/products/new", {"name": "A name that was never embedded"}),
    ],
)
def test_what_needs_the_model_is_worth_trying_again(
    client: TestClient, method: str, path: str, body: dict[str, Any]
) -> None:
    Moody.works = False
    refused = client.request(method, path, json=body)
    assert (refused.status_code, refused.json()["code"]) == (503, "model_unavailable")
    assert int(refused.headers["retry-after"]) > 0
    Moody.works = True
    assert client.request(method, path, json=body).is_success


def test_several_searches_are_answered_each_as_it_can_be(client: TestClient) -> None:
    Moody.works = False
    searches = [{"text_query": "mug"}, {"image_base64": PHOTO}, {"more_like": ["p0"]}]
    told = client.post("/search/batch", json={"searches": searches})
    assert told.status_code in (200, 207), told.text
    first, second, third = told.json()["answers"]
    assert (first["degraded"], second["code"]) == (True, "model_unavailable")
    assert (third["degraded"], [hit["product_id"] for hit in third["results"]]) == (False, ["p1"])


def test_a_photo_that_came_meanwhile_is_indexed_at_the_next_look(shop: Shop) -> None:
    """And is no photo that can't be used: nothing is wrong with it."""
    shop.photos.put("images/late.jpg", jpeg(7), "image/jpeg")
    Moody.works = False
    with pytest.raises(ModelUnavailable):
        shop.indexing.settle("late")
    assert shop.indexing.rejected() == []
    assert shop.indexing.unsettled() == ["late"]
    Moody.works = True
    assert shop.indexing.settle("late").changed
    assert shop.index.get("late") is not None
