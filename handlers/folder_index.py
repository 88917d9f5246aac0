"""The laptop's door for photos and feeds: files dropped into the bucket's folder are indexed."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

from core.errors import LikenessError
from handlers.later import Later

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
Changes = Callable[[threading.Event], Iterator[set[str] | None]]
"""A watch: until the event is set, it names products to look at, or None for all of them."""
_SHORTEST_PAUSE, _LONGEST_PAUSE, _PAUSE_SHARE = 1.0, 60.0, 30
_TRIES = 3
_LOOKS_AGAIN = 1.0
_WORTH_A_LINE = 50
"""From how many products on a batch's throughput is logged."""


class FolderIndexer:
    """Settles products as the watch names them, on as many threads as there are processors."""

    def __init__(self, settle: Callable[[str], object], unsettled: Callable[[], list[str]]) -> None:
        """How one product or feed is looked at, and which of them want it."""
        self._look = settle
        self._unsettled = unsettled
        self._stop = threading.Event()
        self._workers = ThreadPoolExecutor(len(os.sched_getaffinity(0)), "settle")
        self._later = Later()
        self._threads: list[threading.Thread] = []

    def follow(self, changes: Changes) -> None:
        """Settle what the watch names, and what could not be settled before, each on a thread of
        its own, until `close`."""

        def watch() -> None:
            for product_ids in changes(self._stop):
                try:
                    if product_ids is None:
                        self.catch_up()
                    else:
                        self.settle(product_ids)
                except Exception:
                    # The watch names everything again within a minute, so nothing is lost.
                    log.exception("the bucket could not be looked through")

        def try_again() -> None:
            while not self._stop.wait(_LOOKS_AGAIN):
                self.settle(self._later.due())

        for follow in (watch, try_again):
            # A daemon, or it would keep alive a process whose end came before it could be told.
            thread = threading.Thread(target=follow, name=f"folder {follow.__name__}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def catch_up(self, progress: Progress | None = None) -> int:
        """Settle whatever changed while nobody was watching; how many products that were."""
        return self.settle([s for s in self._unsettled() if not self._later.waits(s)], progress)

    def settle(self, product_ids: Collection[str], progress: Progress | None = None) -> int:
        began = perf_counter()
        done = 0
        for done, _ in enumerate(self._workers.map(self._settle_one, product_ids), start=1):
            if progress is not None:
                progress(done, len(product_ids))
        if done >= _WORTH_A_LINE:
            seconds = perf_counter() - began
            log.info("indexed %d products in %.1f s (%.0f/s)", done, seconds, done / seconds)
        return done

    def close(self) -> None:
        """Give up what has not begun; the next start's catch-up finds it."""
        self._stop.set()
        self._workers.shutdown(cancel_futures=True)
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def goes_on(self) -> bool:
        return not self._stop.is_set()

    def _settle_one(self, subject: str) -> None:
        """One must never take the others down with it."""
        trouble: Exception | None = None
        for attempt in range(1 if self._later.waits(subject) else _TRIES):
            self._stop.wait(0.2 * attempt)
            if self._stop.is_set():
                return
            try:
                self._look(subject)
            except Exception as error:
                trouble = error
            else:
                if self._later.done(subject):
                    log.info("%s is done with after all", subject)
                return
        if self._stop.is_set():
            return  # that was why
        pause = self._later.put_off(subject)
        if pause is not None:  # once every pause is as long as the last one, all has been said
            trace = None if isinstance(trouble, LikenessError) else trouble
            log.error("%s is put off for %g s: %s", subject, pause, trouble, exc_info=trace)


def now_and_then(stop: threading.Event) -> Iterator[None]:
    """A watch for what is few, as feeds are: all of it is looked at every second, but with no more
    than a thirtieth of the time, as long as that is within the minute."""
    while not stop.is_set():
        began = perf_counter()
        yield None
        took = perf_counter() - began
        stop.wait(min(max(_SHORTEST_PAUSE, took * _PAUSE_SHARE), _LONGEST_PAUSE))
