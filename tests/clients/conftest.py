"""A shop that the clients call: a real server, with a few products."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from likeness_client import Likeness

from tests.e2e.running import RunningShop, eventually, running_shop
from tests.photos import jpeg

ADMIN, SEARCH = "an-admin-key-of-some-length", "a-search-key-of-some-length"
SECRET = "a-secret-of-the-two-of-us"
COLOURS = ("red", "blue", "green")


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    """To be left as it was found: everyone shares it."""
    settings = {
        "ADMIN_KEYS": ADMIN,
        "SEARCH_KEYS": SEARCH,
        "WEBHOOK_SECRETS": f"back-office={SECRET}",
        "ALLOW_TEST_WEBHOOK": "true",
    }
    with running_shop(tmp_path_factory.mktemp("shop"), **settings) as shop:
        shop.client.headers["X-API-Key"] = ADMIN
        for number, colour in enumerate(COLOURS):
            mug = {"id": f"mug-{colour}", "name": f"{colour.title()} mug", "price": 10 + number}
            shop.client.post("/products", json=mug | {"category": "mugs"}).raise_for_status()
            (shop.images / f"mug-{colour}.jpg").write_bytes(jpeg(number))
        eventually(lambda: shop.client.get("/stats").json()["images"] == len(COLOURS), 30)
        yield shop


@pytest.fixture(scope="session")
def url(running: RunningShop) -> str:
    return str(running.client.base_url).rstrip("/")


@pytest.fixture(scope="session")
def likeness(url: str) -> Iterator[Likeness]:
    with Likeness(url, key=ADMIN) as likeness:
        yield likeness


@pytest.fixture
def own(likeness: Likeness) -> Iterator[str]:
    """The id of a product that this test may do with what it likes."""
    product_id = f"own-{uuid4().hex}"
    yield product_id
    likeness.delete_product(product_id)
