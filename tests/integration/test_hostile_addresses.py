"""Hostile photos by their addresses: a stranger's server gives them, in a search and for a product.

A request has a budget, so that one which takes too long is a 504, and none of these is a 5xx.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from core.errors import ImageTooLarge, ImageUnreadable
from tests import certificates
from tests.hostile import FILES, MOST_MEGABYTES, made, some_files
from tests.integration.surrounded import Surrounded, surrounded
from tests.internet import answer
from tests.photos import jpeg

pytestmark = [
    pytest.mark.skipif(not certificates.CAN_BE_MADE, reason="openssl makes the certificate"),
    pytest.mark.filterwarnings("ignore::UserWarning:PIL", "ignore::RuntimeWarning:PIL"),
    pytest.mark.timeout(120 + FILES),
]
MANY_BYTES = b"\xff\xd8\xff" + bytes(21 * 2**20)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Surrounded]:
    with surrounded(tmp_path_factory.mktemp("shop"), request_budget_ms=10_000) as shop:
        yield shop


class Stranger:
    """Serves a file, and looks whether it is taken for what it is: a photo, or why it is none."""

    def __init__(self, shop: Surrounded) -> None:
        self._shop = shop
        self.outcomes: Counter[str] = Counter()
        self.slowest = (0.0, "")
        self.most_memory = (0, "")

    def serves(self, name: str, data: bytes) -> None:
        self._shop.internet.safe.serve = answer(data)
        expected = self._is(data)
        self.outcomes[expected] += 1
        url = self._shop.internet.url("/hostile.jpg")
        product = {"id": "hostile", "name": "Hostile", "image_urls": [url]}
        self._ask(name, expected, "POST", "/search", {"image_url": url})
        self._ask(name, expected, "PUT", "/products/hostile", product)
        there = self._shop.client.get("/products/hostile").status_code
        assert there == (200 if expected == "photo" else 404), name
        self._shop.client.delete("/products/hostile")

    def _is(self, data: bytes) -> str:
        try:
            self._shop.shop.embedder.photo(data)
        except (ImageUnreadable, ImageTooLarge) as error:
            return error.code
        return "photo"

    def _ask(self, name: str, expected: str, method: str, path: str, body: Any) -> None:
        before = _megabytes("VmRSS")
        Path("/proc/self/clear_refs").write_text("5")  # the peak is that of now
        began = monotonic()
        told = self._shop.client.request(method, path, json=body)
        took, most = monotonic() - began, _megabytes("VmHWM") - before
        where = f"{method} {path}: {name}: {told.status_code} {told.text[:300]}"
        outcome = "photo" if told.status_code in (200, 201) else told.json()["code"]
        assert (told.status_code < 500, outcome) == (True, expected), where
        assert most < MOST_MEGABYTES, f"{most} MB: {where}"
        self.slowest = max(self.slowest, (took, where[:120]))
        self.most_memory = max(self.most_memory, (most, where[:120]))


def _megabytes(name: str) -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.partition(f"{name}:")[2].split()[0]) // 1024


@pytest.mark.parametrize("material", [made, some_files])
def test_an_address_that_leads_to_one_is_told_what_it_is(
    material: Callable[[], Iterator[tuple[str, bytes]]],
    shop: Surrounded,
    record_property: Callable[[str, object], None],
) -> None:
    stranger = Stranger(shop)
    for name, data in material():
        stranger.serves(name, data)
    if not stranger.outcomes:
        pytest.skip("there are no hostile files beside the checkout")
    assert {"photo", "image_unreadable"} <= stranger.outcomes.keys()
    shop.internet.safe.serve = answer(jpeg(1))
    assert shop.search().json()["results"][0]["product_id"] == "p1", "it still finds photos"
    record_property(
        f"hostile addresses, {material.__name__}",
        f"{dict(stranger.outcomes)}, the slowest {stranger.slowest}, {stranger.most_memory} MB",
    )


@pytest.mark.parametrize("length", [None, 1000, 0], ids=["told", "told as less", "told as none"])
def test_more_bytes_than_a_photo_may_have(shop: Surrounded, length: int | None) -> None:
    """What the server says of its length is no more than a hint."""
    shop.internet.safe.serve = answer(MANY_BYTES, length=length)
    told = shop.search()
    too_large, no_photo = (413, "image_too_large"), (422, "image_unreadable")
    expected = too_large if length is None else no_photo
    assert (told.status_code, told.json()["code"]) == expected


def test_one_hostile_photo_of_several_changes_nothing(shop: Surrounded) -> None:
    ways = {f"/{number}.jpg": answer(jpeg(number)) for number in range(40, 47)}
    ways["/hostile.jpg"] = answer(jpeg(1)[:200])
    shop.internet.safe.serve = lambda sock, head: ways[head.split()[1]](sock, head)
    urls = [shop.internet.url(path) for path in ways]

    def refused(method: str) -> None:
        changed = {"id": "several", "name": "Changed", "image_urls": urls}
        told = shop.client.request(method, "/products/several", json=changed)
        assert (told.status_code, told.json()["code"]) == (422, "image_unreadable")

    refused("PUT")
    assert shop.shop.index.get("several") is None
    before = {"name": "Several", "image_urls": urls[:1]}
    assert shop.client.put("/products/several", json=before).status_code == 200
    refused("PUT")
    refused("PATCH")
    known = shop.shop.index.get("several")
    assert known is not None
    assert (known.product.name, len(known.photos)) == ("Several", 1)
