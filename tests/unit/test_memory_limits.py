"""The bounds of what one process counts."""

from __future__ import annotations

from core.stores.memory_limits import MemoryLimiter, MemoryOnce
from core.stores.token_bucket import TokenBucket
from tests.tables import Clock


def test_of_too_many_clients_the_quietest_is_forgotten() -> None:
    limiter = MemoryLimiter(TokenBucket(limit=1, period=60), max_clients=2, clock=Clock())
    for client in "abc":
        assert limiter.take(client).allowed
    assert [limiter.take(client).allowed for client in "cb"] == [False, False]
    assert limiter.take("a").allowed


def test_of_too_many_keys_the_oldest_is_forgotten() -> None:
    once = MemoryOnce(max_keys=2, clock=Clock())
    for key in "abc":
        assert once.first(key, 60)
    assert [once.first(key, 60) for key in "cb"] == [False, False]
    assert once.first("a", 60)


def test_what_another_counted_counts() -> None:
    clock = Clock()
    bucket = TokenBucket(limit=2, period=60)
    limiter = MemoryLimiter(bucket, clock=clock)
    limiter.take("client")
    limiter.learn("client", limiter.full_at("client") + bucket.step)
    assert not limiter.take("client").allowed
    limiter.learn("client", 0)
    assert not limiter.take("client").allowed, "what is known does not get less"
