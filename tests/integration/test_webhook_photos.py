"""Webhooks whose products have photos somewhere on the web."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import msgspec
import pytest

from core.stores.memory_limits import MemoryOnce
from tests import certificates
from tests.integration.back_office import LAMP, client_of, name_of, send
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


def photo_of(around: Surrounded) -> bytes | None:
    listing = around.shop.index.get("lamp")
    [photo] = listing.photos if listing else [None]
    return around.shop.photos.read(photo.key, 10**6) if photo else None


def test_photos_are_fetched_anew_from_where_they_were(around: Surrounded) -> None:
    client, serves = client_of(around.shop), jpeg(31)
    around.internet.safe.serve = lambda sock, head: answer(serves)(sock, head)
    photo = {"image_url": around.internet.url("/lamp.jpg")}
    assert send(client, data=LAMP | photo).status_code == 202
    assert photo_of(around) == jpeg(31)
    serves = jpeg(32)
    assert send(client, "product.updated", LAMP | photo).status_code == 202
    assert photo_of(around) == jpeg(31)
    told = photo | {"id": "lamp", "name": "not looked at"}
    assert send(client, "product.image.updated", told).status_code == 202
    assert photo_of(around) == jpeg(32)
    assert name_of(client) == "Brass lamp"


class Watched(MemoryOnce):
    """Tells when somebody came second."""

    def __init__(self) -> None:
        super().__init__()
        self.second = Event()

    def first(self, key: str, ttl: float) -> bool:
        came_first = super().first(key, ttl)
        if not came_first:
            self.second.set()
        return came_first


@pytest.mark.parametrize(
    ("first", "outcomes"), [(200, [202, 200]), (404, [422, 202])], ids=["done", "failed"]
)
def test_a_repeat_waits_for_how_the_first_ends(
    around: Surrounded, first: int, outcomes: list[int]
) -> None:
    """It is a duplicate of one that is done, and does what the first did not."""
    asked, go_on, once = Event(), Event(), Watched()
    client = client_of(msgspec.structs.replace(around.shop, once=once))
    statuses: list[int] = [first, 200]

    def slow(sock: Any, head: str) -> None:
        asked.set()
        go_on.wait(10)
        answer(jpeg(33), statuses.pop(0))(sock, head)

    around.internet.safe.serve = slow
    around.shop.indexing.remove_product("lamp")
    data = LAMP | {"image_url": around.internet.url("/slow.jpg")}

    def one() -> int:
        status: int = send(client, data=data, x_webhook_id=f"slow-{first}").status_code
        return status

    with ThreadPoolExecutor(2) as threads:
        answers: list[Callable[[], int]] = [threads.submit(one).result]
        assert asked.wait(10)
        answers.append(threads.submit(one).result)
        assert once.second.wait(10)
        go_on.set()
        assert [result() for result in answers] == outcomes
    assert photo_of(around) == jpeg(33)
