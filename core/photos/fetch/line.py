"""A connection that ends: at one moment, and after so many bytes, however it is kept busy.

A socket's own timeout starts anew with every byte that comes, so a server that gives one now and
then could keep us for ever.
"""

from __future__ import annotations

import io
import socket
import ssl
from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING

from core.errors import ImageTooLarge
from core.photos import MAX_PHOTO_BYTES

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_AROUND_BYTES = 1024 * 1024
"""For headers, and for what says where the pieces of a body begin."""


def left(until: float) -> float:
    """The seconds until then. Raises TimeoutError when there are none."""
    seconds = until - monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def connect(addresses: Sequence[str], port: int, until: float) -> socket.socket:
    """To the first of the addresses that answers. Each has its share of the time, so that one that
    is silent leaves some for the next. Nobody is asked what a name means: these are numbers."""
    for number, address in enumerate(addresses):
        seconds = left(until) / (len(addresses) - number)
        try:
            return socket.create_connection((address, port), timeout=seconds)
        except OSError as error:
            failure = error
    raise failure


class Line(io.RawIOBase):
    """What http.client reads an answer from, in the place of a socket."""

    def __init__(self, sock: socket.socket, until: float) -> None:
        self._socket = sock
        self._until = until
        self._bytes_left = MAX_PHOTO_BYTES + _AROUND_BYTES

    def ask(self, request: bytes) -> None:
        self._socket.settimeout(left(self._until))
        self._socket.sendall(request)

    def makefile(self, mode: str) -> io.BufferedReader:  # noqa: ARG002
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        self._socket.settimeout(left(self._until))
        count = self._socket.recv_into(buffer)
        self._bytes_left -= count
        if self._bytes_left < 0:
            raise ImageTooLarge("The answer at this image_url is larger than any photo we read.")
        return count


def secured(sock: socket.socket, tls: ssl.SSLContext, name: str, until: float) -> socket.socket:
    """The same, once it has proved that it is who the name says."""
    sock.settimeout(left(until))
    sock.getpeername()  # raises where it is cut already: `ssl` would leave it open then
    return tls.wrap_socket(sock, server_hostname=name)
