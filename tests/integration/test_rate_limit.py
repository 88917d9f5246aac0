"""So many requests a client may make, and what the next one hears."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.setting_values import Rate
from core.settings import Settings
from core.stores.dynamodb_limits import DynamoLimiter
from core.stores.memory_limits import MemoryLimiter
from handlers.api import create_app
from handlers.compose import open_shop
from handlers.endpoint import API
from handlers.shop import Shop
from tests.aws import LocalAws
from tests.e2e.running import running_shop
from tests.tables import new_table

ADMIN, SEARCH = "an-admin-key-of-some-length", "a-search-key-of-some-length"
SLOW = Rate(3, 3600)


@contextmanager
def opened(folder: Path, **settings: Any) -> Iterator[Shop]:
    with open_shop(Settings(data_dir=folder, admin_keys=(ADMIN,), **settings)) as shop:
        yield shop


def at(shop: Shop, address: str = "203.0.113.7") -> TestClient:
    app = create_app(shop)
    return TestClient(app, base_url="http://shop" + API, client=(address, 50_000))


def statuses(client: TestClient, times: int, **headers: str) -> list[int]:
    return [client.get("/stats", headers=headers).status_code for _ in range(times)]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with opened(tmp_path, rate_limit=SLOW, cors_origins=("https://shop.example",)) as shop:
        yield shop


def test_one_too_many_is_told_when_to_come_again(shop: Shop) -> None:
    client = at(shop)
    left = [client.get("/stats").headers["ratelimit-remaining"] for _ in range(3)]
    assert left == ["2", "1", "0"]
    refused = client.get("/stats", headers={"origin": "https://shop.example"})
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["ratelimit-limit"] == "3"
    assert refused.headers["ratelimit-remaining"] == "0"
    assert 1190 < int(refused.headers["retry-after"]) <= 1200
    assert refused.headers["ratelimit-reset"] == refused.headers["retry-after"]
    exposed = refused.headers["access-control-expose-headers"]
    assert {"Retry-After", "RateLimit-Remaining"} <= set(exposed.split(", "))


def test_addresses_count_apart_and_so_do_keys(shop: Shop) -> None:
    assert statuses(at(shop), 4) == [200, 200, 200, 429]
    assert statuses(at(shop, "203.0.113.8"), 1) == [200]
    assert statuses(at(shop), 4, **{"x-api-key": ADMIN}) == [200, 200, 200, 429]
    assert statuses(at(shop, "203.0.113.9"), 1, authorization=f"Bearer {ADMIN}") == [429]


def test_nobody_gets_more_by_saying_they_are_another(shop: Shop) -> None:
    client = at(shop)
    assert statuses(client, 3) == [200, 200, 200]
    for said in (
        {"x-forwarded-for": "198.51.100.1"},
        {"forwarded": "for=198.51.100.1"},
        {"x-real-ip": "198.51.100.1"},
        {"x-api-key": "a-key-that-is-none-of-ours"},
    ):
        assert client.get("/stats", headers=said).status_code == 429, said


def from_client(shop: Shop, *said: str) -> int:
    """Of one who calls through proxies, the last of which has one address for all."""
    headers = [("x-forwarded-for", one) for one in said]
    return at(shop, "10.0.0.2").get("/stats", headers=headers).status_code


@pytest.fixture
def behind_two(tmp_path: Path) -> Iterator[Shop]:
    with opened(tmp_path, rate_limit=Rate(1, 3600), trusted_proxies=2) as shop:
        yield shop


def test_behind_proxies_a_client_is_who_the_outermost_says(behind_two: Shop) -> None:
    assert from_client(behind_two, "198.51.100.1, 10.0.0.1") == 200
    assert from_client(behind_two, "198.51.100.2, 10.0.0.1") == 200
    for same in (
        ("198.51.100.1, 10.0.0.9",),
        ("198.51.100.1", "10.0.0.1"),
        ("198.51.100.1:50123,10.0.0.1:80",),
    ):
        assert from_client(behind_two, *same) == 429, same
    assert from_client(behind_two, "2001:db8::1, 10.0.0.1") == 200
    assert from_client(behind_two, "[2001:db8::2]:443, 10.0.0.1") == 429
    assert from_client(behind_two, "[2001:db8::3], 10.0.0.1") == 429
    assert from_client(behind_two, "::ffff:198.51.100.3, 10.0.0.1") == 200
    assert from_client(behind_two, "::ffff:198.51.100.4, 10.0.0.1") == 200
    assert from_client(behind_two, "::ffff:198.51.100.1, 10.0.0.1") == 429


@pytest.mark.parametrize(
    "said",
    [
        ("203.0.113.1, 198.51.100.1, 10.0.0.1",),
        ("203.0.113.1", "198.51.100.1, 10.0.0.1"),
        ("127.0.0.1, ::1, 198.51.100.1, 10.0.0.1",),
        (",,,198.51.100.1,10.0.0.1",),
    ],
)
def test_what_callers_say_of_themselves_counts_for_nothing(
    behind_two: Shop, said: tuple[str, ...]
) -> None:
    assert from_client(behind_two, "198.51.100.1, 10.0.0.1") == 200
    assert from_client(behind_two, *said) == 429


@pytest.mark.parametrize("said", ["", "198.51.100.1", "unknown, 10.0.0.1", ", 10.0.0.1"])
def test_who_did_not_come_through_the_proxies_is_the_address_that_called(
    behind_two: Shop, said: str
) -> None:
    assert from_client(behind_two, said) == 200
    assert from_client(behind_two) == 429


def test_a_whole_network_of_version_6_is_one_client(shop: Shop) -> None:
    for number in range(3):
        assert statuses(at(shop, f"2001:db8::{number}:7"), 1) == [200]
    assert statuses(at(shop, "2001:db8::ffff"), 1) == [429]
    assert statuses(at(shop, "2001:db8:0:1::1"), 1) == [200]


def test_an_address_that_is_none_counts_all_the_same(shop: Shop) -> None:
    assert statuses(at(shop, "testclient"), 4) == [200, 200, 200, 429]


def test_health_and_photos_and_the_page_are_not_counted(shop: Shop) -> None:
    client = at(shop)
    assert {client.get("/health").status_code for _ in range(9)} == {200}
    assert {client.get("http://shop/").status_code for _ in range(9)} == {200}
    assert statuses(client, 1) == [200]


def test_without_a_limit_nobody_counts(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        assert shop.limiter is None
        answer = at(shop).get("/stats")
        assert "ratelimit-limit" not in answer.headers


def test_instances_count_together_where_they_share_a_table(aws: LocalAws, tmp_path: Path) -> None:
    table = new_table(aws)
    with ExitStack() as closing:
        shops = [
            closing.enter_context(
                opened(tmp_path / str(number), rate_limit=SLOW, cache_table=table)
            )
            for number in range(2)
        ]
        assert all(isinstance(shop.limiter, DynamoLimiter) for shop in shops)
        told = [statuses(at(shops[turn % 2]), 1)[0] for turn in range(4)]
    assert told == [200, 200, 200, 429]


def test_on_a_laptop_each_counts_for_itself(shop: Shop) -> None:
    assert isinstance(shop.limiter, MemoryLimiter)


def test_a_server_believes_nobody_about_where_they_come_from(tmp_path: Path) -> None:
    with running_shop(tmp_path, RATE_LIMIT="3/h") as running:
        told = [
            running.client.get("/stats", headers={"x-forwarded-for": f"198.51.100.{n}"})
            for n in range(4)
        ]
    assert [answer.status_code for answer in told] == [200, 200, 200, 429]
