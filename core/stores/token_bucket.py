"""The arithmetic of a rate limit: a bucket of tokens that fills evenly.

A client's bucket is one number: when it will be full again. Everything else follows from it, and
moving it on is all that taking a token is. Times are whole microseconds since the epoch, so that
all who share a bucket reckon alike.
"""

from __future__ import annotations

import msgspec

from core.ports import Allowance

_SECOND = 1_000_000


def microseconds(seconds: float) -> int:
    return round(seconds * _SECOND)


class TokenBucket(msgspec.Struct, frozen=True):
    limit: int
    period: float
    """Seconds in which an empty bucket fills."""

    @property
    def step(self) -> int:
        """By how much a token taken puts off the time the bucket is full."""
        return max(1, microseconds(self.period) // self.limit)

    def empty(self, now: int) -> int:
        """The `full_at` of a bucket with nothing in it."""
        return now + self.limit * self.step

    def taken(self, full_at: int, now: int) -> int | None:
        """`full_at` when one more is taken, or None when there is none to take."""
        after = max(full_at, now) + self.step
        return after if after <= self.empty(now) else None

    def allowed(self, full_at: int, now: int) -> Allowance:
        """For who took the token that made it `full_at`."""
        return Allowance(True, (self.empty(now) - full_at) // self.step, 0, self.limit)

    def refused(self, full_at: int, now: int) -> Allowance:
        """For who found none in a bucket that is full at `full_at`."""
        wait = full_at + self.step - self.empty(now)
        return Allowance(False, 0, wait / _SECOND, self.limit)
