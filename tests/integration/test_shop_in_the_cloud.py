"""The whole shop over a managed Qdrant and a shared table: what a shopper is told on their bad
days, and that a change is seen by everyone at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.settings import Settings
from handlers.api import create_app
from handlers.compose import open_shop
from handlers.endpoint import API
from handlers.problems import RETRY_AFTER_SECONDS
from tests.aws import LocalAws
from tests.e2e.running import eventually
from tests.fakes.qdrant_server import KEY, Fault, QdrantServer
from tests.fakes.troubled_aws import TROUBLES, line_to
from tests.integration.test_qdrant_cloud_faults import ONE_BAD_ANSWER
from tests.tables import new_table

BUDGET_SECONDS = Settings().request_budget_ms / 1000


@pytest.fixture(scope="module")
def qdrant() -> Iterator[QdrantServer]:
    with QdrantServer() as running:
        yield running


@contextmanager
def opened(
    qdrant: QdrantServer, folder: Path, at: LocalAws | None = None, table: str | None = None
) -> Iterator[TestClient]:
    """One instance of the shop; the table is at `at`."""
    with pytest.MonkeyPatch.context() as environment, ExitStack() as closing:
        for name, value in at.environment().items() if at is not None else ():
            environment.setenv(name, value)
        settings = Settings(
            data_dir=folder,
            qdrant_url=qdrant.url,
            qdrant_api_key=KEY,
            cache_table=table,
        )
        shop = closing.enter_context(open_shop(settings))
        yield TestClient(create_app(shop), base_url="http://shop" + API)


@pytest.fixture(scope="module")
def shop(qdrant: QdrantServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with opened(qdrant, tmp_path_factory.mktemp("shop")) as client:
        client.put("/products/mug", json={"name": "Red mug"}).raise_for_status()
        yield client


@pytest.fixture
def asked(shop: TestClient) -> Iterator[str]:
    """A question that no cache has the answer to."""
    yield f"red mug {time.perf_counter_ns()}"


def search(shop: TestClient, words: str) -> Any:
    return shop.post("/search", json={"text_query": words})


def works(shop: TestClient, words: str) -> bool:
    return bool(search(shop, words).status_code == 200)


def refused(shop: TestClient, words: str, status: int, code: str) -> None:
    began = time.monotonic()
    answer = search(shop, words)
    assert time.monotonic() - began < BUDGET_SECONDS
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    if status == 503:
        assert answer.headers["retry-after"] == str(RETRY_AFTER_SECONDS)


@pytest.mark.parametrize("fault", ONE_BAD_ANSWER.values(), ids=ONE_BAD_ANSWER)
def test_bad_answers_of_qdrant_are_a_503_in_time_and_pass(
    qdrant: QdrantServer, shop: TestClient, asked: str, fault: Fault
) -> None:
    qdrant.faults += [fault] * 20
    refused(shop, asked, 503, "index_unavailable")
    qdrant.faults.clear()
    eventually(lambda: works(shop, asked), 20)


def test_a_slow_qdrant_is_a_504_in_time_and_passes(
    qdrant: QdrantServer, shop: TestClient, asked: str
) -> None:
    qdrant.faults += [Fault(wait=30)] * 4
    refused(shop, asked, 504, "index_slow")
    qdrant.faults.clear()
    eventually(lambda: works(shop, asked), 20)


def test_a_qdrant_that_refuses_connections_is_a_503_in_time_and_passes(
    qdrant: QdrantServer, shop: TestClient, asked: str
) -> None:
    qdrant.stop()
    try:
        for _ in range(3):
            refused(shop, asked, 503, "index_unavailable")
    finally:
        qdrant.start()
    eventually(lambda: works(shop, asked), 20)


def test_a_table_in_any_trouble_is_no_trouble_of_the_shopper(
    qdrant: QdrantServer, aws: LocalAws, tmp_path: Path
) -> None:
    with (
        line_to(aws) as line,
        opened(qdrant, tmp_path, line.address, new_table(aws)) as shop,
    ):
        shop.put("/products/mug", json={"name": "Red mug"}).raise_for_status()
        for number, (name, trouble) in enumerate(TROUBLES.items()):
            line.trouble = trouble
            began = time.monotonic()
            answer = search(shop, f"mug {number}")
            assert (answer.status_code, answer.json()["results"] != []) == (200, True), name
            assert time.monotonic() - began < BUDGET_SECONDS, name


@pytest.mark.parametrize("server", ["aws_server", "dynalite_server"])
def test_what_one_instance_changed_the_next_search_of_another_sees(
    request: pytest.FixtureRequest, qdrant: QdrantServer, tmp_path: Path, server: str
) -> None:
    aws: LocalAws = request.getfixturevalue(server)
    table = new_table(aws)
    with (
        opened(qdrant, tmp_path / "one", aws, table) as one,
        opened(qdrant, tmp_path / "another", aws, table) as another,
    ):
        for writer, reader in ((one, another), (another, one)) * 3:
            for number in range(3):
                before = names(reader)
                assert search(reader, "teapot").json()["cache"] == "hit"
                name = f"Teapot {number} of {id(writer)} after {len(before)}"
                writer.put(f"/products/teapot-{number}", json={"name": name}).raise_for_status()
                assert names(reader) == {**before, f"teapot-{number}": name}
            writer.delete("/products/teapot-0").raise_for_status()
            assert "teapot-0" not in names(reader)


def names(shop: TestClient) -> dict[str, str]:
    hits = search(shop, "teapot").raise_for_status().json()["results"]
    return {hit["product_id"]: hit["name"] for hit in hits}
