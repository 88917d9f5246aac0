"""A shop with an internet around it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
from starlette.testclient import TestClient

from core.settings import Settings
from handlers.api import create_app
from handlers.compose import open_shop
from handlers.endpoint import API
from handlers.fetching import Fetching
from handlers.shop import Shop
from tests.e2e.running import free_port
from tests.internet import Internet
from tests.photos import jpeg


class Surrounded:
    def __init__(self, shop: Shop, internet: Internet) -> None:
        self.internet = internet
        self.shop = msgspec.structs.replace(shop, fetching=Fetching(internet.fetcher))
        self.client = TestClient(create_app(self.shop), base_url="http://shop" + API)

    def search(self, path: str = "/search", **about: Any) -> Any:
        return self.client.post(path, json={"image_url": self.internet.url(), **about})


@contextmanager
def surrounded(folder: Path, request_budget_ms: int = 4000) -> Iterator[Surrounded]:
    """With three products, each of one photo."""
    folder.mkdir(exist_ok=True)
    internet = Internet(folder)
    try:
        settings = Settings(data_dir=folder / "data", request_budget_ms=request_budget_ms)
        with open_shop(settings) as shop:
            for number in range(3):
                shop.photos.put(f"images/p{number}.jpg", jpeg(number), "image/jpeg")
                shop.indexing.settle(f"p{number}")
            yield Surrounded(shop, internet)
    finally:
        internet.close()


@contextmanager
def listening(surroundings: Surrounded) -> Iterator[str]:
    """Where clients find it, who come over HTTP."""
    port = free_port()
    config = uvicorn.Config(create_app(surroundings.shop), port=port, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        surroundings.internet.wait_for(lambda: server.started)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
