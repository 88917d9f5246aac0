"""The Lambda door for HTTP, given API Gateway's events, over the real embedded parts."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any
from urllib.parse import quote

import pytest

from handlers.aws_gateway import MOST_CARRIED
from tests.functions import initialised
from tests.gateway import PINGS, REQUEST_ID, Answer, Context, event, form
from tests.photos import jpeg

ADMIN = "an-admin-key-of-some-length"
API = "/api/v1"
TRACE = "Root=1-5e6722a7-cc56xmpl46db7ae02d4da47e;Sampled=1"
ORIGIN = "https://shop.example"
Ask = Callable[..., Answer]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The function, initialised once as Lambda does it: by importing its module."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DATA_DIR", str(tmp_path_factory.mktemp("shop")))
        environment.setenv("ADMIN_KEYS", ADMIN)
        environment.setenv("CORS_ORIGINS", ORIGIN)
        environment.setenv("_X_AMZN_TRACE_ID", TRACE)
        with initialised("handlers.aws_http") as door:
            for number, name in enumerate(["Red mug", "Blue mug", "Oak chair"]):
                made = tell(door, "PUT", f"/products/p{number}", {"name": name})
                assert made.status == 200, made
                door._shop.photos.put(f"images/p{number}.jpg", jpeg(number), "image/jpeg")
                door._shop.indexing.settle(f"p{number}")
            yield door


@pytest.fixture
def ask(door: ModuleType) -> Ask:
    def ask(method: str, path: str, *about: Any, seconds: float = 30, **more: Any) -> Answer:
        return Answer.of(door.handler(event(method, path, *about, **more), Context(seconds)))

    return ask


def tell(door: ModuleType, method: str, path: str, body: Any, key: str = ADMIN) -> Answer:
    asked = event(method, API + path, json.dumps(body).encode(), "application/json")
    asked["headers"]["x-api-key"] = key
    return Answer.of(door.handler(asked, Context()))


def ids(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.body
    return [hit["product_id"] for hit in answer.json()["results"]]


def problem(answer: Answer, status: int, code: str) -> dict[str, Any]:
    told = answer.json()
    assert (answer.status, told["code"]) == (status, code), told
    assert answer.headers["content-type"] == "application/problem+json"
    assert told["request_id"] == answer.headers["x-request-id"] == REQUEST_ID
    return dict(told)


def test_words_find_products(ask: Ask) -> None:
    body = json.dumps({"text_query": "red mug"}).encode()
    answer = ask("POST", API + "/search?limit=2", body, "application/json")
    assert ids(answer)[0] == "p0"
    assert len(ids(answer)) == 2
    assert answer.headers["content-type"] == "application/json"


def test_a_photo_finds_its_like_through_a_form(ask: Ask) -> None:
    assert ids(ask("POST", API + "/search/by-image", *form(jpeg(1))))[0] == "p1"


def test_a_photo_finds_its_like_by_its_bare_bytes(ask: Ask) -> None:
    assert ids(ask("POST", API + "/search/by-image?limit=1", jpeg(2), "image/jpeg")) == ["p2"]


def test_a_photo_comes_back_byte_by_byte(ask: Ask) -> None:
    answer = ask("GET", "/photos/images/p0.jpg")
    assert (answer.status, answer.body) == (200, jpeg(0))
    assert answer.headers["content-type"] == "image/jpeg"
    again = ask("GET", "/photos/images/p0.jpg", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status, again.body) == (304, b"")


def test_the_page_is_served(ask: Ask) -> None:
    page = ask("GET", "/", headers={"Accept": "text/html"}, cookies=("a=b", "c=d"))
    assert b"<html" in page.body


@pytest.mark.parametrize("body", ["abcde", "!!!!", "ключ"])
def test_base64_that_is_none_is_no_photo(door: ModuleType, body: str) -> None:
    asked = event("POST", API + "/search/by-image", jpeg(1), "image/jpeg")
    answer = Answer.of(door.handler(asked | {"body": body}, Context()))
    assert answer.json()["code"] in ("image_unreadable", "query_empty")
    assert answer.status == 422


def test_unknown_paths_and_wrong_methods_are_problems(ask: Ask) -> None:
    problem(ask("GET", "/nowhere"), 404, "not_found")
    problem(ask("DELETE", API + "/search"), 405, "method_not_allowed")


def test_a_head_says_what_a_get_would(ask: Ask) -> None:
    got, head = ask("GET", API + "/health"), ask("HEAD", API + "/health")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"]


def test_a_browser_elsewhere_may_ask_first(ask: Ask) -> None:
    asks = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
    allowed = ask("OPTIONS", API + "/search", headers=asks)
    assert (allowed.status, allowed.headers["access-control-allow-origin"]) == (200, ORIGIN)
    refused = ask(
        "OPTIONS", API + "/search", headers=asks | {"Origin": "https://elsewhere.example"}
    )
    assert refused.status == 400


@pytest.mark.parametrize(
    "product_id", ["50% off", "%41", "%2e%2e", "a+b", "a&b=c", "кружка 🫖", "with/slash", "a;b"]
)
def test_any_id_is_found_by_its_path(door: ModuleType, product_id: str) -> None:
    path = "/products/" + quote(product_id)
    assert tell(door, "PUT", path, {"id": product_id, "name": "Odd"}).status == 200
    told = Answer.of(door.handler(event("GET", API + path), Context()))
    assert told.json()["id"] == product_id
    assert tell(door, "DELETE", path, {}).status == 204


def test_writing_needs_a_key(door: ModuleType, ask: Ask) -> None:
    body = json.dumps({"id": "x", "name": "X"}).encode()
    problem(ask("POST", API + "/products", body, "application/json"), 401, "key_missing")
    refused = tell(door, "POST", "/products", {"id": "x", "name": "X"}, key="no-key-of-ours-at-all")
    problem(refused, 403, "key_refused")


@pytest.mark.parametrize("ping", PINGS)
def test_a_ping_is_answered_and_is_no_request(door: ModuleType, ping: dict[str, Any]) -> None:
    before = door._shop.search.tally.queries
    assert door.handler(ping, Context()) == {}
    assert door._shop.search.tally.queries == before


def test_events_of_the_bucket_are_not_dropped_here(door: ModuleType) -> None:
    with pytest.raises(ValueError, match="aws_index"):
        door.handler({"Records": [{"eventSource": "aws:sqs", "body": "{}"}]}, Context())


def test_the_largest_request_that_is_carried_is_read(ask: Ask) -> None:
    most = MOST_CARRIED // 4 * 3
    photo = jpeg(1) + bytes(most - len(jpeg(1)))
    assert ids(ask("POST", API + "/search/by-image?limit=1", photo, "image/jpeg")) == ["p1"]


@pytest.mark.parametrize("path", ["/search/by-image", "/search"])
def test_a_larger_one_is_refused_and_says_what_to_do(ask: Ask, path: str) -> None:
    body = bytes(4_500_000) if path != "/search" else b'{"image_base64": "%s"}' % (b"A" * 5_900_000)
    kind = "image/jpeg" if path != "/search" else "application/json"
    answer = ask("POST", API + path, body, kind, headers={"Origin": ORIGIN})
    told = problem(answer, 413, "body_too_large")
    assert "4.4 MB" in told["detail"]
    assert answer.headers["access-control-allow-origin"] == ORIGIN


def test_an_answer_too_large_is_refused_and_says_what_to_do(door: ModuleType, ask: Ask) -> None:
    long = {"name": "Teapot", "description": "🫖" * 10_000, "category": "long"}  # 120 KB as JSON
    names = [f"long/{number}" for number in range(50)]
    for name in names:
        assert tell(door, "PUT", f"/products/{name}", long).status == 200
    answer = ask("GET", API + "/products?category=long&limit=50", headers={"Origin": ORIGIN})
    assert "ask for less" in problem(answer, 422, "answer_too_large")["detail"]
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    less = ask("GET", API + "/products?category=long&limit=45").json()
    assert len(less["products"]) == 45
    for name in names:
        assert tell(door, "DELETE", f"/products/{name}", {}).status == 204


def test_a_function_that_is_about_to_end_says_so_itself(ask: Ask) -> None:
    body = json.dumps({"text_query": "a mug that nobody has asked for"}).encode()
    answer = ask("POST", API + "/search", body, "application/json", seconds=0.5)
    problem(answer, 504, "out_of_time")


def test_a_search_is_counted_and_timed(
    door: ModuleType, ask: Ask, capfd: pytest.CaptureFixture[str]
) -> None:
    body = json.dumps({"text_query": "something nobody has counted"}).encode()
    for _ in range(2):
        ask("POST", API + "/search", body, "application/json")
    ask("GET", API + "/health")
    told = [line for line in map(json.loads, capfd.readouterr().out.splitlines()) if "_aws" in line]
    first, again = told
    assert first["Collection"] == "products"
    assert (first["Searches"], first["CacheHits"]) == ([1], [0])
    assert (again["Searches"], again["CacheHits"]) == ([1], [1])
    [embedding], [searching] = first["EmbedMs"], first["SearchMs"]
    assert embedding > 0 and searching > 0
    assert "EmbedMs" not in again
    [directive] = first["_aws"]["CloudWatchMetrics"]
    assert directive["Dimensions"] == [["Collection"]]
    assert {"Name": "SearchMs", "Unit": "Milliseconds"} in directive["Metrics"]


def test_a_line_tells_of_each_request_and_nothing_of_what_was_looked_for(
    ask: Ask, capfd: pytest.CaptureFixture[str]
) -> None:
    body = json.dumps({"text_query": "a private wish"}).encode()
    secret = {"X-Api-Key": "a-key-nobody-shall-see", "Cookie": "session=private"}
    ask("POST", API + "/search?limit=3", body, "application/json", headers=secret)
    said = capfd.readouterr().out
    [line] = [told for told in map(json.loads, said.splitlines()) if "request_id" in told]
    assert line["request_id"] == REQUEST_ID
    assert line["trace_id"] == TRACE
    assert (line["method"], line["path"], line["status"]) == ("POST", API + "/search", 200)
    assert line["ms"] > 0
    assert line["searches"][0]["cache"] == "miss"
    for private in ("private", "a-key-nobody", "limit=3", "205.255"):
        assert private not in said


@pytest.mark.parametrize("taken", ["identity", "gzip"])
def test_the_largest_file_of_the_reference_goes_through(ask: Ask, taken: str) -> None:
    answer = ask(
        "GET",
        "/reference/swagger-ui-dist/swagger-ui-bundle.js",
        headers={"accept-encoding": taken},
    )
    assert answer.status == 200
    assert answer.headers.get("content-encoding", "identity") == taken
    script = gzip.decompress(answer.body) if taken == "gzip" else answer.body
    assert len(script) > 1_000_000 and b"SwaggerUIBundle" in script
