"""More searches than the model can answer: who is sent away, how, and what goes on meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import httpx
import msgspec
import pytest
from starlette.types import Message

from core.ports import Embedder, WordsVector
from core.product import Vector
from core.query import Crop
from core.search import Search
from core.settings import Settings
from core.stores.memory_cache import MemoryCache
from handlers.admission import Admission
from handlers.api import create_app
from handlers.compose import open_shop
from handlers.endpoint import API
from handlers.shop import Shop
from tests.photos import jpeg

LINE = 16
"""What one processor takes on."""


class Stuck:
    """A model that answers nobody until it may."""

    def __init__(self, embedder: Embedder) -> None:
        self.model, self.dimension = embedder.model, embedder.dimension
        self._embedder = embedder
        self.may_go_on = Event()

    def words(self, text: str) -> WordsVector:
        assert self.may_go_on.wait(30)
        return self._embedder.words(text)

    def photo(self, data: bytes, crop: Crop | None = None) -> Vector:
        assert self.may_go_on.wait(30)
        return self._embedder.photo(data, crop)


class Street:
    """A shop with one processor, and shoppers before its door."""

    def __init__(self, shop: Shop) -> None:
        self.model = Stuck(shop.embedder)
        search = Search(self.model, shop.index, MemoryCache(), "products", cache_ttl=60)
        self._admission = Admission(processors=1)
        self.app = create_app(
            msgspec.structs.replace(
                shop, embedder=self.model, search=search, admission=self._admission
            )
        )
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url="http://shop" + API
        )
        self._waiting: list[asyncio.Task[httpx.Response]] = []

    async def search(self, words: str) -> httpx.Response:
        return await self.client.post("/search", json={"text_query": words})

    async def fill_up(self, but: int = 0) -> None:
        for number in range(LINE - but):
            self._waiting.append(asyncio.create_task(self.search(f"mug {number}")))
        await self.there_are(LINE - but)

    async def there_are(self, under_way: int) -> None:
        async with asyncio.timeout(20):
            while self._admission.under_way < under_way:
                await asyncio.sleep(0.001)

    async def let_go(self) -> list[int]:
        self.model.may_go_on.set()
        return [one.status_code for one in await asyncio.gather(*self._waiting)]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(Settings(data_dir=tmp_path_factory.mktemp("shop"))) as shop:
        yield shop


def run(shop: Shop, check: Callable[[Street], Awaitable[None]]) -> None:
    async def checked() -> None:
        street = Street(shop)
        try:
            await check(street)
        finally:
            await street.let_go()

    asyncio.run(checked())


def test_who_is_too_many_is_told_so_and_everybody_else_is_answered(shop: Shop) -> None:
    async def check(street: Street) -> None:
        await street.fill_up()
        refused = await street.search("one more mug")
        assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
        assert int(refused.headers["retry-after"]) > 0
        assert await street.let_go() == [200] * LINE
        assert (await street.search("one more mug")).status_code == 200

    run(shop, check)


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("POST", "/search/by-text", {"json": {"text_query": "mug"}}),
        ("POST", "/search/by-image", {"files": {"file": jpeg(1)}}),
        ("POST", "/search-image", {"files": {"image": jpeg(1)}}),
        ("POST", "/search/batch", {"json": {"searches": [{"text_query": "mug"}]}}),
        ("GET", "/search/similar/mug", {}),
        ("POST", "/embed", {"json": {"text": "mug"}}),
        ("POST", "/embed-image", {"files": {"file": jpeg(1)}}),
        ("POST", "/similarity", {"json": {"between": [{"text": "a"}, {"text": "b"}]}}),
    ],
)
def test_whatever_asks_the_model_stands_in_the_same_line(
    shop: Shop, method: str, path: str, said: dict[str, Any]
) -> None:
    async def check(street: Street) -> None:
        await street.fill_up()
        refused = await street.client.request(method, path, **said)
        assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")

    run(shop, check)


@pytest.mark.parametrize("path", ["/health", "/health/live"])
def test_who_looks_whether_we_are_well_does_not_wait_for_the_model(shop: Shop, path: str) -> None:
    async def check(street: Street) -> None:
        await street.fill_up()
        assert (await street.client.get(path)).status_code == 200

    run(shop, check)


def test_who_is_sent_away_is_so_before_the_body_is_read(shop: Shop) -> None:
    async def check(street: Street) -> None:
        await street.fill_up()
        told: list[Message] = []

        async def receive() -> Message:
            raise AssertionError

        async def send(message: Message) -> None:
            told.append(message)

        scope = {
            "type": "http",
            "method": "POST",
            "path": API + "/search/by-image",
            "query_string": b"",
            "headers": [(b"content-type", b"image/jpeg"), (b"content-length", b"4000000")],
        }
        await street.app(scope, receive, send)
        assert told[0]["status"] == 503

    run(shop, check)


def test_a_batch_stands_in_line_as_one_and_is_answered_as_a_whole(shop: Shop) -> None:
    async def check(street: Street) -> None:
        await street.fill_up(but=1)
        searches = [{"text_query": f"red mug {number}"} for number in range(4)]
        batch = asyncio.create_task(
            street.client.post("/search/batch", json={"searches": searches})
        )
        await street.there_are(LINE)
        await street.let_go()
        assert all("results" in one for one in (await batch).json()["answers"])

    run(shop, check)


def test_what_was_asked_a_moment_ago_waits_for_no_thread(shop: Shop) -> None:
    async def check(street: Street) -> None:
        street.model.may_go_on.set()
        first = (await street.search("a mug")).json()
        street.model.may_go_on.clear()
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        await street.fill_up(but=LINE - 1)
        async with asyncio.timeout(20):
            again = (await street.search("a mug")).json()
        assert (first["cache"], again["cache"]) == ("miss", "hit")
        assert again["results"] == first["results"]

    run(shop, check)
