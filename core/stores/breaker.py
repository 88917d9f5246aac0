"""Who keeps failing is left in peace for a while, and so are those who would wait for it."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from time import monotonic


class Breaker:
    """After `failures` in a row nobody is let through for `rest` seconds. Then one is, and what
    he finds decides for the others."""

    def __init__(
        self, failures: int = 3, rest: float = 5.0, clock: Callable[[], float] = monotonic
    ) -> None:
        self._limit = failures
        self._rest = rest
        self._clock = clock
        self._lock = Lock()
        self._failures = 0
        self._rests_until = 0.0

    def lets_through(self) -> bool:
        with self._lock:
            if self._failures < self._limit:
                return True
            if self._clock() < self._rests_until:
                return False
            self._rests_until = self._clock() + self._rest
            return True

    def succeeded(self) -> None:
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        with self._lock:
            self._failures += 1
            self._rests_until = self._clock() + self._rest
