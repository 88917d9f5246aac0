"""Several callers who change one product at once: none of their words is lost."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import permutations
from threading import Barrier
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.settings import Settings
from handlers.api import create_app
from handlers.compose import open_shop
from handlers.endpoint import API
from handlers.shop import Shop
from tests.photos import jpeg

LAMP = {"id": "lamp", "name": "Lamp"}
Reply = tuple[int, Any]
Call = tuple[str, str, dict[str, Any] | None]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(Settings(data_dir=tmp_path_factory.mktemp("shop"))) as shop:
        yield shop


@pytest.fixture(scope="module")
def client(shop: Shop) -> TestClient:
    return TestClient(create_app(shop), base_url="http://shop" + API)


def at_once(*works: Callable[[], Any]) -> list[Any]:
    start = Barrier(len(works))

    def begun(work: Callable[[], Any]) -> Any:
        start.wait(10)
        return work()

    with ThreadPoolExecutor(len(works)) as threads:
        futures: list[Future[Any]] = [threads.submit(begun, work) for work in works]
        return [future.result() for future in futures]


def call(client: TestClient, method: str, path: str, body: Any = None) -> Reply:
    answer = client.request(method, path, json=body)
    return answer.status_code, answer.json() if answer.content else None


def calls(client: TestClient, *several: Call) -> list[Reply]:
    return at_once(*(partial(call, client, *one) for one in several))


def test_two_changes_of_one_product_both_count(client: TestClient) -> None:
    for number in range(1, 21):
        client.put("/products/lamp", json=LAMP)
        cheaper = ("PATCH", "/products/lamp", {"price": number})
        moved = ("PATCH", "/products/lamp", {"category": f"lamps {number}"})
        assert [status for status, _ in calls(client, cheaper, moved)] == [200, 200]
        lamp = client.get("/products/lamp").json()
        assert (lamp["price"], lamp["category"]) == (number, f"lamps {number}")


def test_of_several_who_add_one_product_one_does(client: TestClient) -> None:
    for _ in range(10):
        client.delete("/products/lamp")
        added = calls(client, *[("POST", "/products", LAMP | {"price": n}) for n in range(4)])
        assert sorted(status for status, _ in added) == [201, 409, 409, 409]
        [winner] = [body for status, body in added if status == 201]
        assert client.get("/products/lamp").json() == winner


def test_of_several_batches_one_says_that_a_product_is_new(client: TestClient) -> None:
    for _ in range(10):
        client.delete("/products/lamp")
        batch: Call = ("POST", "/products/batch", {"products": [LAMP]})
        told = [body["results"][0]["status"] for _, body in calls(client, batch, batch, batch)]
        assert sorted(told) == [200, 200, 201]


def test_a_photo_that_is_indexed_takes_back_nothing_that_is_told(
    client: TestClient, shop: Shop
) -> None:
    for number in range(10):
        client.delete("/products/lamp")
        shop.photos.put("images/lamp.jpg", jpeg(number), "image/jpeg")
        told = partial(call, client, "PUT", "/products/lamp", LAMP | {"price": number})
        at_once(told, partial(shop.indexing.settle, "lamp"))
        shop.indexing.settle("lamp")
        lamp = client.get("/products/lamp").json()
        assert (lamp["name"], lamp["price"], len(lamp["image_urls"])) == ("Lamp", number, 1)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_comes_at_once_could_have_come_one_after_another(
    client: TestClient, seed: int
) -> None:
    drawn = random.Random(seed)
    for round_ in range(20):
        client.delete("/products/lamp")
        before = call(client, "PUT", "/products/lamp", LAMP)[1] if drawn.random() < 0.7 else None
        several = [_drawn(drawn, 10 * round_ + number) for number in range(3)]
        replies = calls(client, *several)
        status, after = call(client, "GET", "/products/lamp")
        after = after if status == 200 else None
        assert any(
            _one_after_another(before, order) == after
            for order in permutations(zip(several, replies, strict=True))
        ), (before, several, replies, after)


def _drawn(drawn: random.Random, number: int) -> Call:
    several: list[Call] = [
        ("PATCH", "/products/lamp", {"price": number}),
        ("PATCH", "/products/lamp", {"category": f"{number}"}),
        ("PATCH", "/products/lamp", {"attributes": {f"a{number}": number}}),
        ("PUT", "/products/lamp", LAMP | {"name": f"Lamp {number}"}),
        ("POST", "/products", LAMP | {"description": f"the {number}th"}),
        ("DELETE", "/products/lamp", None),
        ("GET", "/products/lamp", None),
    ]
    return drawn.choice(several)


_IMPOSSIBLE = "no such order"
_BARE: dict[str, Any] = {
    "external_id": None,
    "description": "",
    "category": None,
    "price": None,
    "currency": None,
    "attributes": {},
    "in_stock": True,
    "image_url": None,
    "image_urls": [],
}


def _one_after_another(state: Any, order: tuple[tuple[Call, Reply], ...]) -> Any:
    """The product as it is after these calls, if each was answered as it should be then."""
    for (method, _, body), reply in order:
        expected, state = _alone(state, method, body or {})
        if reply[0] != expected or (expected in (200, 201) and reply[1] != state):
            return _IMPOSSIBLE
    return state


def _alone(state: Any, method: str, body: dict[str, Any]) -> tuple[int, Any]:
    if method == "DELETE":
        return 204, None
    if method == "PUT":
        return 200, _BARE | body
    if method == "POST":
        return (201, _BARE | body) if state is None else (409, state)
    if state is None:
        return 404, None
    attributes = state["attributes"] | body.get("attributes", {})
    return 200, state | body | {"attributes": attributes}
