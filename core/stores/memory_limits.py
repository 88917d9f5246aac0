"""Rate limits and first comers as one process knows them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from time import time

from core.ports import Allowance
from core.stores.token_bucket import TokenBucket, microseconds


class MemoryLimiter:
    """A RateLimiter. Of more than `max_clients` it forgets those who have been quiet longest."""

    def __init__(
        self, bucket: TokenBucket, max_clients: int = 100_000, clock: Callable[[], float] = time
    ) -> None:
        self._bucket = bucket
        self._max_clients = max_clients
        self._clock = clock
        self._lock = Lock()
        self._full_at: OrderedDict[str, int] = OrderedDict()

    def take(self, client: str) -> Allowance:
        now = microseconds(self._clock())
        with self._lock:
            before = self._full_at.get(client, 0)
            after = self._bucket.taken(before, now)
            if after is None:
                return self._bucket.refused(before, now)
            self._note(client, after)
        return self._bucket.allowed(after, now)

    def full_at(self, client: str) -> int:
        with self._lock:
            return self._full_at.get(client, 0)

    def learn(self, client: str, full_at: int) -> None:
        """What another has counted for this client."""
        with self._lock:
            self._note(client, max(full_at, self._full_at.get(client, 0)))

    def _note(self, client: str, full_at: int) -> None:
        self._full_at[client] = full_at
        self._full_at.move_to_end(client)
        if len(self._full_at) > self._max_clients:
            self._full_at.popitem(last=False)


class MemoryOnce:
    """A Once. Of more than `max_keys` it forgets the oldest."""

    def __init__(self, max_keys: int = 100_000, clock: Callable[[], float] = time) -> None:
        self._max_keys = max_keys
        self._clock = clock
        self._lock = Lock()
        self._until: OrderedDict[str, float] = OrderedDict()

    def first(self, key: str, ttl: float) -> bool:
        now = self._clock()
        with self._lock:
            if self._until.get(key, now) > now:
                return False
            self._until[key] = now + ttl
            self._until.move_to_end(key)
            if len(self._until) > self._max_keys:
                self._until.popitem(last=False)
        return True

    def came(self, key: str) -> bool:
        with self._lock:
            return self._until.get(key, 0.0) > self._clock()

    def forget(self, key: str) -> None:
        with self._lock:
            self._until.pop(key, None)
