"""How often each scope of the shared cache has gone out of date: a counter each in the table.

What if the table does not answer when a scope must move on? The index has changed already, and a
cache that is down may cost speed but never an error, so the change stands and the step is owed:

- It is tried again, for `patience` seconds while the caller waits (a table that hiccups or
  throttles has mostly come round by then), then in the background until it is done, or this
  process ends. Stepping twice does no harm.
- While a step is owed, this process takes nothing of the scope for current.
- What remains: instances that do reach the table may serve answers made before the change until
  the step is done, at worst until those answers expire (CACHE_TTL). That takes a table which
  hears them and not us, or a process that dies owing. It is logged as an error.
"""

from __future__ import annotations

import logging
from threading import Condition, Thread

from core.budget import left
from core.stores.dynamodb_table import Item, Table, TableDown, number

log = logging.getLogger(__name__)

_LONGEST_PAUSE = 30.0


class Generations:
    """Safe to call from several threads and several processes.

    Every scoped question reads its scope's counter. One partition of DynamoDB allows 3,000 such
    reads a second; beyond that some questions go unanswered, which are then misses.
    """

    def __init__(self, table: Table, patience: float = 2.0, pause: float = 0.1) -> None:
        self._table = table
        self._patience = patience
        self._pause = pause
        self._changed = Condition()
        self._owed: dict[str, int] = {}
        self._debtor: Thread | None = None

    @staticmethod
    def place(scope: str) -> str:
        return f"generation:{scope}"

    @staticmethod
    def of(item: Item | None) -> int | None:
        """The generation by the item at the scope's place; None when it can't be told."""
        if item is None:
            return 0
        try:
            return int(item["generation"]["N"])
        except (KeyError, TypeError, ValueError):
            return None

    def owes(self, scope: str) -> bool:
        with self._changed:
            return scope in self._owed

    def advance(self, scope: str) -> None:
        if not self.owes(scope) and self._step(scope):
            return
        with self._changed:
            first = scope not in self._owed
            self._owed[scope] = self._owed.get(scope, 0) + 1
            if self._debtor is None:
                self._debtor = Thread(target=self._pay, name="owed-generations", daemon=True)
                self._debtor.start()
            self._changed.notify_all()
            if first:  # were the next ones to wait as well, a batch of changes would take forever
                log.error("%s changed, and the shared cache can't be told yet", scope)
                patience = min(self._patience, left() / 2)
                self._changed.wait_for(lambda: scope not in self._owed, patience)

    def _step(self, scope: str) -> bool:
        with self._changed:
            # This settles what is owed by now. Of a change that comes while our answer is on its
            # way, and can't be told either, the table knows nothing yet.
            settled = self._owed.get(scope, 0)
        at = self.place(scope)
        try:
            told = self._table.update(at, "ADD generation :one", insist=True, one=number(1))
        except TableDown:
            return False
        if self.of(told) is None:
            return False
        with self._changed:
            left = self._owed.pop(scope, 0) - settled
            if left > 0:
                self._owed[scope] = left
            self._changed.notify_all()
        return True

    def _pay(self) -> None:
        pause = self._pause
        while True:
            with self._changed:
                self._changed.wait(pause)
                scopes = list(self._owed)
                if not scopes:
                    self._debtor = None
                    return
            for scope in scopes:
                if self._step(scope):
                    log.info("the shared cache has been told that %s changed", scope)
            pause = min(2 * pause, _LONGEST_PAUSE)
