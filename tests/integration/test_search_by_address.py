"""Searching with a photo that is somewhere on the web."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from core.settings import Settings
from handlers.api import create_app
from handlers.compose import open_shop
from handlers.endpoint import API
from tests import certificates
from tests.integration.surrounded import Surrounded, surrounded
from tests.internet import NAME, answer, moved
from tests.photos import jpeg

pytestmark = pytest.mark.skipif(
    not certificates.CAN_BE_MADE, reason="openssl makes the certificate"
)


@pytest.fixture(scope="module")
def visited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Surrounded]:
    with surrounded(tmp_path_factory.mktemp("shop")) as shop:
        yield shop


@pytest.mark.parametrize("path", ["/search", "/search/by-text", "/search?limit=1"])
def test_a_photo_is_found_by_its_address(visited: Surrounded, path: str) -> None:
    visited.internet.safe.serve = answer(jpeg(1))
    found = visited.search(path)
    assert found.status_code == 200, found.text
    told = found.json()
    assert told["results"][0]["product_id"] == "p1"
    assert told["query_type"] == "image"
    assert told["timings"]["fetch_ms"] > 0


def test_with_words_it_is_hybrid(visited: Surrounded) -> None:
    visited.internet.safe.serve = answer(jpeg(2))
    told = visited.search(text_query="a thing", image_weight=0.9, top_k=1).json()
    assert (told["query_type"], told["results"][0]["product_id"]) == ("hybrid", "p2")


def test_of_the_oldest_clients_a_search_by_address_gives_what_they_read(
    visited: Surrounded,
) -> None:
    visited.internet.safe.serve = answer(jpeg(0))
    told = visited.search(top_k=2, category_filter=None, price_min=None, price_max=None).json()
    assert told["query_type"] == "image"
    assert told["top_k"] == told["total_results"] == 2
    assert told["execution_time_ms"] > 0
    assert told["results"][0].keys() >= {
        *("product_id", "name", "description", "image_url"),
        *("price", "category", "similarity_score"),
    }


@pytest.mark.parametrize("other", ["image_base64", "upload_id"])
def test_one_photo_at_a_time(visited: Surrounded, other: str) -> None:
    refused = visited.search(**{other: "0" * 32})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://127.0.0.1/a.jpg", "image_url_refused"),
        ("https://unknown.example/a.jpg", "image_url_refused"),
        ("http://photos.example/a.jpg", "image_url_refused"),
        ("no address at all", "image_url_refused"),
        (f"https://{NAME}/{'a' * 5000}", "invalid_request"),
    ],
)
def test_an_address_that_will_not_do_is_refused(visited: Surrounded, url: str, code: str) -> None:
    refused = visited.search(image_url=url)
    assert (refused.status_code, refused.json()["code"]) == (422, code)


def test_what_strangers_servers_do_is_told(visited: Surrounded) -> None:
    inside = moved(f"https://127.0.0.1:{visited.internet.inside_port}/")
    for serve, status, code in (
        (answer(b"", 404), 422, "image_url_failed"),
        (inside, 422, "image_url_refused"),
        (answer(b"<html>"), 422, "image_unreadable"),
        (answer(jpeg(0)[:500]), 422, "image_unreadable"),
        (answer(b"\xff\xd8\xff", length=10**9), 413, "image_too_large"),
    ):
        visited.internet.safe.serve = serve
        told = visited.search()
        assert (told.status_code, told.json()["code"]) == (status, code)
    assert visited.internet.visits_inside == 0


def test_slow_strangers_keep_nobody_else_waiting(visited: Surrounded) -> None:
    """More of them than there are threads to answer in."""
    over = threading.Event()
    visited.internet.safe.serve = lambda *_: over.wait(20)
    codes: list[str] = []

    def wait() -> None:
        codes.append(visited.search().json()["code"])

    waiting = [threading.Thread(target=wait) for _ in range(40)]
    visits = visited.internet.safe.visits
    with visited.client:  # one loop, and so one set of threads, for all
        for one in waiting:
            one.start()
        visited.internet.wait_for(lambda: visited.internet.safe.visits >= visits + 8)
        words = visited.client.post("/search", json={"text_query": "a thing"})
        assert words.status_code == 200
        assert codes == []
        for one in waiting:
            one.join()
    over.set()
    assert len(codes) == 40
    assert set(codes) <= {"image_url_failed", "out_of_time"}


def test_the_shop_itself_goes_to_public_addresses_alone(tmp_path: Path) -> None:
    with open_shop(Settings(data_dir=tmp_path)) as shop:
        client = TestClient(create_app(shop), base_url="http://shop" + API)
        for url in ("https://127.0.0.1/a.jpg", "https://localhost/", "http://8.8.8.8/a.jpg"):
            refused = client.post("/search", json={"image_url": url})
            assert (refused.status_code, refused.json()["code"]) == (422, "image_url_refused")
