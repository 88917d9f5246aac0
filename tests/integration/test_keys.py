"""Who may do what: every route is walked, so that a new one can't be forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from core.settings import Settings
from handlers.api import ENDPOINTS, create_app
from handlers.compose import open_shop
from handlers.endpoint import API, Key
from tests.photos import jpeg

ADMIN = "an-admin-key-of-some-length"
OTHER_ADMIN = "another-admin-key-entirely"
SEARCH = "a-search-key-of-some-length"
EVENTS = "a-key-for-events-of-some-length"
SOURCE = ("back-office", "a-secret-of-some-length")
SEARCHES = {"/search", "/search/by-text", "/search/by-image", "/search-image", "/search/batch"}
"""What is no GET and yet writes nothing."""
UPLOADS = "/uploads"
"""For a search; for a product it asks for the admin key itself."""


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("locked"),
        admin_keys=(OTHER_ADMIN, ADMIN),
        search_keys=(SEARCH,),
        webhook_secrets=(SOURCE,),
        event_keys=(EVENTS,),
    )
    with open_shop(settings) as shop:
        shop.photos.put("images/seen.jpg", jpeg(0), "image/jpeg")
        yield TestClient(create_app(shop), base_url="http://shop" + API)


def refused(answer: Any, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda e: f"{e.method} {e.path}")
def test_every_endpoint_asks_for_its_key(locked: TestClient, endpoint: Any) -> None:
    path = endpoint.path.replace("{product_id:path}", "p0").replace("{source}", SOURCE[0])

    def status(**headers: str) -> int:
        return locked.request(endpoint.method, path, json={}, headers=headers).status_code

    if endpoint.key is Key.NONE:
        assert status() == 200
        return
    if endpoint.key is Key.SIGNATURE:
        for headers in ({}, {"x-api-key": ADMIN}):
            answer = locked.request(endpoint.method, path, json={}, headers=headers)
            refused(answer, 401, "signature_refused")
        return
    refused(locked.request(endpoint.method, path), 401, "key_missing")
    refused(locked.request(endpoint.method, path, headers={"x-api-key": "no"}), 403, "key_refused")
    for key in (ADMIN, OTHER_ADMIN):
        assert status(**{"x-api-key": key}) not in (401, 403)
        assert status(authorization=f"Bearer {key}") not in (401, 403)
    in_address = locked.request(endpoint.method, path, params={"key": EVENTS}, json={})
    assert (in_address.status_code in (401, 403)) is (endpoint.key is not Key.EVENTS)
    if endpoint.key is Key.SEARCH:
        assert status(**{"x-api-key": SEARCH}) not in (401, 403)
    else:
        assert status(**{"x-api-key": SEARCH}) == 403


def test_every_route_that_writes_is_refused_to_who_has_no_key(locked: TestClient) -> None:
    """Of the application as it is, whether or not a route came from the endpoints' table."""
    assert isinstance(locked.app, Starlette)
    writing: set[tuple[str, str]] = set()
    for route in locked.app.routes:
        if isinstance(route, Mount):
            assert locked.post(f"http://shop{route.path}/x").status_code == 405
            continue
        assert isinstance(route, Route)
        for method in (route.methods or set()) - {"GET", "HEAD"}:
            path = route.path.replace("{product_id:path}", "p0").replace("{key:path}", "x")
            path = path.replace("{source}", SOURCE[0])
            for headers in ({}, {"x-api-key": "no"}, {"x-api-key": SEARCH}):
                answer = locked.request(method, "http://shop" + path, headers=headers)
                searches = SEARCH in headers.values() and route.path.removeprefix(API) in (
                    SEARCHES | {UPLOADS}
                )
                assert (answer.status_code in (401, 403)) != searches, (method, path, headers)
            writing.add((method, path.removeprefix(API)))
    assert ("PUT", "/products/p0") in writing and ("POST", "/products/batch") in writing


def test_whatever_writes_needs_the_admin_key_one_for_events_or_a_signature() -> None:
    for endpoint in ENDPOINTS:
        if endpoint.method != "GET" and endpoint.path not in SEARCHES | {UPLOADS}:
            assert endpoint.key in (Key.ADMIN, Key.EVENTS, Key.SIGNATURE), endpoint.path


def test_a_photo_of_a_product_is_put_up_with_the_admin_key_alone(locked: TestClient) -> None:
    asked = {"purpose": "product", "product_id": "p0"}
    refused(locked.post(UPLOADS, json=asked, headers={"x-api-key": SEARCH}), 403, "key_refused")
    assert locked.post(UPLOADS, json=asked, headers={"x-api-key": ADMIN}).status_code == 201


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/page/page.js", "/page/index.html", "/photos/images/seen.jpg"]
)
def test_what_a_browser_shows_says_what_it_may_do(locked: TestClient, path: str) -> None:
    answer = locked.get(f"http://shop{path}", headers={"accept": "text/html"})
    assert answer.status_code == 200
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
