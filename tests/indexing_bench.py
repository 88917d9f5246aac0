"""A bucket, an index and what keeps the one true to the other, all in memory."""

from __future__ import annotations

import json
from typing import Any

from core.indexing import Indexing
from core.product import Listing
from core.stores.memory_cache import MemoryCache
from tests.fakes.memory_index import MemoryIndex
from tests.fakes.memory_photos import MemoryPhotos
from tests.fakes.toy_embedder import ToyEmbedder


class Bench:
    def __init__(self) -> None:
        self.embedder = ToyEmbedder()
        self.index = MemoryIndex(self.embedder.model, self.embedder.dimension)
        self.photos = MemoryPhotos()
        self.cache = MemoryCache()
        self.indexing = self.restarted()

    def restarted(self) -> Indexing:
        return Indexing(self.embedder, self.index, self.photos, self.cache, "products")

    def drop(self, key: str, data: bytes) -> None:
        self.photos.put(key, data, "application/octet-stream")

    def facts(self, key: str, **facts: Any) -> None:
        self.drop(key, json.dumps(facts).encode())

    def get(self, product_id: str) -> Listing:
        listing = self.index.get(product_id)
        assert listing is not None
        return listing
