"""The same work asked for several times at once is done once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, wait
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Callers who come while work of their key is under way wait for its result, or its error.

    Nothing is remembered once the work has ended: that is the cache's business.
    """

    def __init__(self, patience: float = 10.0) -> None:
        """Who waited `patience` seconds does the work on his own: one stuck run may hold up
        neither everybody behind it nor, with them, every thread of the server."""
        self._patience = patience
        self._lock = Lock()
        self._flights: dict[str, Future[T]] = {}

    def do(self, key: str, work: Callable[[], T]) -> T:
        with self._lock:
            flight = self._flights.get(key)
            leads = flight is None
            if flight is None:
                flight = self._flights[key] = Future()
        if leads:
            return self._lead(key, flight, work)
        wait([flight], self._patience)
        return flight.result() if flight.done() else work()

    def _lead(self, key: str, flight: Future[T], work: Callable[[], T]) -> T:
        try:
            result = work()
        except BaseException as error:
            self._land(key)
            flight.set_exception(error)
            raise
        self._land(key)
        flight.set_result(result)
        return result

    def _land(self, key: str) -> None:
        with self._lock:
            del self._flights[key]
