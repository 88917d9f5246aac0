"""What is remembered for a while: answers, how often a client came, who came first."""

from __future__ import annotations

from typing import Protocol

import msgspec


class Lookup(msgspec.Struct, frozen=True):
    """What the cache knows. `generation` goes back with the `put` that fills a miss."""

    value: bytes | None
    generation: int | None
    """None when the cache can't tell: what is made now will not be kept."""
    stale: bytes | None = None
    """In want of a value, what was kept last: better than nothing when nothing can be made."""


class Cache(Protocol):
    """Answers and embeddings kept for a while. A cache that fails is a miss, never an error.

    A scope is what goes out of date as a whole: a collection's answers. What is kept without one
    never does, as the vector of a text; only time ends it.
    """

    @property
    def at_hand(self) -> bool:
        """Whether it is all in this process's memory, so that to look takes no time."""
        ...

    def get(self, key: str, scope: str = "") -> Lookup:
        """The entry, if it is neither expired nor of an earlier generation of its scope; else
        that very entry as `stale`, if it was put with a `stale_ttl` that has not passed."""
        ...

    def put(
        self,
        key: str,
        value: bytes,
        ttl: float,
        scope: str = "",
        generation: int | None = 0,
        stale_ttl: float = 0,
    ) -> None:
        """Keep it under the generation that was read *before* the value was made: an entry made
        while the catalogue moved on is born stale. `stale_ttl` counts from where `ttl` ends."""
        ...

    def advance(self, scope: str) -> None:
        """What was kept under this scope is out of date from now on, for whoever shares it."""
        ...


class Allowance(msgspec.Struct, frozen=True):
    """Whether a client may go on. `retry_after` is in seconds, 0 for who may."""

    allowed: bool
    remaining: int
    retry_after: float
    limit: int


class RateLimiter(Protocol):
    """So many requests a client in so much time. A limiter that fails lets everybody through."""

    def take(self, client: str) -> Allowance: ...


class Once(Protocol):
    """Who came first. When it can't tell, everybody did: twice is better than never."""

    def first(self, key: str, ttl: float) -> bool:
        """True for one caller a key in `ttl` seconds."""
        ...

    def came(self, key: str) -> bool:
        """Whether there was a first one, without being it."""
        ...

    def forget(self, key: str) -> None:
        """What came first was not done after all; the next one is first."""
        ...
