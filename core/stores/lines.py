"""Connections to one server: kept alive, shared by threads, every wait against a deadline.

The standard library speaks HTTP well enough; what it lacks is that a timeout there is one of each
read, so that an answer that comes in drops never ends.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from email.message import Message
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from io import BufferedReader, RawIOBase
from socket import socket
from threading import Lock
from time import monotonic, time
from typing import Any, NamedTuple, cast
from urllib.parse import urlsplit

_CONNECT_SECONDS = 2.0
_IDLE_SECONDS = 45.0
"""Routers between us and a cloud forget a silent connection, some after a minute, and say nothing
of it: what is sent then is lost, and the wait for the answer is as long as we let it be."""

TROUBLE = (OSError, HTTPException)
"""What can come of an exchange, besides an answer."""


class Address(NamedTuple):
    encrypted: bool
    host: str
    port: int
    prefix: str

    @classmethod
    def of(cls, url: str, port: int | None = None) -> Address:
        """`port`: where none is told; else it is the scheme's. A ValueError for what is no address,
        or has more in it."""
        parts = urlsplit(url)
        encrypted = parts.scheme == "https"
        if parts.port is not None:
            port = parts.port
        elif port is None:
            port = 443 if encrypted else 80
        (parts.hostname or "").encode("idna")  # as it is looked up by
        plain = not (parts.username or parts.password or parts.query or parts.fragment)
        if parts.scheme not in ("http", "https") or not parts.hostname or not plain:
            raise ValueError("no address")
        return cls(encrypted, parts.hostname, port, parts.path.rstrip("/"))


class Deadline:
    def __init__(self, seconds: float) -> None:
        self._ends = monotonic() + seconds

    def left(self) -> float:
        """Seconds, more than none: TimeoutError when there are none."""
        seconds = self._ends - monotonic()
        if seconds <= 0:
            raise TimeoutError("the time is up")
        return seconds

    def allows(self, seconds: float) -> bool:
        return self._ends - monotonic() > seconds


class Request(NamedTuple):
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Reply(NamedTuple):
    status: int
    headers: Message
    body: bytes

    @property
    def retry_after(self) -> float:
        """In seconds; none where it does not say."""
        told = self.headers.get("Retry-After", "")
        return float(told) if told.isdecimal() else 0.0


class Lines:
    """As many connections as there are questions at once, each used again and again."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._lock = Lock()
        self._idle: list[_Line] = []
        self._closed = False
        self._process = os.getpid()
        self._tls: ssl.SSLContext | None = None

    def exchange(self, request: Request, deadline: Deadline) -> Reply:
        """Send this and read what comes back. Raises TimeoutError at the deadline, else of TROUBLE.

        What is sent may arrive twice: only for what does no harm then.
        """
        request = request._replace(path=self._address.prefix + request.path)
        line = self._kept()
        if line is not None:
            try:
                return self._on(line, request, deadline)
            except TimeoutError:
                raise
            except TROUBLE:
                pass  # it was hung up while it lay idle, which says nothing about the other side
        return self._on(self._new(), request, deadline)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for line in idle:
            line.close()

    def _on(self, line: _Line, request: Request, deadline: Deadline) -> Reply:
        try:
            reply = line.exchange(request, deadline)
        except BaseException:
            line.close()
            raise
        with self._lock:
            if line.alive and not self._closed:
                self._idle.append(line)
                return reply
        line.close()
        return reply

    def _kept(self) -> _Line | None:
        stale: list[_Line] = []
        with self._lock:
            if os.getpid() != self._process:
                # Ours through fork(), and the other process's too: neither would get its answers.
                self._process = os.getpid()
                stale, self._idle = self._idle, []
            line = self._idle.pop() if self._idle else None
            if line is not None and line.idle_seconds > _IDLE_SECONDS:
                stale, self._idle, line = [*self._idle, line], [], None
        for one in stale:
            one.close()
        return line

    def _new(self) -> _Line:
        host, port = self._address.host, self._address.port
        if not self._address.encrypted:
            return _Line(HTTPConnection(host, port))
        with self._lock:
            if self._tls is None:  # reading the authorities takes 20 ms, so plain HTTP does not
                self._tls = ssl.create_default_context()
        return _Line(HTTPSConnection(host, port, context=self._tls))


class _Line:
    def __init__(self, connection: HTTPConnection) -> None:
        self._connection = connection
        self._used = time()

    @property
    def alive(self) -> bool:
        return self._connection.sock is not None

    @property
    def idle_seconds(self) -> float:
        """By the wall clock: the other one stands still while a cloud has us frozen."""
        return abs(time() - self._used)

    def exchange(self, request: Request, deadline: Deadline) -> Reply:
        connection = self._connection
        if connection.sock is None:
            self._connect(deadline)
        connection.sock.settimeout(deadline.left())
        connection.request(request.method, request.path, request.body, dict(request.headers))
        # What would read the answer by itself reads it through us.
        connection.response_class = partial(_response, deadline)  # type: ignore[assignment]
        with connection.getresponse() as response:
            reply = Reply(response.status, response.headers, response.read())
        self._used = time()
        return reply

    def _connect(self, deadline: Deadline) -> None:
        self._connection.timeout = min(deadline.left(), _CONNECT_SECONDS)
        try:
            self._connection.connect()
        except TimeoutError as error:
            raise ConnectionError("nobody takes the call") from error

    def close(self) -> None:
        self._connection.close()


def _response(deadline: Deadline, sock: socket, **how: Any) -> HTTPResponse:
    return HTTPResponse(cast("socket", _Timed(sock, deadline)), **how)


class _Timed(RawIOBase):
    """A socket's bytes, each read of which may take what is left of the time."""

    def __init__(self, sock: socket, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline
        self._bytes = sock.makefile("rb", buffering=0)

    def makefile(self, *_: object) -> BufferedReader:
        """All that a response asks of its socket."""
        return BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int | None:
        self._sock.settimeout(self._deadline.left())
        return self._bytes.readinto(into)

    def close(self) -> None:
        self._bytes.close()
        super().close()
