"""A request ends within its budget whatever hangs, and nobody else has to wait with it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.settings import Settings
from handlers.api import create_app
from handlers.compose import open_shop
from handlers.endpoint import API
from tests.aws import LocalAws
from tests.aws_bucket import BUCKET, bucket_on
from tests.e2e.running import eventually
from tests.fakes.qdrant_server import KEY, Fault, QdrantServer
from tests.fakes.troubled_aws import hangs, line_to
from tests.tables import new_table

BUDGET_MS = 1500
MANY = 50
"""More than there are threads in which requests are worked."""
MUG = {"name": "Red mug"}


@contextmanager
def opened(folder: Path, **settings: Any) -> Iterator[TestClient]:
    budget = settings.pop("request_budget_ms", BUDGET_MS)
    with (
        open_shop(Settings(data_dir=folder, request_budget_ms=budget, **settings)) as shop,
        TestClient(create_app(shop), base_url="http://shop" + API) as client,
    ):
        yield client  # entered, it has one loop and its threads for all requests, as a server has


def search(shop: TestClient, words: str = "red mug") -> tuple[int, Any]:
    answer = shop.post("/search", json={"text_query": words})
    body = answer.json()
    return answer.status_code, body.get("cache", body.get("code"))


def test_a_table_that_hangs_leaves_time_for_the_answer(
    aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with line_to(aws) as line:
        for name, value in line.address.environment().items():
            monkeypatch.setenv(name, value)
        with opened(tmp_path, cache_table=new_table(aws), request_budget_ms=600) as shop:
            assert shop.put("/products/mug", json=MUG).status_code == 200
            line.trouble = hangs
            for number in range(5):
                assert search(shop, f"red mug {number}") == (200, "miss")
            assert shop.put("/products/mug", json=MUG).status_code == 200


@pytest.fixture
def deaf() -> Iterator[str]:
    """An address that takes every call and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=1000) as server:
        yield "http://{}:{}".format(*server.getsockname())


def test_a_bucket_that_hangs_ends_with_the_request_and_keeps_nobody_else(
    aws: LocalAws, tmp_path: Path, deaf: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket_on(aws)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", deaf)
    with opened(tmp_path, image_bucket=BUCKET) as shop, ThreadPoolExecutor(MANY) as callers:
        assert shop.put("/products/mug", json=MUG).status_code == 200
        uploads = [{"upload_id": "0" * 32}] * MANY
        answers = list(callers.map(lambda body: shop.post("/search", json=body), uploads))
        assert {(one.status_code, one.json()["code"]) for one in answers} == {(504, "out_of_time")}
        eventually(lambda: search(shop)[0] == 200, 5)
        down = shop.get("/health/detailed").json()
        assert down["status"] == "degraded"
        assert down["parts"]["bucket"]["status"] == "unhealthy"
        assert shop.get("/health").status_code == 200


@pytest.fixture
def qdrant() -> Iterator[QdrantServer]:
    with QdrantServer() as running:
        yield running


def at(qdrant: QdrantServer) -> dict[str, Any]:
    return {"qdrant_url": qdrant.url, "qdrant_api_key": KEY}


def test_a_qdrant_that_hangs_leaves_time_for_an_answer_that_is_out_of_date(
    qdrant: QdrantServer, tmp_path: Path
) -> None:
    with opened(tmp_path, **at(qdrant), stale_ttl=3600) as shop:
        shop.put("/products/mug", json=MUG).raise_for_status()
        assert [search(shop), search(shop)] == [(200, "miss"), (200, "hit")]
        shop.put("/products/cup", json={"name": "Red cup"}).raise_for_status()
        qdrant.faults += [Fault(wait=30)] * 20
        assert search(shop) == (200, "stale")
        assert search(shop, "never asked before") == (504, "index_slow")
        qdrant.faults.clear()
        eventually(lambda: search(shop) == (200, "miss"), 20)


@pytest.mark.parametrize(("stale_ttl", "told"), [(3600, (200, "stale")), (0, None)])
def test_a_qdrant_that_is_away_leaves_what_was_kept_as_long_as_it_may_be(
    qdrant: QdrantServer, tmp_path: Path, stale_ttl: int, told: tuple[int, str] | None
) -> None:
    with ExitStack() as closing:
        shop = closing.enter_context(opened(tmp_path, **at(qdrant), stale_ttl=stale_ttl))
        shop.put("/products/mug", json=MUG).raise_for_status()
        search(shop)
        shop.put("/products/mug", json=MUG).raise_for_status()
        qdrant.stop()
        assert search(shop) == (told or (503, "index_unavailable"))
        assert search(shop, "never asked before") == (503, "index_unavailable")
        for path in ("/health", "/health/detailed"):
            assert shop.get(path).status_code == 503
        assert shop.get("/health/detailed").json()["parts"]["index"]["status"] == "unhealthy"
        qdrant.start()
        eventually(lambda: search(shop) == (200, "miss"), 20)
        assert shop.get("/health").status_code == 200
