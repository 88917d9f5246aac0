"""One question, from words, a photo or a product to hits: validate, recall, or ask and rank."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from threading import Lock

import msgspec

from core.errors import InvalidRequest, ModelUnavailable, QueryEmpty, Unavailable
from core.facets import Counts, check_facets, count
from core.ports import Cache, Embedder, Lookup, VectorIndex
from core.query import MAX_WINDOW, Hit, Query, QueryType
from core.query_vectors import Meaning, QueryVectors
from core.ranking import Ranking
from core.singleflight import SingleFlight
from core.stopwatch import Stopwatch

_POPULAR, _SMALL = 128, 16 * 1024
"""Answers that stay as they were read from the cache, and bytes that one may have: 4 MB at most."""


class Answer(msgspec.Struct, frozen=True):
    hits: tuple[Hit, ...]
    type: QueryType
    model: str
    cache: str
    """One of hit, miss, off, and stale: out of date, because the index does not answer."""
    truncated: bool
    degraded: bool
    """Words alone were matched, because the model does not work."""
    facets: Counts
    timings: dict[str, float]


class _Kept(msgspec.Struct, array_like=True):
    """An answer as the cache holds it."""

    hits: tuple[Hit, ...]
    truncated: bool
    degraded: bool = False
    facets: Counts = {}


class Tally:
    """How many queries were answered since the start, and how many of them from the cache."""

    def __init__(self) -> None:
        self.queries = 0
        self.recalled = 0
        self._lock = Lock()

    def count(self, *, recalled: bool) -> None:
        with self._lock:
            self.queries += 1
            self.recalled += recalled

    @property
    def hit_rate(self) -> float:
        return self.recalled / self.queries if self.queries else 0.0


class Search:
    """Answers queries over one collection. Safe to call from several threads."""

    def __init__(
        self,
        embedder: Embedder,
        index: VectorIndex,
        cache: Cache,
        collection: str,
        cache_ttl: int,
        stale_ttl: int = 0,
    ) -> None:
        """`stale_ttl`: how long after its `cache_ttl` an answer may still be given when the index
        does not answer."""
        self._embedder = embedder
        self._index = index
        self._ranking = Ranking(index)
        self._vectors = QueryVectors(embedder, cache)
        self.tally = Tally()
        self._cache = cache
        self._collection = collection
        self._cache_ttl = cache_ttl
        self._stale_ttl = stale_ttl
        self._flights: SingleFlight[_Kept] = SingleFlight()
        self._encoder = msgspec.msgpack.Encoder()
        self._decode = msgspec.msgpack.Decoder(_Kept).decode
        # Once for all who ask the same: bytes know their hash, so that to look is cheap.
        self._decode_popular = lru_cache(_POPULAR)(self._decode)

    def at_hand(self, query: Query) -> Answer | None:
        """The answer where nobody need wait for it: it is in this process's memory, and what was
        asked is so small that to look takes less than to change to a thread."""
        if query.photo is not None or not self._cache.at_hand:
            return None
        watch = Stopwatch()
        kept = self._decoded(self._recalled(self._key(query), watch).value)
        return self._told(query, kept, "hit", watch) if kept is not None else None

    def answer(self, query: Query) -> Answer:
        _check(query)
        watch = Stopwatch()
        key = self._key(query)
        found = self._recalled(key, watch)
        kept, outcome = self._decoded(found.value), "hit"
        if kept is None:
            kept, outcome = self._fresh_or_stale(query, key, found, watch)
        return self._told(query, kept, outcome, watch)

    def _recalled(self, key: str, watch: Stopwatch) -> Lookup:
        with watch.part("cache_ms"):
            return self._cache.get(key, self._collection)

    def _told(self, query: Query, kept: _Kept, outcome: str, watch: Stopwatch) -> Answer:
        self.tally.count(recalled=outcome in ("hit", "stale"))
        return Answer(
            hits=kept.hits,
            type=query.type,
            model=self._embedder.model,
            cache=outcome,
            truncated=kept.truncated,
            degraded=kept.degraded,
            facets=kept.facets,
            timings=watch.spent,
        )

    def _fresh_or_stale(
        self, query: Query, key: str, found: Lookup, watch: Stopwatch
    ) -> tuple[_Kept, str]:
        def ask() -> _Kept:
            return self._ask(query, key, found.generation, watch)

        try:
            # The generation belongs to the flight: callers who saw different generations of the
            # catalogue must not share an answer. Where it is not known, nobody may.
            if found.generation is None:
                kept = ask()
            else:
                kept = self._flights.do(f"{key}:{found.generation}", ask)
        except Unavailable:
            stale = self._decoded(found.stale) if self._stale_ttl else None
            if stale is None:
                raise
            return stale, "stale"
        return kept, "miss" if self._cache_ttl else "off"

    def _ask(self, query: Query, key: str, generation: int | None, watch: Stopwatch) -> _Kept:
        with watch.part("embed_ms"):
            meant = self._meaning(query)
        with watch.part("search_ms"):
            hits = self._ranking.hits(query, meant)
            facets = count(self._index, query.facets, query.filters)
        if meant is None:  # an answer to be had no longer than it must be
            return _Kept(hits, truncated=False, degraded=True, facets=facets)
        kept = _Kept(hits, meant.truncated, facets=facets)
        if self._cache_ttl:
            with watch.part("cache_ms"):
                self._cache.put(
                    key,
                    self._encoder.encode(kept),
                    self._cache_ttl,
                    self._collection,
                    generation,
                    self._stale_ttl,
                )
        return kept

    def _meaning(self, query: Query) -> Meaning | None:
        """None where the model does not work, and there are words to be found without it."""
        try:
            return self._vectors.of(query)
        except ModelUnavailable:
            if not query.words or query.photo is not None:
                raise
            return None

    def _decoded(self, data: bytes | None) -> _Kept | None:
        if data is None:
            return None
        try:
            return (self._decode_popular if len(data) <= _SMALL else self._decode)(data)
        except (msgspec.DecodeError, UnicodeError):
            return None  # kept by another release of ours, which shares the cache while we roll out

    def _key(self, query: Query) -> str:
        """Everything the answer depends on but the catalogue, whose generation is its scope's."""
        whole = msgspec.msgpack.encode((self._embedder.model, self._collection, query))
        return f"answer:{blake2b(whole, digest_size=20).hexdigest()}"


def _check(query: Query) -> None:
    named = query.more_like or query.less_like
    if not (query.words or query.less_words or named) and query.photo is None:
        raise QueryEmpty("Say what to look for: words, a photo, or a product to compare with.")
    if query.crop is not None and query.photo is None:
        raise InvalidRequest("A crop is of a photo: send one with it, or leave out the crop.")
    check_facets(query.facets)
    if query.offset + query.top_k > MAX_WINDOW:
        raise InvalidRequest(f"offset + top_k may be {MAX_WINDOW} at most.")
