"""The door for Event Grid: its handshakes, its key, and what it is answered."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from threading import Event
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.errors import BucketUnavailable
from core.indexing import Settled
from core.settings import Settings
from handlers.api import create_app
from handlers.compose import open_shop
from handlers.endpoint import API
from handlers.shop import Shop
from tests.blob_messages import CLOUD_EVENTS, EVENT_GRID, SCHEMAS, body, event, wrapped
from tests.photos import jpeg

KEY, NEXT_KEY, ADMIN = "event-grid-2027-a", "event-grid-2027-b", "an-admin-key-of-some-length"
DOOR = f"{API}/events/blob"
QUESTION = {
    "validationCode": "512d38b6-c7b8-40c8-89fe-f46f9e9622b6",
    "validationUrl": "https://rp-eastus2.eventgrid.azure.net:553/eventsubscriptions/x/validate",
}

in_both = pytest.mark.parametrize("schema", SCHEMAS)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("events"),
        event_keys=(KEY, NEXT_KEY),
        admin_keys=(ADMIN,),
    )
    with open_shop(settings) as shop:
        yield shop


@pytest.fixture
def client(shop: Shop) -> TestClient:
    return TestClient(create_app(shop), raise_server_exceptions=False)


def post(client: TestClient, schema: str, events: Sequence[Any], key: str = KEY) -> Any:
    kind = "application/json"
    if schema == CLOUD_EVENTS:
        kind = "application/cloudevents+json; charset=utf-8"
        if len(events) != 1:
            kind = "application/cloudevents-batch+json; charset=utf-8"
    headers = {"content-type": kind}
    return client.post(DOOR, params={"key": key}, content=body(schema, events), headers=headers)


@in_both
def test_photos_come_and_go(client: TestClient, shop: Shop, schema: str) -> None:
    key = "images/a b/ü+%41.jpg"
    shop.photos.put(key, jpeg(1), "image/jpeg")
    for _ in range(2):
        answer = post(client, schema, [event(schema, key)])
        assert (answer.status_code, answer.json()) == (200, {"events": 1, "products": 1})
        assert shop.index.get("a b") is not None
    shop.photos.delete(key)
    for kind in ("BlobDeleted", "BlobCreated"):  # late, and out of order
        assert post(client, schema, [event(schema, key, kind)]).status_code == 200
        assert shop.index.get("a b") is None


@in_both
def test_many_come_at_once(client: TestClient, shop: Shop, schema: str) -> None:
    keys = [f"images/many-{number}.jpg" for number in range(12)]
    for number, key in enumerate(keys):
        shop.photos.put(key, jpeg(number), "image/jpeg")
    events = [event(schema, key) for key in [*keys, *keys, "other/x.jpg"]]
    answer = post(client, schema, events)
    assert answer.json() == {"events": 25, "products": 12}
    assert all(shop.index.get(f"many-{number}") for number in range(12))


def test_event_grid_asks_whether_its_events_are_wanted(client: TestClient) -> None:
    question = wrapped(EVENT_GRID, "Microsoft.EventGrid.SubscriptionValidationEvent", "", QUESTION)
    answer = post(client, EVENT_GRID, [question])
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["validationResponse"] == QUESTION["validationCode"]


def test_so_it_does_with_cloudevents(client: TestClient) -> None:
    asks = {"WebHook-Request-Origin": "eventgrid.azure.net", "WebHook-Request-Rate": "120"}
    answer = client.options(DOOR, params={"key": KEY}, headers=asks)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["WebHook-Allowed-Origin"] == "eventgrid.azure.net"
    assert answer.headers["WebHook-Allowed-Rate"] == "*"
    answer = client.options(DOOR, params={"key": KEY})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


@pytest.mark.parametrize("key", [KEY, NEXT_KEY, ADMIN])
def test_whoever_has_a_key_is_heard(client: TestClient, key: str) -> None:
    assert post(client, EVENT_GRID, [], key).status_code == 200
    for name, value in {"X-API-Key": key, "Authorization": f"Bearer {key}"}.items():
        assert client.post(DOOR, content=b"[]", headers={name: value}).status_code == 200


def test_a_token_of_event_grids_own_is_no_hindrance(client: TestClient) -> None:
    headers = {"Authorization": "Bearer eyJhbGciOi.of.EntraID"}
    answer = client.post(DOOR, params={"key": KEY}, content=b"[]", headers=headers)
    assert answer.status_code == 200
    assert client.post(DOOR, content=b"[]", headers=headers).status_code == 403


@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
def test_nobody_else_is(client: TestClient, method: str, shop: Shop) -> None:
    asks = {"WebHook-Request-Origin": "eventgrid.azure.net"}
    question = wrapped(EVENT_GRID, "Microsoft.EventGrid.SubscriptionValidationEvent", "", QUESTION)
    for params, status in ({}, 401), ({"key": ""}, 401), ({"key": KEY[:-1]}, 403):
        answer = client.request(method, DOOR, params=params, headers=asks, json=[question])
        assert answer.status_code == status
        assert "512d38b6" not in answer.text
        assert "WebHook-Allowed-Origin" not in answer.headers


def test_a_key_for_events_opens_no_other_door(client: TestClient) -> None:
    for headers in ({}, {"X-API-Key": KEY}):
        answer = client.delete(f"{API}/products/x", params={"key": KEY}, headers=headers)
        assert answer.status_code in (401, 403)


@in_both
def test_what_never_will_succeed_is_not_sent_again(
    client: TestClient, shop: Shop, schema: str, caplog: pytest.LogCaptureFixture
) -> None:
    shop.photos.put("images/bad.jpg", b"no photo", "image/jpeg")
    answer = post(client, schema, [event(schema, "images/bad.jpg")])
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")
    assert "images/bad.jpg: This is not a JPEG" in answer.json()["detail"]
    assert "images/bad.jpg: This is not a JPEG" in caplog.text
    shop.photos.delete("images/bad.jpg")
    assert post(client, schema, [event(schema, "images/bad.jpg")]).status_code == 200


@in_both
def test_what_may_yet_succeed_is(
    client: TestClient, shop: Shop, schema: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.photos.put("images/bad.jpg", b"no photo", "image/jpeg")
    shop.photos.put("images/good.jpg", jpeg(2), "image/jpeg")
    real = shop.indexing.settle

    def settle(product_id: str) -> Settled:
        if product_id == "good":
            raise BucketUnavailable("The bucket is away.")
        return real(product_id)

    events = [event(schema, f"images/{name}.jpg") for name in ("bad", "good")]
    with monkeypatch.context() as patch:
        patch.setattr(shop.indexing, "settle", settle)
        answer = post(client, schema, events)
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert answer.headers["retry-after"]
    assert post(client, schema, events[1:]).status_code == 200
    shop.photos.delete("images/bad.jpg")


@pytest.mark.parametrize("junk", ["", "{", "7", "null", "[" * 100_000, '[{"eventType": 1}]', "[7]"])
def test_junk_is_not_sent_again(client: TestClient, junk: str) -> None:
    answer = client.post(DOOR, params={"key": KEY}, content=junk)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")


def test_a_request_is_bounded(client: TestClient) -> None:
    answer = client.post(DOOR, params={"key": KEY}, content=b" " * (2 * 1024 * 1024 + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def feed(*ids: str) -> bytes:
    return ("id,name\n" + "".join(f"{one},Name of {one}\n" for one in ids)).encode()


@in_both
def test_a_feed_is_taken_in(client: TestClient, shop: Shop, schema: str) -> None:
    shop.photos.put("feeds/small.csv", feed(f"row of {schema}"), "text/csv")
    told = [event(schema, "feeds/small.csv")]
    while (answer := post(client, schema, told)).status_code == 503:
        pass
    assert answer.status_code == 200
    assert shop.index.get(f"row of {schema}") is not None


@in_both
def test_a_feed_that_takes_long_goes_on_beside_the_requests(
    client: TestClient, shop: Shop, schema: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.photos.put("feeds/long.csv", feed("slow"), "text/csv")
    goes_on, real, looks = Event(), shop.feeds.settle, []

    def settle(key: str, going: Any) -> Settled:
        looks.append(key)
        assert goes_on.wait(30)
        return real(key, going)

    monkeypatch.setattr(shop.feeds, "settle", settle)
    told = [event(schema, "feeds/long.csv")]
    for _ in range(3):
        answer = post(client, schema, told)
        assert answer.status_code == 503 and "being taken in" in answer.json()["detail"]
    assert looks == ["feeds/long.csv"]
    goes_on.set()
    while post(client, schema, told).status_code == 503:
        pass
    assert shop.index.get("slow") is not None
    # Whoever joined a look that had begun already is told nothing of it: the last one looked anew.
    assert len(looks) >= 2


def test_a_feed_with_bad_rows_is_told(client: TestClient, shop: Shop) -> None:
    shop.photos.put("feeds/bad.csv", b"id,price\nx,cheap\n", "text/csv")
    told = [event(EVENT_GRID, "feeds/bad.csv")]
    while (answer := post(client, EVENT_GRID, told)).status_code == 503:
        pass
    assert answer.status_code == 400 and "feeds/bad.csv" in json.dumps(answer.json())
