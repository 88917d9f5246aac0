"""How long whoever asked still waits: what is asked outside gets no more than what is left of it.

A door says until when, and all that is called on its behalf can tell; a thread that is given part
of the work is given the time with it. Who works for nobody who waits has all the time there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from math import inf
from threading import BoundedSemaphore, Thread
from time import monotonic
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_until: ContextVar[float] = ContextVar("until", default=inf)


def waits(seconds: float) -> None:
    """From now on, and for what is done on this caller's behalf."""
    _until.set(monotonic() + seconds)


def left() -> float:
    """In seconds; none when nobody waits any longer."""
    return max(0.0, _until.get() - monotonic())


@contextmanager
def at_least(seconds: float) -> Iterator[None]:
    """For what has to be put right behind a caller, even one who waits no longer."""
    before = _until.set(max(_until.get(), monotonic() + seconds))
    try:
        yield
    finally:
        _until.reset(before)


def shared(work: Callable[P, T]) -> Callable[P, T]:
    """The same work with this caller's time, for other threads."""
    until = _until.get()

    def timed(*args: P.args, **said: P.kwargs) -> T:
        before = _until.set(until)
        try:
            return work(*args, **said)
        finally:
            _until.reset(before)

    return timed


class Calls:
    """Calls that can't be broken off, only not be waited for any longer. Each has a thread of its
    own, which stays until the call ends by itself; so there are only so many at once."""

    def __init__(self, name: str, most: int) -> None:
        self._name = name
        self._free = BoundedSemaphore(most)

    def within(self, seconds: float, ask: Callable[[], T]) -> T:
        """What `ask` gives or raises; TimeoutError when that takes longer."""
        if seconds == inf:
            return ask()
        # Not above: a start that asks nobody in this way does without.
        from concurrent.futures import Future

        until = monotonic() + seconds
        if not self._free.acquire(timeout=seconds):
            raise TimeoutError(f"too many {self._name} are under way")
        answer: Future[T] = Future()

        def run() -> None:
            try:
                answer.set_result(ask())
            except BaseException as error:
                answer.set_exception(error)
            finally:
                self._free.release()

        Thread(target=run, name=self._name, daemon=True).start()
        return answer.result(timeout=max(0.0, until - monotonic()))
