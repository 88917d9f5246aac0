"""The contract's embeddings, operations and limits, a row each, where no other test is the row's.

`/health/detailed` and `/metrics` are in test_operations, keys in test_keys, limits in
test_rate_limit, `/docs` and `/redoc` in test_reference, webhooks in test_webhooks.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from starlette.testclient import TestClient

from core.errors import IndexUnavailable
from core.settings import Settings
from handlers.api import create_app
from handlers.compose import open_shop
from handlers.endpoint import API
from handlers.shop import Shop
from tests.photos import jpeg

ORIGIN = "https://shop.example"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("shop"), cors_origins=(ORIGIN,))
    with open_shop(settings) as shop:
        yield shop


@pytest.fixture(scope="module")
def client(shop: Shop) -> TestClient:
    return TestClient(create_app(shop), base_url="http://shop" + API)


def unit(vector: list[float]) -> bool:
    return len(vector) == 512 and sum(x * x for x in vector) == pytest.approx(1, abs=1e-4)


def test_post_embed_text(client: TestClient) -> None:
    told = client.post("/embed", json={"text": "a red mug"}).json()
    assert told.keys() == {"embedding", "dimension", "model"}
    assert unit(told["embedding"]) and told["dimension"] == 512


def test_post_embed_up_to_64_texts(client: TestClient) -> None:
    told = client.post("/embed", json={"texts": [f"mug {n}" for n in range(64)]}).json()
    assert told.keys() == {"embeddings", "dimension", "model"}
    assert len(told["embeddings"]) == 64 and all(map(unit, told["embeddings"]))
    assert client.post("/embed", json={"texts": ["mug"] * 65}).status_code == 422


@pytest.mark.parametrize("field", ["file", "image"])
def test_post_embed_image(client: TestClient, field: str) -> None:
    told = client.post("/embed-image", files={field: ("a.jpg", jpeg(1), "image/jpeg")}).json()
    assert told.keys() >= {"embedding", "dimension", "model"}
    assert unit(told["embedding"]) and told["dimension"] == 512


def in_base64(photo: bytes) -> dict[str, str]:
    return {"image_base64": base64.b64encode(photo).decode()}


def test_post_similarity_of_two_photos(client: TestClient) -> None:
    one, other = in_base64(jpeg(1)), in_base64(jpeg(2))

    def between(*things: dict[str, str]) -> float:
        told = client.post("/similarity", json={"between": things})
        assert told.status_code == 200, told.text
        assert told.json().keys() == {"similarity", "model"}
        return float(told.json()["similarity"])

    assert between(one, one) == pytest.approx(1, abs=1e-5)
    assert -1 <= between(one, other) < 0.9999
    assert between(one, other) == pytest.approx(between(other, one), abs=1e-6)


def test_post_similarity_of_a_photo_and_words(client: TestClient) -> None:
    words = client.post("/embed", json={"text": "a red mug"}).json()["embedding"]
    file = {"file": ("a.jpg", jpeg(1), "image/jpeg")}
    photo = client.post("/embed-image", files=file).json()["embedding"]
    cosine = sum(a * b for a, b in zip(words, photo, strict=True))
    things = [in_base64(jpeg(1)), {"text": "a red mug"}]
    for told in (
        client.post("/similarity", json={"between": things}),
        client.post("/similarity", files=file, data={"text": "a red mug"}),
    ):
        assert told.json()["similarity"] == pytest.approx(cosine, abs=1e-5)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"between": []},
        {"between": [{"text": "a"}]},
        {"between": [{"text": "a"}, {"text": "b"}, {"text": "c"}]},
        {"between": [{"text": "a"}, {}]},
        {"between": [{"text": "a"}, {"text": "b", "image_base64": "AAAA"}]},
        {"between": [{"text": "a"}, {"text": "\u0000 "}]},
        {"between": [{"text": "a"}, {"image_base64": "AAAA"}]},
        {"between": [{"text": "a"}, {"image_url": "https://127.0.0.1/a.jpg"}]},
    ],
    ids=repr,
)
def test_post_similarity_is_of_two_things(client: TestClient, asked: Any) -> None:
    told = client.post("/similarity", json=asked)
    assert told.status_code == 422, told.text


def as_file(photo: bytes) -> tuple[str, bytes, str]:
    return ("a.jpg", photo, "image/jpeg")


def test_post_similarity_of_two_photos_in_a_form(client: TestClient) -> None:
    files = {"image_1": as_file(jpeg(1)), "image_2": as_file(jpeg(2))}
    told = client.post("/similarity", files=files)
    assert told.status_code == 200, told.text
    things = [in_base64(jpeg(1)), in_base64(jpeg(2))]
    assert told.json() == client.post("/similarity", json={"between": things}).json()


@pytest.mark.parametrize(
    ("photos", "text"),
    [
        (["file"], None),
        ([], "a"),
        (["image_1"], None),
        (["image_1"], "a"),
        (["image_1", "image_2"], "a"),
        (["image_1", "image_2", "file"], None),
        (["image_1", "image_2", "file"], "a"),
    ],
)
def test_post_similarity_as_a_form_says_what_it_takes(
    client: TestClient, photos: list[str], text: str | None
) -> None:
    files = {name: as_file(jpeg(1)) for name in photos}
    data = {} if text is None else {"text": text}
    told = client.post("/similarity", files=files, data=data)
    assert (told.status_code, told.json()["code"]) == (422, "invalid_request")
    assert all(name in told.json()["detail"] for name in ("file", "text", "image_1", "image_2"))


def test_post_similarity_takes_each_photo_of_a_form_once(client: TestClient) -> None:
    files = [(name, as_file(jpeg(1))) for name in ("image_1", "image_2", "image_2")]
    assert client.post("/similarity", files=files).status_code == 422
    bad = {"image_1": as_file(jpeg(1)), "image_2": as_file(b"no photo")}
    told = client.post("/similarity", files=bad)
    assert (told.status_code, told.json()["code"]) == (422, "image_unreadable")


def test_get_health_is_healthy(client: TestClient) -> None:
    told = client.get("/health")
    assert (told.status_code, told.json()["status"]) == (200, "healthy")


def test_get_health_is_503_when_a_search_can_not_be_answered(shop: Shop) -> None:
    class Gone:
        def page(self, *_: Any) -> None:
            raise IndexUnavailable("The index does not answer.")

    broken = msgspec.structs.replace(shop, index=Gone())
    told = TestClient(create_app(broken), base_url="http://shop" + API).get("/health")
    assert (told.status_code, told.json()["code"]) == (503, "index_unavailable")
    assert told.headers["retry-after"]


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "text/html"),
        ("application/json", "application/json"),
        ("*/*", "application/json"),
    ],
)
def test_get_home_is_the_page_or_json(client: TestClient, accept: str, kind: str) -> None:
    told = client.get("http://shop/", headers={"accept": accept})
    assert told.status_code == 200
    assert told.headers["content-type"].partition(";")[0] == kind


def test_get_openapi_json_is_3_1(client: TestClient) -> None:
    assert client.get("http://shop/openapi.json").json()["openapi"] == "3.1.0"


def test_cors_is_for_the_configured_origins(client: TestClient) -> None:
    def allowed(origin: str) -> str | None:
        asked = {"origin": origin, "access-control-request-method": "POST"}
        preflight = client.options("/search", headers=asked)
        answer = client.post("/search", json={"text_query": "mug"}, headers={"origin": origin})
        granted = {one.headers.get("access-control-allow-origin") for one in (preflight, answer)}
        [one] = granted
        return one

    assert allowed(ORIGIN) == ORIGIN
    assert allowed("https://elsewhere.example") is None
