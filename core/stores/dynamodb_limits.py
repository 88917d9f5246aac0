"""Rate limits and first comers that all instances share."""

from __future__ import annotations

from contextlib import suppress
from math import ceil, floor

from core.ports import Allowance
from core.stores.dynamodb_table import Item, Refused, Table, TableDown, number, place
from core.stores.memory_limits import MemoryLimiter
from core.stores.token_bucket import TokenBucket, microseconds

_GUESSES = 3


class DynamoLimiter:
    """A RateLimiter. While the table is down each instance counts for itself.

    DynamoDB knows no maximum, so a bucket that is full and one that is not are two different
    updates. What this instance saw last tells which it will be: one round trip, seldom two, and
    none for a client known to have run out, who thus costs the table nothing.
    """

    def __init__(self, table: Table, bucket: TokenBucket) -> None:
        self._table = table
        self._bucket = bucket
        self._near = MemoryLimiter(bucket, clock=table.clock)

    def take(self, client: str) -> Allowance:
        now = microseconds(self._table.clock())
        with suppress(TableDown):
            for _ in range(_GUESSES):
                known = self._near.full_at(client)
                if self._bucket.taken(known, now) is None:
                    return self._bucket.refused(known, now)
                after = self._move_on(client, known, now)
                if after is not None:
                    return self._bucket.allowed(after, now)
        return self._near.take(client)

    def _move_on(self, client: str, known: int, now: int) -> int | None:
        """When the bucket will be full, one token less in it; None when the guess was wrong. What
        is true is then known for the next one."""
        at, step = place("limit", client), self._bucket.step
        gone = number(ceil(self._bucket.empty(now) / microseconds(1)))
        try:
            if known <= now:
                stands = self._table.update(
                    at,
                    "SET full_at = :after, expires_at = :gone",
                    "attribute_not_exists(full_at) OR full_at <= :now",
                    after=number(now + step),
                    now=number(now),
                    gone=gone,
                )
            else:
                stands = self._table.update(
                    at,
                    "SET full_at = full_at + :step, expires_at = :gone",
                    "full_at <= :enough",
                    step=number(step),
                    enough=number(self._bucket.empty(now) - step),
                    gone=gone,
                )
        except Refused as refused:
            stands = refused.item or self._table.read([at], consistent=True).get(at, {})
            self._near.learn(client, _full_at(stands))
            return None
        after = _full_at(stands)
        self._near.learn(client, after)
        return after


def _full_at(item: Item) -> int:
    try:
        return int(item["full_at"]["N"])
    except (KeyError, TypeError, ValueError) as error:
        raise TableDown("no bucket stands there") from error


class DynamoOnce:
    """A Once. While the table is down everybody is first."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def first(self, key: str, ttl: float) -> bool:
        now = self._table.clock()
        item = {"pk": {"S": place("once", key)}, "expires_at": number(ceil(now + ttl))}
        free = "attribute_not_exists(pk) OR expires_at <= :now"
        try:
            self._table.put(item, free, now=number(floor(now)))
        except Refused:
            return False
        except TableDown:
            return True
        return True

    def came(self, key: str) -> bool:
        at = place("once", key)
        try:
            mark = self._table.read([at], consistent=True).get(at, {})
            return int(mark["expires_at"]["N"]) > self._table.clock()
        except (TableDown, KeyError, TypeError, ValueError):
            return False

    def forget(self, key: str) -> None:
        with suppress(TableDown):
            self._table.delete(place("once", key))
