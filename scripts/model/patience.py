"""What a fetch puts up with: how long it waits, how often it tries, when it gives up."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import SystemRandom
from typing import TypeVar

T = TypeVar("T")
_DICE = SystemRandom()


class FetchFailed(Exception):
    """What went wrong and what to do about it, in words for the person who waits."""


class HubDown(FetchFailed):
    """It was tried again and again, or asks for a longer wait than anyone wants."""


class Passing(Exception):
    """A trouble that may be over in a moment; `wait` is how long the other side wants."""

    def __init__(self, what: str, wait: float | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Patience:
    """All times in seconds."""

    tries: int = 6
    connect: float = 10.0
    read: float = 30.0
    """For the next byte."""
    answer: float = 60.0
    """For the whole head of an answer."""
    stall: float = 60.0
    """In this time at least `least` bytes of a body must come."""
    least: int = 64 * 1024
    longest: float = 300.0
    """A server that asks for a longer pause is not waited for."""
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def insist(
        self,
        attempt: Callable[[], T],
        say: Callable[[str], None],
        arrived: Callable[[], int] = lambda: 0,
    ) -> T:
        """Try until it works. The tries are counted anew whenever more has `arrived` than ever
        before, so that a long download over a bad line gets through and a hopeless one ends."""
        failures = 0
        most = arrived()
        while True:
            try:
                return attempt()
            except Passing as trouble:
                if arrived() >= most + self.least:
                    most = arrived()
                    failures = 0
                failures += 1
                pause = self._pause(failures, trouble)
                say(f"{trouble.what}; trying again in {pause:.0f} s")
                self.sleep(pause)

    def _pause(self, failures: int, trouble: Passing) -> float:
        kept = "What has arrived is kept: run it again later, and it goes on from there."
        if failures >= self.tries:
            raise HubDown(f"Tried {failures} times, but {trouble.what}. {kept}") from trouble
        if trouble.wait is None:
            pause = min(2.0 ** (failures - 1), 30.0)
            return pause * _DICE.uniform(0.5, 1.5)  # so that many of us don't come back at once
        if trouble.wait > self.longest:
            raise HubDown(
                f"{trouble.what} and wants to be left alone for {trouble.wait:.0f} s. {kept}"
            ) from trouble
        return trouble.wait + _DICE.uniform(0.0, 1.0)


def asked_to_wait(retry_after: str | None) -> float | None:
    """Seconds by a Retry-After header, which gives a number of them or a date."""
    if not retry_after:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())
