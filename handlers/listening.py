"""Events of the bucket that come as requests, worked in threads of their own: however many come at
once, they take none of those in which searches are answered.

A feed takes longer than anybody waits for an answer. It is taken in beside the requests, and until
that is done every one that tells of it is put off: who sent it sends it again.
"""

from __future__ import annotations

from asyncio import wrap_future
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Event, Lock

from core import budget
from core.errors import Unavailable
from core.feeds import is_feed
from core.indexing import Settled
from core.ports import Message
from handlers.bucket_batch import Processed, process

_AT_ONCE = 4
_FEED_SECONDS = 1.0
"""For which a request waits for a feed, which may be a small one."""
_SHARE = 0.5
"""Of a request's time in which looks are begun, so that the last one has time to end."""

Settle = Callable[[str, Callable[[], bool]], Settled]


class Listening:
    def __init__(self, settle: Settle) -> None:
        self._settle = settle
        self._threads = ThreadPoolExecutor(_AT_ONCE, "events")
        self._feed_thread = ThreadPoolExecutor(1, "feed")
        self._feeds: dict[str, Future[Settled]] = {}
        self._lock = Lock()
        self._closing = Event()

    async def work(self, messages: Sequence[Message]) -> Processed:
        """Look at what they tell of, as far as there is time to."""
        return await wrap_future(self._threads.submit(budget.shared(self._process), messages))

    def close(self) -> None:
        """What has begun ends, a feed within a row; the rest will be told again."""
        self._closing.set()
        self._threads.shutdown(cancel_futures=True)
        self._feed_thread.shutdown(cancel_futures=True)

    def _process(self, messages: Sequence[Message]) -> Processed:
        margin = budget.left() * (1 - _SHARE)
        return process(
            budget.shared(self._look), messages, None, budget.shared(budget.left), margin
        )

    def _look(self, subject: str) -> Settled:
        return self._feed(subject) if is_feed(subject) else self._settle(subject, self._goes_on)

    def _goes_on(self) -> bool:
        return not self._closing.is_set()

    def _feed(self, key: str) -> Settled:
        """A look that was begun before this event was told may not have seen what it tells of."""
        with self._lock:
            earlier = self._feeds.get(key)
            look = earlier or self._begun(key)
        wait([look], timeout=min(_FEED_SECONDS, budget.left()))
        if earlier is None and look.done():
            return look.result()
        raise Unavailable(f"{key} is being taken in.")

    def _begun(self, key: str) -> Future[Settled]:
        def taken_in() -> Settled:
            try:
                return self._settle(key, self._goes_on)
            finally:
                with self._lock:
                    del self._feeds[key]

        self._feeds[key] = self._feed_thread.submit(taken_in)
        return self._feeds[key]
