"""A bucket into which feeds are dropped, and a web that counts who comes for photos."""

from __future__ import annotations

import json
from typing import Any

from core.errors import ImageUrlFailed
from core.importing import Feeds
from tests.indexing_bench import Bench
from tests.photos import jpeg

FEED = "feeds/spring/all.csv"
REPORT = "reports/feeds/spring/all.csv.json"


class Importing(Bench):
    def __init__(self) -> None:
        super().__init__()
        self.web = {f"https://photos.example/{number}.jpg": jpeg(number) for number in range(12)}
        self.fetched: list[str] = []
        self.feeds = self.another()

    def another(self) -> Feeds:
        about = (self.index, self.photos, self.indexing, self.cache, "products")
        return Feeds(*about, self.fetch)

    def fetch(self, url: str) -> bytes:
        self.fetched.append(url)
        if url not in self.web:
            raise ImageUrlFailed("The photo's server answered 404.")
        return self.web[url]

    def feed(self, *rows: str, key: str = FEED, columns: str = "id,name,price") -> None:
        self.drop(key, "\n".join([columns, *rows, ""]).encode())

    def report(self) -> Any:
        return json.loads(self.photos.read(REPORT, 10_000))

    def shown(self, product_id: str) -> list[bytes]:
        return [self.photos.read(one.key, 10**6) for one in self.get(product_id).photos]

    def names(self) -> dict[str, str]:
        return {one.product.id: one.product.name for one in self.index.page(10_000).listings}
