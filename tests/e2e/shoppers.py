"""Shoppers who ask a server without a pause, each in a thread and in a way of its own."""

from __future__ import annotations

import http
import http.client
import json
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from threading import Event, Thread

from tests.photos import jpeg

_PATIENCE = 40.0
_CONNECTS_WITHIN = 0.8
"""Less than it takes the system to knock once more."""

Request = tuple[str, bytes, str]


@dataclass
class Told:
    """What became of all requests."""

    statuses: Counter[int] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    """Of connections that were accepted and gave no whole answer."""
    too_late: int = 0
    """On a kept connection that was closed before anything of the answer came: its client could not
    know of it yet, and would ask again on another."""
    unexplained: int = 0
    """A 503 that does not say when to come again."""


def words(number: int) -> Request:
    body = json.dumps({"text_query": f"a red mug, number {number}"}).encode()
    return "/api/v1/search", body, "application/json"


def photo(number: int) -> Request:
    return "/api/v1/search/by-image", jpeg(number, (900, 700), 95), "image/jpeg"


class Shoppers:
    def __init__(self, port: int) -> None:
        self.told = Told()
        self._port = port
        self._stop = Event()
        self._numbers = count()
        self._threads: list[Thread] = []

    def come(self, several: int, ask: Callable[[int], Request], *, keep: bool) -> None:
        """`keep`: each on one connection as long as that lasts, else on a new one each time."""
        shops = self._on_kept if keep else self._on_new
        for _ in range(several):
            thread = Thread(target=shops, args=(ask,))
            self._threads.append(thread)
            thread.start()

    def go(self) -> Told:
        self._stop.set()
        return self.gone()

    def gone(self) -> Told:
        """They go by themselves once nobody opens any more."""
        for thread in self._threads:
            thread.join(120)
            assert not thread.is_alive()
        return self.told

    def _on_new(self, ask: Callable[[int], Request]) -> None:
        while not self._stop.is_set() and (connection := self._connected()):
            with closing(connection):
                if not self._answered(connection, ask(next(self._numbers))):
                    self.told.lost.append("on a new connection")

    def _on_kept(self, ask: Callable[[int], Request]) -> None:
        while not self._stop.is_set() and (connection := self._connected()):
            with closing(connection):
                if not self._answered(connection, ask(next(self._numbers))):
                    self.told.lost.append("on a connection that is to be kept")
                while connection.sock is not None and not self._stop.is_set():
                    if not self._answered(connection, ask(next(self._numbers))):
                        self.told.too_late += 1
                        break

    def _connected(self) -> http.client.HTTPConnection | None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_CONNECTS_WITHIN)
        connection.auto_open = 0
        try:
            connection.connect()
        except (ConnectionRefusedError, TimeoutError):
            return None
        connection.sock.settimeout(_PATIENCE)
        return connection

    def _answered(self, connection: http.client.HTTPConnection, request: Request) -> bool:
        """Whether there was any answer. One that breaks off is worse than none."""
        path, body, kind = request
        try:
            connection.request("POST", path, body, {"content-type": kind})
            answer = connection.getresponse()
        except (ConnectionError, TimeoutError):
            return False
        try:
            json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.told.lost.append(f"in the midst of the answer: {error!r}")
        self.told.statuses[answer.status] += 1
        if answer.status == http.HTTPStatus.SERVICE_UNAVAILABLE:
            self.told.unexplained += "retry-after" not in answer.headers
        return True
