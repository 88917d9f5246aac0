"""Webhooks as the contract has them: who is let in, and what each event does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from core.settings import Settings
from handlers.bodies import MAX_PRODUCT_BYTES
from handlers.compose import open_shop
from handlers.shop import Shop
from tests.integration.back_office import LAMP, NEXT_SECRET, client_of, name_of, send


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(Settings(data_dir=tmp_path_factory.mktemp("webhooks"))) as shop:
        yield shop


@pytest.fixture
def client(shop: Shop) -> TestClient:
    shop.indexing.remove_product("lamp")
    return client_of(shop)


def refused(answer: Any, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_products_come_change_and_go(client: TestClient) -> None:
    made = send(client, x_webhook_id="made-1")
    assert made.status_code == 202, made.text
    assert made.json() == {"status": "accepted", "event_id": "made-1"}
    assert name_of(client) == "Brass lamp"
    assert send(client, "product.updated", LAMP | {"name": "Lamp"}).status_code == 202
    assert name_of(client) == "Lamp"
    assert send(client, "product.deleted", {"id": "lamp"}).status_code == 202
    assert name_of(client) is None
    assert send(client, "product.deleted", {"id": "lamp"}).status_code == 202


def test_an_older_client_says_title(client: TestClient) -> None:
    assert send(client, data={"id": "lamp", "title": "A lamp"}).status_code == 202
    assert name_of(client) == "A lamp"


def test_a_repeat_is_a_duplicate_and_changes_nothing(client: TestClient) -> None:
    assert send(client, x_webhook_id="twice").status_code == 202
    again = send(client, "product.deleted", {"id": "lamp"}, x_webhook_id="twice")
    assert (again.status_code, again.json()) == (200, {"status": "duplicate", "event_id": "twice"})
    assert name_of(client) == "Brass lamp"


def test_a_replay_of_the_very_request_is_a_duplicate(client: TestClient) -> None:
    sent = send(client)
    again = client.send(sent.request)
    assert (sent.status_code, again.status_code) == (202, 200)


def test_sources_do_not_share_their_ids(client: TestClient) -> None:
    assert send(client, x_webhook_id="mine").status_code == 202
    theirs = send(client, source="erp", secret="the-secret-of-the-erp", x_webhook_id="mine")
    assert theirs.status_code == 202


def test_two_secrets_are_good_while_they_are_changed(client: TestClient) -> None:
    assert send(client, secret=NEXT_SECRET).status_code == 202


@pytest.mark.parametrize(
    "wrong",
    [
        {"off": -310},
        {"off": 310},
        {"secret": "the-secret-of-the-erp"},
        {"x_webhook_signature": ""},
        {"x_webhook_signature": "sha256=" + "0" * 64},
        {"x_webhook_timestamp": "yesterday"},
        {"x_webhook_timestamp": ""},
    ],
    ids=["stale", "future", "another's secret", "none", "wrong", "no time", "time missing"],
)
def test_what_is_not_signed_just_now_is_refused(client: TestClient, wrong: dict[str, Any]) -> None:
    event_id = uuid4().hex
    refused(send(client, **wrong, x_webhook_id=event_id), 401, "signature_refused")
    assert name_of(client) is None
    assert send(client, x_webhook_id=event_id).status_code == 202


@pytest.mark.parametrize("off", [-290, 290])
def test_a_clock_may_be_off_by_nearly_300_seconds(client: TestClient, off: int) -> None:
    assert send(client, off=off).status_code == 202


def test_an_unknown_source(client: TestClient) -> None:
    refused(send(client, source="nobody"), 404, "source_unknown")


def test_an_unknown_event(client: TestClient) -> None:
    answer = send(client, "product.sold")
    refused(answer, 422, "invalid_request")
    assert [problem["field"] for problem in answer.json()["errors"]] == ["event"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"\xff", b"{}", b'{"event": "product.created"}']
)
def test_a_bad_body(client: TestClient, body: bytes) -> None:
    refused(send(client, body=body), 422, "invalid_request")


@pytest.mark.parametrize(
    ("event", "data"),
    [
        ("product.created", {"id": "lamp"}),
        ("product.updated", LAMP | {"price": -1}),
        ("product.deleted", {}),
        ("product.deleted", {"id": 7}),
        ("product.deleted", []),
        ("product.image.updated", {"id": "lamp"}),
    ],
)
def test_a_product_that_is_none(client: TestClient, event: str, data: Any) -> None:
    refused(send(client, event, data), 422, "invalid_request")


@pytest.mark.parametrize("event_id", ["", "x" * 201])
def test_an_event_needs_an_id(client: TestClient, event_id: str) -> None:
    answer = send(client, x_webhook_id=event_id)
    refused(answer, 422, "invalid_request")
    assert [problem["field"] for problem in answer.json()["errors"]] == ["X-Webhook-Id"]


def test_one_that_is_too_large(client: TestClient) -> None:
    refused(send(client, body=b" " * (MAX_PRODUCT_BYTES + 1)), 413, "body_too_large")


def test_an_event_that_failed_is_worked_when_it_comes_again(client: TestClient) -> None:
    photo = {"id": "lamp", "image_url": "https://127.0.0.1/lamp.jpg"}
    early = send(client, "product.image.updated", photo, x_webhook_id="early")
    refused(early, 404, "product_not_found")
    made = send(client, data=LAMP | photo, x_webhook_id="again")
    refused(made, 422, "image_url_refused")
    assert send(client, x_webhook_id="again").status_code == 202
    assert send(client, x_webhook_id="again").status_code == 200


def test_the_test_door_is_closed(client: TestClient) -> None:
    closed = client.post("/webhooks/test", json={"event": "product.created", "data": LAMP})
    refused(closed, 404, "not_found")
    assert name_of(client) is None


def test_the_test_door_is_open_to_admins(client: TestClient, shop: Shop) -> None:
    key = "an-admin-key-of-some-length"
    opened = client_of(shop, allow_test_webhook=True, admin_keys=(key,))
    told = {"event": "product.created", "data": LAMP}
    refused(opened.post("/webhooks/test", json=told), 401, "key_missing")
    headers = {"x-api-key": key}
    first = opened.post("/webhooks/test", json=told, headers=headers)
    assert (first.status_code, first.json()["status"]) == (202, "accepted")
    assert name_of(client) == "Brass lamp"
    assert opened.post("/webhooks/test", json=told, headers=headers).status_code == 202
    headers["x-webhook-id"] = "of-the-test"
    answers = [opened.post("/webhooks/test", json=told, headers=headers) for _ in range(2)]
    assert [one.status_code for one in answers] == [202, 200]


def test_health(client: TestClient) -> None:
    assert client.get("/webhooks/health").json() == {"status": "healthy", "sources": 2}
