"""What could not be done, and when it is tried again: after pauses that grow."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from time import monotonic

import msgspec

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0


class _PutOff(msgspec.Struct):
    pause: float
    due: float


class Later:
    """Safe to call from several threads."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._lock = Lock()
        self._put_off: dict[str, _PutOff] = {}

    def put_off(self, subject: str) -> float | None:
        """For how many seconds; None where that is as long as it was before."""
        with self._lock:
            known = self._put_off.get(subject)
            pause = min(2 * known.pause, LONGEST_PAUSE) if known else FIRST_PAUSE
            self._put_off[subject] = _PutOff(pause, self._now() + pause)
        return None if known and pause == known.pause else pause

    def done(self, subject: str) -> bool:
        """Whether it had been put off."""
        with self._lock:
            return self._put_off.pop(subject, None) is not None

    def waits(self, subject: str) -> bool:
        return subject in self._put_off

    def due(self) -> list[str]:
        now = self._now()
        with self._lock:
            return [subject for subject, one in self._put_off.items() if one.due <= now]
