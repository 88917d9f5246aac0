"""What a query means, as vectors. Embeddings are kept far longer than answers: the catalogue
changes, the vector of a text never does."""

from __future__ import annotations

from hashlib import blake2b

import msgspec
import numpy as np

from core.ports import Cache, Embedder, WordsVector
from core.product import Vector
from core.query import Crop, Query
from core.vectors import blend

_TTL = 7 * 86_400


class Meaning(msgspec.Struct, frozen=True):
    """A query's direction among photos, its words' own direction where there are words, and that
    of the words to steer away from."""

    looks: Vector | None = None
    words: Vector | None = None
    away: Vector | None = None
    truncated: bool = False


class QueryVectors:
    def __init__(self, embedder: Embedder, cache: Cache) -> None:
        self._embedder = embedder
        self._cache = cache

    def of(self, query: Query) -> Meaning:
        words = self._words(query.words) if query.words else None
        photo = self._photo(query.photo, query.crop) if query.photo is not None else None
        away = self._words(query.less_words) if query.less_words else None
        looks = photo if words is None else words.vector
        if photo is not None and words is not None:
            looks = blend(photo, words.vector, query.image_weight)
        return Meaning(
            looks=looks,
            words=words.vector if words else None,
            away=away.vector if away else None,
            truncated=any(one.truncated for one in (words, away) if one is not None),
        )

    def _words(self, text: str) -> WordsVector:
        key = self._key("words", text.encode())
        kept = self._cache.get(key).value
        if kept is not None:
            return WordsVector(np.frombuffer(kept[1:], np.float32), truncated=kept[:1] == b"1")
        made = self._embedder.words(text)
        flag = b"1" if made.truncated else b"0"
        self._cache.put(key, flag + made.vector.tobytes(), _TTL)
        return made

    def _photo(self, data: bytes, crop: Crop | None) -> Vector:
        key = self._key("photo" if crop is None else f"photo{[*crop]}", data)
        kept = self._cache.get(key).value
        if kept is not None:
            return np.frombuffer(kept, np.float32)
        made = self._embedder.photo(data, crop)
        self._cache.put(key, made.tobytes(), _TTL)
        return made

    def _key(self, kind: str, content: bytes) -> str:
        digest = blake2b(content, digest_size=20).hexdigest()
        return f"{kind}:{self._embedder.model}:{digest}"
