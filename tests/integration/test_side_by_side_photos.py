"""Products that are changed by some while the photos of others are still being fetched."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any

import pytest

from tests import certificates
from tests.integration.back_office import client_of, send
from tests.integration.surrounded import Surrounded, surrounded
from tests.internet import answer
from tests.photos import jpeg

pytestmark = pytest.mark.skipif(
    not certificates.CAN_BE_MADE, reason="openssl makes the certificate"
)


@pytest.fixture(scope="module")
def around(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Surrounded]:
    with surrounded(tmp_path_factory.mktemp("around")) as around:
        yield around


@pytest.fixture(autouse=True)
def lamp(around: Surrounded) -> None:
    around.client.delete("/products/lamp")
    around.client.put("/products/lamp", json={"name": "Lamp", "price": 1})


@contextmanager
def while_fetching(around: Surrounded, work: Callable[[], Any]) -> Iterator[Future[Any]]:
    """The block runs while the work waits for the photo `/slow.jpg`."""
    asked, go_on = Event(), Event()

    def slow(sock: socket.socket, head: str) -> None:
        if head.split()[1] == "/slow.jpg":
            asked.set()
            go_on.wait(10)
        answer(jpeg(33))(sock, head)

    around.internet.safe.serve = slow
    with ThreadPoolExecutor(1) as threads:
        begun = threads.submit(work)
        assert asked.wait(10)
        try:
            yield begun
        finally:
            go_on.set()


def slow(around: Surrounded) -> dict[str, Any]:
    return {"image_url": around.internet.url("/slow.jpg")}


def test_who_changes_a_product_waits_for_no_photo_of_it_and_is_not_undone(
    around: Surrounded,
) -> None:
    client = around.client
    told = slow(around) | {"category": "lamps"}
    with while_fetching(around, lambda: client.patch("/products/lamp", json=told)) as photo:
        assert client.patch("/products/lamp", json={"price": 2}).status_code == 200
        assert not photo.done()
    lamp = photo.result().json()
    assert (lamp["price"], lamp["category"], len(lamp["image_urls"])) == (2, "lamps", 1)
    assert client.get("/products/lamp").json() == lamp


def test_photos_that_changed_undo_nothing_that_is_told_meanwhile(around: Surrounded) -> None:
    office = client_of(around.shop)
    data = slow(around) | {"id": "lamp"}
    with while_fetching(around, lambda: send(office, "product.image.updated", data)) as event:
        assert around.client.patch("/products/lamp", json={"price": 2}).status_code == 200
    assert event.result().status_code == 202
    lamp = around.client.get("/products/lamp").json()
    assert (lamp["price"], len(lamp["image_urls"])) == (2, 1)


@pytest.mark.parametrize("door", ["change", "event"])
def test_a_product_that_is_deleted_meanwhile_is_not_found(around: Surrounded, door: str) -> None:
    client, office, told = around.client, client_of(around.shop), slow(around)
    works: dict[str, Callable[[], Any]] = {
        "change": lambda: client.patch("/products/lamp", json=told),
        "event": lambda: send(office, "product.image.updated", told | {"id": "lamp"}),
    }
    with while_fetching(around, works[door]) as late:
        assert client.delete("/products/lamp").status_code == 204
    refused = late.result()
    assert (refused.status_code, refused.json()["code"]) == (404, "product_not_found")
    assert client.get("/products/lamp").status_code == 404
    assert around.shop.photos.of_product("lamp") == []


def test_one_that_somebody_else_adds_meanwhile_is_there_already(around: Surrounded) -> None:
    client = around.client
    client.delete("/products/lamp")
    told = slow(around) | {"id": "lamp", "name": "Later lamp"}
    with while_fetching(around, lambda: client.post("/products", json=told)) as later:
        added = client.post("/products", json={"id": "lamp", "name": "Lamp"})
        assert added.status_code == 201
    assert (later.result().status_code, later.result().json()["code"]) == (409, "product_exists")
    assert client.get("/products/lamp").json() == added.json()


def test_a_photo_that_goes_meanwhile_is_fetched_again(around: Surrounded) -> None:
    """It was there when it was looked for, so that nobody asked for it."""
    client, quick = around.client, around.internet.url("/quick.jpg")
    around.internet.safe.serve = answer(jpeg(32))
    client.patch("/products/lamp", json={"image_urls": [quick]})
    told = {"image_urls": [quick, slow(around)["image_url"]]}
    with while_fetching(around, lambda: client.patch("/products/lamp", json=told)) as both:
        assert client.patch("/products/lamp", json={"image_urls": []}).json()["image_urls"] == []
    assert len(both.result().json()["image_urls"]) == 2
