"""Asks a server over real sockets, from a process of its own, and as cheaply as Python can: what
asks and what answers share the processors.

Two ways. *In turn*: so many connections, each asks again as soon as it is answered. *On time*: so
many questions a second, whatever becomes of those before. There, an answer's time counts from
when its question was due, so that one who has to wait in a line is seen to wait.
"""

from __future__ import annotations

import multiprocessing
import socket
from collections.abc import Callable, Iterator
from itertools import count
from threading import Lock, Thread
from time import perf_counter, process_time, sleep
from typing import NamedTuple

Ask = Callable[[int], bytes]
"""A whole HTTP request, by its number. It is made before it is due."""

MOST_CONNECTIONS = 64
_PATIENCE = 60.0
_READ = 1 << 16
_LENGTH = b"\r\ncontent-length:"


class Told(NamedTuple):
    number: int
    due: float
    """Seconds since the first one was."""
    took: float
    """Milliseconds; in the second way, since it was due."""
    status: int
    """0 where there was no answer."""
    recalled: bool
    """Whether the server had it in its cache."""


class Heard(NamedTuple):
    told: list[Told]
    seconds: float
    busy: float
    """The share of one processor that asking took."""

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return sum(one.status == 200 for one in self.told) / self.seconds


def in_turn(port: int, connections: int, seconds: float, ask: Ask, first: int = 0) -> Heard:
    return _elsewhere(port, ask, connections, seconds, None, first)


def on_time(port: int, rate: float, seconds: float, ask: Ask, first: int = 0) -> Heard:
    return _elsewhere(port, ask, MOST_CONNECTIONS, seconds, rate, first)


def post(path: str, body: bytes, kind: str) -> bytes:
    head = f"POST /api/v1{path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: {kind}\r\n"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body


def _elsewhere(*asked: object) -> Heard:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_heard, asked)


def _heard(
    port: int, ask: Ask, connections: int, seconds: float, rate: float | None, first: int
) -> Heard:
    questions = _Questions(ask, seconds, rate, first)
    told: list[Told] = []
    threads = [
        Thread(target=_Asking(port, questions, told).go, daemon=True) for _ in range(connections)
    ]
    worked, began = process_time(), perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = perf_counter() - began
    return Heard(sorted(told, key=lambda one: one.due), took, (process_time() - worked) / took)


class _Questions:
    """Handed out one by one, each to the first who has time for it."""

    def __init__(self, ask: Ask, seconds: float, rate: float | None, first: int) -> None:
        self._ask = ask
        self._seconds = seconds
        self._rate = rate
        self._first = first
        self._places = count()
        self._lock = Lock()
        self.began = perf_counter()

    def __iter__(self) -> Iterator[tuple[int, bytes, float | None]]:
        """Its number, what it says, and when it is due; None: now."""
        while True:
            with self._lock:
                place = next(self._places)
            due = None if self._rate is None else place / self._rate
            if (perf_counter() - self.began if due is None else due) >= self._seconds:
                return
            number = self._first + place
            yield number, self._ask(number), due


class _Asking:
    """Puts one question after the other, on one connection."""

    def __init__(self, port: int, questions: _Questions, told: list[Told]) -> None:
        self._connection = Connection(port)
        self._questions = questions
        self._told = told

    def go(self) -> None:
        began = self._questions.began
        for number, request, due in self._questions:
            if due is not None:
                sleep(max(0.0, began + due - perf_counter()))
            counts_from = perf_counter() - began if due is None else due
            status, recalled = self._connection.answered(request)
            took = (perf_counter() - began - counts_from) * 1000
            self._told.append(Told(number, counts_from, took, status, recalled))
        self._connection.close()


class Connection:
    """Kept as long as the server keeps it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def answered(self, request: bytes) -> tuple[int, bool]:
        """The status, 0 where there was no answer, and whether the cache had it. A kept connection
        may have been closed meanwhile; then it is asked on a new one."""
        kept = self._socket is not None
        try:
            return self._once(request)
        except OSError:
            self.close()
        try:
            return self._once(request) if kept else (0, False)
        except OSError:
            self.close()
            return 0, False

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _once(self, request: bytes) -> tuple[int, bool]:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), _PATIENCE)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        head, body = _answer(self._socket)
        if b"\r\nconnection: close" in head.lower():
            self.close()
        return int(head[9:12]), b'"cache":"hit"' in body


def _answer(connection: socket.socket) -> tuple[bytes, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        data += _more(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(head.lower().partition(_LENGTH)[2].partition(b"\r\n")[0])
    parts, missing = [body], length - len(body)
    while missing > 0:
        parts.append(_more(connection))
        missing -= len(parts[-1])
    return head, b"".join(parts)


def _more(connection: socket.socket) -> bytes:
    data = connection.recv(_READ)
    if not data:
        raise ConnectionResetError
    return data
