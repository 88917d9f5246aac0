"""Takes the messages of the bucket's queue, batch after batch, until it is asked to end."""

from __future__ import annotations

import logging
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Event, Thread
from time import monotonic, sleep
from types import FrameType

from core.errors import Unavailable
from core.indexing import Settled
from core.ports import Message, Queue
from handlers.bucket_batch import process

log = logging.getLogger(__name__)

GRACE_SECONDS = 25
"""From being asked to end: containers are killed half a minute later."""
_POLL_SECONDS = 20
_LONGEST_PAUSE = 30.0


class Consumer:
    """One batch at a time: `process` looks at several products side by side."""

    def __init__(self, settle: Callable[[str], Settled], queue: Queue, pause: float = 1.0) -> None:
        """`pause`: how long it rests, at first, when the queue does not answer."""
        self._settle = settle
        self._queue = queue
        self._pause = pause
        self._idle = False
        self._ends_at: float | None = None

    def run(self) -> None:
        """Until `end`."""
        pause = self._pause
        while self._ends_at is None:
            try:
                self._turn()
                pause = self._pause
            except Unavailable as error:
                log.warning("%s Another try in %.0f s.", error.detail, pause)
                with self._idling():
                    sleep(pause * random.uniform(0.5, 1))  # noqa: S311
                pause = min(2 * pause, _LONGEST_PAUSE)

    def end(self, number: int = 0, frame: FrameType | None = None) -> None:  # noqa: ARG002
        """As a signal's handler. With nothing in hand there is nothing to wait for."""
        self._ends_at = self._ends_at or monotonic() + GRACE_SECONDS
        if self._idle:
            sys.exit(0)

    def _turn(self) -> None:
        # Not to be waited for, and so not to be broken off either: what the queue has given out by
        # then would be nobody's for a while.
        messages = self._queue.take()
        if not messages:
            with self._idling():
                if self._ends_at is None:
                    messages = self._queue.take(wait=_POLL_SECONDS)
        if not messages:
            return
        with self._held(messages):
            done = process(self._settle, messages, self._queue, self._seconds_left)
        log.info(
            "%d messages: %d products looked at, %d messages failed, %d dead letters",
            *(len(messages), done.products, len(done.failed), len(done.dead)),
        )
        self._queue.delete([one for one in messages if one.id not in done.failed])
        if self._ends_at is not None:
            self._queue.hold([one for one in messages if one.id in done.failed], 0)

    def goes_on(self) -> bool:
        return self._ends_at is None

    def _seconds_left(self) -> float:
        return float("inf") if self._ends_at is None else self._ends_at - monotonic()

    @contextmanager
    def _idling(self) -> Iterator[None]:
        self._idle = True
        try:
            yield
        finally:
            self._idle = False

    @contextmanager
    def _held(self, messages: Sequence[Message]) -> Iterator[None]:
        """They stay ours while the block runs, however long that takes."""
        holding = self._queue.holding
        over = Event()

        def hold() -> None:
            while not over.wait(holding / 2):
                with suppress(Unavailable):  # which is in the log; there is time for another try
                    self._queue.hold(messages, holding)

        thread = Thread(target=hold, name="holding")
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
