"""A question that is put again where that may help, a few times and as long as there is time.

Who failed several times in a row is left in peace for a while.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from random import random
from time import sleep
from typing import TypeVar

from core.errors import Unavailable
from core.stores.breaker import Breaker
from core.stores.lines import TROUBLE, Deadline, Lines, Reply, Request

log = logging.getLogger(__name__)

T = TypeVar("T")
ATTEMPTS = 3
_FIRST_PAUSE = 0.1
_REST = 2.0
"""Seconds for which nobody is made to wait for one that did not answer several in a row."""
_SERVERS_FAULT = 500


class Failed(Exception):
    """An attempt that may be made again, `pause` seconds later at the soonest."""

    def __init__(self, why: str, pause: float = 0.0) -> None:
        super().__init__(why)
        self.pause = pause


class Attempts:
    """At questions to one server. Safe to use from several threads."""

    def __init__(
        self, lines: Lines, name: str, away: type[Unavailable], slow: type[Unavailable]
    ) -> None:
        """`name`: what people call it, and what is raised where it does not answer, or not in
        time."""
        self._lines = lines
        self._name = name
        self._away = away
        self._slow = slow
        self._breaker = Breaker(rest=_REST)

    def make(self, what: str, attempt: Callable[[Deadline], T], deadline: Deadline) -> T:
        """What an attempt gives. It raises Failed where another one may do better."""
        if not self._breaker.lets_through():
            raise self._away(f"{self._name} did not answer a moment ago.")
        for number in range(ATTEMPTS):
            try:
                return attempt(deadline)
            except TimeoutError as error:
                self._breaker.failed()
                log.warning("%s: %s: no answer in time", self._name, what)
                raise self._slow(f"{self._name} takes longer than we wait.") from error
            except Failed as error:
                # Those who failed together shall not come again together.
                pause = max(error.pause, _FIRST_PAUSE * 2**number * (0.5 + random()))  # noqa: S311
                if number + 1 == ATTEMPTS or not deadline.allows(pause):
                    self._breaker.failed()
                    log.warning("%s: %s: %s", self._name, what, error)
                    raise self._away(f"{self._name} does not answer.") from error
            sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def exchange(self, request: Request, deadline: Deadline) -> Reply:
        """For an attempt: whatever the server answers."""
        try:
            reply = self._lines.exchange(request, deadline)
        except TimeoutError:
            raise
        except TROUBLE as error:
            raise Failed(f"{type(error).__name__}: {error}") from error
        if reply.status < _SERVERS_FAULT:
            self._breaker.succeeded()
        return reply
