"""Whoever changes a product has it to itself from the look at what is known of it to the last
write, or what another says meanwhile would be lost.

Nobody takes a second product's turn while having a first, or two could wait for each other. And
nobody waits for strangers in one. Of several processes each has its own turns: between them the
later write counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from threading import Lock, RLock
from weakref import WeakValueDictionary

from core import budget
from core.errors import OutOfTime


class Turns:
    """Nothing is kept of a product once nobody has its turn or waits for it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._turns: WeakValueDictionary[str, RLock] = WeakValueDictionary()

    def __len__(self) -> int:
        """How many products are being changed."""
        return len(self._turns)

    @contextmanager
    def of(self, product_id: str) -> Iterator[None]:
        """Who has the turn may take it again."""
        with self._lock:
            turn = self._turns.setdefault(product_id, RLock())
        seconds = budget.left()
        if not turn.acquire(timeout=-1 if seconds == inf else seconds):
            raise OutOfTime(f"Others were changing the product {product_id!r} all the time.")
        try:
            yield
        finally:
            turn.release()
