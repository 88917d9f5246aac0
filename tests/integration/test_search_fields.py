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
        for name in ("Red lamp", "Green lamp"):  # without a photo
            lamp = {"id": name.split()[0].lower(), "name": name, "category": "lamps"}
            assert client.post("/products", json=lamp).status_code == 201
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


def found(client: TestClient, **body: Any) -> list[str]:
    answer = client.post("/search", json=body)
    assert answer.status_code == 200, answer.text
    return ids(answer.json())


def test_more_like_pulls_and_stands_alone(client: TestClient) -> None:
    answer = client.post("/search", json={"more_like": ["p0"]}).json()
    assert answer["query_type"] == "product"
    assert ids(answer) == ids(client.get("/search/similar/p0").json())
    assert found(client, more_like=["p0", "p2"]) == found(client, more_like=["p2"], product_id="p0")
    assert set(found(client, more_like=["p0", "p2"])) == {"p1", "p3"}


def test_less_like_pushes_and_is_never_among_the_hits(client: TestClient) -> None:
    alone = client.post("/search", json={"less_like": ["p0"]}).json()
    assert alone["query_type"] == "product"
    assert ids(alone) == ids(client.get("/search/similar/p0").json())[::-1]
    words = found(client, text_query="mug", less_like=["p1", "p3"], category_filter=["mugs"])
    assert words == ["p0"]


def test_more_like_and_less_like_of_unknown_ids_are_not_found(client: TestClient) -> None:
    for body in ({"more_like": ["p0", "nobody"]}, {"text_query": "mug", "less_like": ["nobody"]}):
        assert refused(client, body) == (404, "product_not_found")


def test_less_text_steers_words_away(client: TestClient) -> None:
    lamps = {"text_query": "lamp", "category_filter": "lamps"}
    assert found(client, **lamps, less_text="a red lamp") == ["green", "red"]
    assert found(client, **lamps, less_text="a green lamp") == ["red", "green"]
    assert client.post("/search", json={"less_text": "chair"}).json()["query_type"] == "text"


def test_product_id_goes_with_words_and_photos(client: TestClient) -> None:
    photo = base64.b64encode(jpeg(1)).decode()
    assert "p0" not in found(client, text_query="red mug", product_id="p0")
    answer = client.post("/search", json={"image_base64": photo, "product_id": "p0"}).json()
    assert (answer["query_type"], ids(answer)[0]) == ("image", "p1")


def test_product_id_beside_a_photo_in_a_form(client: TestClient) -> None:
    files = {"file": ("a.jpg", jpeg(1), "image/jpeg")}
    answer = client.post("/search/by-image", files=files, data={"product_id": "p0"})
    assert (ids(answer.json())[0], "p0" in ids(answer.json())) == ("p1", False)


def test_more_like_and_less_text_as_form_fields(client: TestClient) -> None:
    files = {"file": ("a.jpg", jpeg(1), "image/jpeg")}
    fields = {"more_like": ["p0", "p2"], "less_like": "p3", "less_text": "chair"}
    answer = client.post("/search/by-image", files=files, data=fields)
    assert ids(answer.json()) == ["p1"]


def counted(client: TestClient, **body: Any) -> Any:
    return client.post("/search", json={"text_query": "mug", "top_k": 1, **body}).json()["facets"]


def test_facets_count_the_matching_products(client: TestClient) -> None:
    facets = ["category", "price", "attributes.made of", "attributes.nothing"]
    expected = {
        "category": {"chairs": 2, "lamps": 2, "mugs": 2},
        "price": {"10-20": 1, "20-50": 3},
        "attributes.made of": {"blue": 1, "oak": 1, "pine": 1, "red": 1},
        "attributes.nothing": {},
    }
    assert counted(client, facets=facets) == expected
    assert counted(client, facets=facets) == expected, "from the cache, too"
    assert counted(client, facets=facets, offset=5) == expected


def test_facets_heed_the_filters(client: TestClient) -> None:
    facets = ["category", "price"]
    chairs = counted(client, facets=facets, category_filter="chairs")
    assert chairs == {"category": {"chairs": 2}, "price": {"20-50": 2}}
    some = counted(client, facets=facets, price_min=15, price_max=30)
    assert some == {"category": {"chairs": 1, "mugs": 1}, "price": {"20-50": 2}}
    attributes = {"made of": ["red", "oak"]}
    assert counted(client, facets="category", attributes=attributes) == {
        "category": {"chairs": 1, "mugs": 1}
    }


def test_facets_are_in_the_answer_when_asked_and_with_every_search(client: TestClient) -> None:
    assert "facets" not in client.post("/search", json={"text_query": "mug"}).json()
    similar = client.get("/search/similar/p0?facets=category&facets=price").json()
    assert similar["facets"].keys() == {"category", "price"}
    files = {"file": ("a.jpg", jpeg(1), "image/jpeg")}
    answer = client.post("/search/by-image", files=files, data={"facets": "category"}).json()
    assert answer["facets"] == {"category": {"chairs": 2, "lamps": 2, "mugs": 2}}


@pytest.mark.parametrize("facet", ["colour", "attributes.", "attributes", "", "Category"])
def test_facets_of_anything_else_are_refused(client: TestClient, facet: str) -> None:
    body = {"text_query": "mug", "facets": ["category", facet]}
    assert refused(client, body) == (422, "invalid_request")


def test_diversity_brings_what_looks_otherwise_forward(client: TestClient) -> None:
    plain = client.post("/search", json={"text_query": "mug", "top_k": 6}).json()
    spread = client.post("/search", json={"text_query": "mug", "top_k": 6, "diversity": 1}).json()
    assert ids(plain)[0] == ids(spread)[0]
    assert ids(plain) != ids(spread) and sorted(ids(plain)) == sorted(ids(spread))
    scores = {hit["product_id"]: hit["similarity_score"] for hit in plain["results"]}
    assert all(scores[h["product_id"]] == h["similarity_score"] for h in spread["results"])


@pytest.mark.parametrize("asked", [{"text_query": "mug"}, {"product_id": "p0"}], ids=repr)
def test_pages_of_a_diverse_answer_join(client: TestClient, asked: dict[str, Any]) -> None:
    asked = asked | {"diversity": 0.5}
    whole = ids(client.post("/search", json=asked | {"top_k": 5}).json())
    pages = [
        ids(client.post("/search", json=asked | {"top_k": 2, "offset": offset}).json())
        for offset in (0, 2, 4)
    ]
    assert [one for page in pages for one in page][:5] == whole
    assert len(set(whole)) == len(whole) > 2


def test_diversity_by_every_door(client: TestClient) -> None:
    said = {"diversity": "0.5"}
    photo = {"file": ("a.jpg", jpeg(1), "image/jpeg")}
    for answer in (
        client.get("/search/similar/p0", params=said),
        client.post("/search", params=said, json={"text_query": "mug"}),
        client.post("/search/by-image", files=photo, data=said),
        client.post("/search/batch", json={"searches": [{"query": "mug", "diversity": 0.5}]}),
    ):
        assert answer.status_code == 200, answer.text
    for beyond in (-0.1, 1.1, "much"):
        assert refused(client, {"text_query": "mug", "diversity": beyond})[0] == 422
