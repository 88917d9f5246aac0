"""The HTTP door over the real embedded parts."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.settings import Settings
from handlers.api import ENDPOINTS, create_app
from handlers.compose import open_shop
from handlers.endpoint import API
from tests.photos import jpeg


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with open_shop(Settings(data_dir=tmp_path_factory.mktemp("shop"))) as shop:
        client = TestClient(create_app(shop), base_url="http://shop" + API)
        for number, name in enumerate(["Red mug", "Blue mug", "Oak chair"]):
            product = {
                "id": f"p{number}",
                "name": name,
                "category": name.split()[1] + "s",
                "price": 10 + number,
                "currency": "EUR",
                "attributes": {"colour": name.split()[0].lower(), "organic": number == 1},
                "in_stock": number != 2,
            }
            assert client.post("/products", json=product).status_code == 201
            shop.photos.put(f"images/p{number}.jpg", jpeg(number), "image/jpeg")
            shop.indexing.settle(f"p{number}")
        yield client


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [hit["product_id"] for hit in answer.json()["results"]]


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert answer.json()["detail"]
    return dict(answer.json())


def test_an_answer_has_every_field_a_storefront_needs(client: TestClient) -> None:
    body = client.post("/search", json={"text_query": "red mug", "top_k": 2}).json()
    assert body["query_type"] == "text"
    assert body["model"].startswith("mini@")
    assert body["top_k"] == body["total_results"] == body["count"] == len(body["results"]) == 2
    assert body["query_id"] and body["execution_time_ms"] > 0
    assert body["timings"].keys() == {"fetch_ms", "embed_ms", "search_ms", "cache_ms"}
    assert (body["degraded"], body["truncated"]) == (False, False)
    assert body["results"][0] | {"similarity_score": 0} == {
        "product_id": "p0",
        "external_id": None,
        "name": "Red mug",
        "description": "",
        "image_url": "/photos/images/p0.jpg",
        "price": 10,
        "currency": "EUR",
        "category": "mugs",
        "attributes": {"colour": "red", "organic": False},
        "in_stock": True,
        "similarity_score": 0,
        "matched_image": "/photos/images/p0.jpg",
    }
    assert -1 <= body["results"][0]["similarity_score"] <= 1
    sold_out = client.post("/search", json={"text_query": "red mug", "in_stock": False}).json()
    assert [hit["in_stock"] for hit in sold_out["results"]] == [False]


@pytest.mark.parametrize("field", ["file", "image"])
def test_a_photo_is_found_through_a_form(client: TestClient, field: str) -> None:
    answer = client.post("/search/by-image", files={field: ("a.jpg", jpeg(1), "image/jpeg")})
    assert ids(answer)[0] == "p1"
    assert answer.json()["query_type"] == "image"


def test_a_photo_is_found_by_its_bare_bytes(client: TestClient) -> None:
    answer = client.post(
        "/search/by-image?limit=1", content=jpeg(2), headers={"content-type": "image/jpeg"}
    )
    assert ids(answer) == ["p2"]


@pytest.mark.parametrize("head", ["", "data:image/jpeg;base64,"])
def test_a_photo_is_found_as_base64(client: TestClient, head: str) -> None:
    photo = head + base64.b64encode(jpeg(0)).decode()
    assert ids(client.post("/search", json={"image_base64": photo}))[0] == "p0"


def test_photo_and_words_make_a_hybrid(client: TestClient) -> None:
    answer = client.post(
        "/search/by-image",
        files={"file": jpeg(0)},
        data={"text_query": "mug", "image_weight": "0.9", "category_filter": "mugs"},
    )
    assert answer.json()["query_type"] == "hybrid"
    assert ids(answer) == ["p0", "p1"]


def test_similar_never_returns_the_product_itself(client: TestClient) -> None:
    assert sorted(ids(client.get("/search/similar/p0"))) == ["p1", "p2"]
    problem(client.get("/search/similar/nobody"), 404, "product_not_found")


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"category_filter": "mugs"}, {"p0", "p1"}),
        ({"category_filter": ["chairs", "mugs"]}, {"p0", "p1", "p2"}),
        ({"price_min": 11}, {"p1", "p2"}),
        ({"price_max": 11}, {"p0", "p1"}),
        ({"price_min": 11, "price_max": 11}, {"p1"}),
        ({"attributes": {"colour": "red"}}, {"p0"}),
        ({"attributes": {"colour": ["red", "blue"]}}, {"p0", "p1"}),
        ({"attributes": {"colour": ["red", "blue"], "organic": True}}, {"p1"}),
        ({"in_stock": True}, {"p0", "p1"}),
        ({"in_stock": False}, {"p2"}),
        ({"category_filter": "nothing"}, set()),
    ],
    ids=lambda one: str(one) if isinstance(one, dict) else "+".join(sorted(one)),  # in one order
)
def test_every_filter_holds(
    client: TestClient, filters: dict[str, Any], expected: set[str]
) -> None:
    by_words = client.post("/search", json={"text_query": "a thing", **filters})
    assert set(ids(by_words)) == expected


def test_filters_in_the_query_string(client: TestClient) -> None:
    url = "/search/similar/p2?price_min=10.5&in_stock=true&attributes.colour=blue&limit=5"
    assert ids(client.get(url)) == ["p1"]
    assert ids(client.get('/search/similar/p2?attributes={"organic":true}')) == ["p1"]


def test_aliases_say_the_same(client: TestClient) -> None:
    ours = client.post("/search", json={"text_query": "mug", "top_k": 1, "score_threshold": -1})
    theirs = client.post("/search?limit=1", json={"query": "mug", "threshold": -1})
    assert ids(ours) == ids(theirs)
    assert theirs.json()["top_k"] == 1


@pytest.mark.parametrize("query", ["limit=1", "top_k=1", "text_query=mug"])
def test_what_is_said_twice_is_refused(client: TestClient, query: str) -> None:
    """In the query string and in the body: one of them would not count."""
    body = {"text_query": "mug", "top_k": 2}
    assert (
        "given twice"
        in problem(client.post(f"/search?{query}", json=body), 422, "invalid_request")["detail"]
    )
    form = client.post(f"/search/by-image?{query}", files={"file": jpeg(0)}, data=body)
    problem(form, 422, "invalid_request")


def test_a_body_is_as_strict_beside_a_query_string(client: TestClient) -> None:
    answer = client.post("/search?limit=1", json={"text_query": "mug", "offset": "0"})
    problem(answer, 422, "invalid_request")


def test_one_photo_comes_in_a_form(client: TestClient) -> None:
    two = [("file", jpeg(0)), ("image", jpeg(1))]
    problem(client.post("/search/by-image", files=two), 422, "invalid_request")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "query_empty"),
        ({"text_query": "\x00 "}, 422, "query_empty"),
        ({"text_query": 3}, 422, "invalid_request"),
        ({"text_query": "a", "top_k": 101}, 422, "invalid_request"),
        ({"text_query": "a", "offset": 999}, 422, "invalid_request"),
        ({"text_query": "a", "query": "b"}, 422, "invalid_request"),
        ({"text_query": "a", "colour": "red"}, 422, "invalid_request"),
        ({"more_like": []}, 422, "query_empty"),
        ({"more_like": ["p0"] * 17}, 422, "invalid_request"),
        ({"text_query": "a", "less_like": ["nobody"]}, 404, "product_not_found"),
        ({"upload_id": "../images/p0.jpg"}, 422, "invalid_request"),
        ({"upload_id": "0" * 32}, 404, "photo_not_found"),
        ({"upload_id": "0" * 32, "image_base64": "aaaa"}, 422, "invalid_request"),
        ({"image_base64": "not base64!"}, 422, "image_unreadable"),
        ({"image_base64": base64.b64encode(b"not a photo").decode()}, 422, "image_unreadable"),
        ({"product_id": "nobody"}, 404, "product_not_found"),
    ],
)
def test_a_bad_search_is_refused_with_its_reason(
    client: TestClient, body: dict[str, Any], status: int, code: str
) -> None:
    problem(client.post("/search", json=body), status, code)


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'{"price_min": NaN}', b"[" * 100_000, b"\xff"])
def test_a_body_that_is_no_json_object_is_refused(client: TestClient, raw: bytes) -> None:
    problem(client.post("/search", content=raw), 422, "invalid_request")


def test_every_wrong_field_is_named(client: TestClient) -> None:
    body = problem(
        client.post("/search", json={"top_k": 0, "price_min": "a"}), 422, "invalid_request"
    )
    assert [wrong["field"] for wrong in body["errors"]] == ["price_min", "top_k"]


def test_too_large_a_body_is_refused_before_it_is_read(client: TestClient) -> None:
    answer = client.post("/products", content=b"x" * (1024 * 1024 + 1))
    problem(answer, 413, "body_too_large")


def test_a_form_without_end_is_cut_off(client: TestClient) -> None:
    def endless() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(40):
            yield b"x" * 2**20

    kind = {"content-type": "multipart/form-data; boundary=x"}
    answer = client.post("/search/by-image", content=endless(), headers=kind)
    problem(answer, 413, "body_too_large")


@pytest.mark.parametrize("body", [b"", b"--x", b"--y\r\n\r\n", b"\x00" * 100])
def test_a_broken_form_is_refused(client: TestClient, body: bytes) -> None:
    kind = {"content-type": "multipart/form-data; boundary=x"}
    answer = client.post("/search/by-image", content=body, headers=kind)
    assert answer.status_code in (400, 422)
    assert answer.json()["code"] in ("bad_input", "query_empty", "invalid_request")


def test_an_unknown_path_and_a_wrong_method_are_problems_too(client: TestClient) -> None:
    problem(client.get("/nowhere"), 404, "not_found")
    problem(client.delete("/search"), 405, "method_not_allowed")


def test_a_wrong_method_is_told_all_that_are_right(client: TestClient) -> None:
    def allowed(path: str) -> set[str]:
        answer = client.request("REPORT", path)
        problem(answer, 405, "method_not_allowed")
        return set(answer.headers["allow"].split(", "))

    assert allowed("/products") == {"GET", "HEAD", "POST"}
    assert allowed("/products/batch") == {"POST"}
    assert allowed("/products/a") == {"GET", "HEAD", "PUT", "PATCH", "DELETE"}
    assert client.head("/stats").status_code == client.get("/stats").status_code == 200


def test_a_product_lives_from_create_to_delete(client: TestClient) -> None:
    made = client.post("/products", json={"id": "x/1 ä", "name": "Thing"})
    assert (made.status_code, made.json()["name"]) == (201, "Thing")
    problem(client.post("/products", json={"id": "x/1 ä", "name": "Again"}), 409, "product_exists")
    assert client.put("/products/x/1 ä", json={"name": "Other"}).status_code == 200
    assert client.get("/products/x/1 ä").json()["name"] == "Other"
    problem(client.put("/products/x", json={"id": "y", "name": "a"}), 422, "invalid_request")
    assert [client.delete("/products/x/1 ä").status_code for _ in range(2)] == [204, 204]
    problem(client.get("/products/x/1 ä"), 404, "product_not_found")


def test_the_catalogue_is_browsed_page_by_page(client: TestClient) -> None:
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        page = client.get("/products?limit=2" + (f"&cursor={cursor}" if cursor else "")).json()
        seen += [product["id"] for product in page["products"]]
        cursor = page["next_cursor"]
    assert sorted(seen) == ["p0", "p1", "p2"]
    of_category = client.get("/products?category=mugs").json()["products"]
    assert {p["id"] for p in of_category} == {"p0", "p1"}
    problem(client.get("/products?cursor=nonsense"), 422, "invalid_request")
    problem(client.get("/products?limit=201"), 422, "invalid_request")


def test_health_stats_and_collections_agree(client: TestClient) -> None:
    health = client.get("/health").json()
    assert health["status"] == "healthy"
    assert health["model"].startswith("mini@")
    stats = client.get("/stats").json()
    assert (stats["products"], stats["images"]) == (3, 3)
    assert stats["by_category"] == {"mugs": 2, "chairs": 1}
    [collection] = client.get("/collections").json()["collections"]
    assert (collection["name"], collection["products"], collection["points"]) == ("products", 3, 6)


def test_embeddings_are_the_models_own_unit_vectors(client: TestClient) -> None:
    one = client.post("/embed", json={"text": "a red mug"}).json()
    both = client.post("/embed", json={"texts": ["a red mug", "a chair"]}).json()
    photo = client.post("/embed-image", files={"file": jpeg(1)}).json()
    assert one["embedding"] == both["embeddings"][0] != both["embeddings"][1]
    for vector in (one["embedding"], photo["embedding"]):
        assert len(vector) == one["dimension"] == photo["dimension"] == 512
        assert sum(x * x for x in vector) == pytest.approx(1, abs=1e-4)
    wrong: list[dict[str, Any]] = [{}, {"text": "a", "texts": ["b"]}, {"texts": ["a"] * 65}]
    for body in [*wrong, {"texts": []}]:
        problem(client.post("/embed", json=body), 422, "invalid_request")
    problem(client.post("/embed-image", files={"file": b"junk"}), 422, "image_unreadable")


def test_photos_are_served_and_nothing_else_of_the_bucket_is(client: TestClient) -> None:
    answer = client.get("http://shop/photos/images/p0.jpg")
    assert (answer.content, answer.headers["content-type"]) == (jpeg(0), "image/jpeg")
    again = client.get(
        "http://shop/photos/images/p0.jpg", headers={"if-none-match": answer.headers["etag"]}
    )
    assert again.status_code == 304
    for key in ("images/p0.json", "images/nobody.jpg", "../index/x.jpg", "images/..%2f..%2fa.jpg"):
        assert client.get(f"http://shop/photos/{key}").status_code == 404


def test_the_page_and_the_description_are_there(client: TestClient) -> None:
    page = client.get("http://shop/", headers={"accept": "text/html"})
    assert "<html" in page.text and "script-src 'self'" in page.headers["content-security-policy"]
    assert client.get("http://shop/").json()["service"] == "Likeness"
    described = client.get("http://shop/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    assert len(described["paths"]) == len({e.path for e in ENDPOINTS})


def test_a_bug_of_ours_is_a_500_that_says_nothing_of_our_inside(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    elsewhere = "https://my.shop"
    with open_shop(Settings(data_dir=tmp_path, cors_origins=(elsewhere,))) as shop:
        monkeypatch.setattr(type(shop.search), "answer", lambda *_: 1 / 0)
        quiet = TestClient(create_app(shop), raise_server_exceptions=False)
        asked = {"text_query": "a"}
        answer = quiet.post(API + "/search", json=asked, headers={"origin": elsewhere})
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal_error"
    assert "division" not in answer.text
    assert answer.headers["x-request-id"] == answer.json()["request_id"]
    assert answer.headers["access-control-allow-origin"] == elsewhere  # its page can read it
