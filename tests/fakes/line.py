"""A line from the shop to something it needs, which a test can trouble: it passes bytes on, and
knows nothing of what they say."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from enum import StrEnum
from itertools import cycle
from selectors import EVENT_READ, DefaultSelector
from threading import Event, Thread

_PIECE = 65536


class Weather(StrEnum):
    """What becomes of what is asked, or of the answer."""

    CLEAR = "clear"
    SLOW = "slow"
    """The answer comes late, but in time."""
    SILENT = "silent"
    """Nothing comes for longer than anybody waits; then the line is cut. It was not heard."""
    REFUSED = "refused"
    """Nobody picks up."""
    LOST = "lost"
    """It was heard and done, and the line is cut before the answer."""
    CUT = "cut"
    """The line is cut in the midst of the answer."""
    MANGLED = "mangled"
    """The answer comes with a part of it spoilt: its middle, and the next time another."""
    BUSY = "busy"
    """Somebody on the way says that it is too much just now. It was not heard."""


_BUSY = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"
SLOW_SECONDS, SILENT_SECONDS = 0.03, 0.6


class Line:
    """Listens on a port of its own, for as long as it is not closed."""

    def __init__(
        self, host: str, port: int, *, at: str = "127.0.0.1", silent: float = SILENT_SECONDS
    ) -> None:
        """`silent`: for how many seconds nothing comes, where it is that."""
        self.weather = Weather.CLEAR
        self._to = (host, port)
        self._silent = silent
        self._places = cycle((0.5, 0.75, 0.25, 0.9))
        self._listener = socket.create_server((at, 0), backlog=128)
        self.port = int(self._listener.getsockname()[1])
        self._over = Event()
        Thread(target=self._listen, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._over.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _listen(self) -> None:
        while not self._over.is_set():
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            Thread(target=self._carry, args=(caller,), daemon=True).start()

    def _carry(self, caller: socket.socket) -> None:
        if self.weather is Weather.REFUSED:
            _reset(caller)
            return
        with caller, socket.create_connection(self._to) as other, DefaultSelector() as ready:
            for end in (caller, other):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                ready.register(end, EVENT_READ)
            with suppress(OSError):
                while not self._over.is_set():
                    for key, _ in ready.select(0.5):
                        if not self._passed(key.fileobj is caller, caller, other):
                            return

    def _passed(self, asks: bool, caller: socket.socket, other: socket.socket) -> bool:
        """Whether the line still stands."""
        piece = (caller if asks else other).recv(_PIECE)
        if not piece:
            return False
        weather = self.weather
        if asks and weather is Weather.BUSY:
            caller.sendall(_BUSY)
            return False
        if asks and weather is Weather.SILENT:
            self._over.wait(self._silent)
        if weather is Weather.REFUSED or (asks and weather is Weather.SILENT):
            _reset(caller)
            return False
        if asks:
            other.sendall(piece)
            return True
        return self._answered(weather, piece, caller)

    def _answered(self, weather: Weather, piece: bytes, caller: socket.socket) -> bool:
        if weather is Weather.SLOW:
            self._over.wait(SLOW_SECONDS)
        if weather is Weather.CUT:
            caller.sendall(piece[: len(piece) // 2])
            return False
        if weather is Weather.LOST:
            _reset(caller)
            return False
        if weather is Weather.MANGLED:
            at = int(len(piece) * next(self._places))
            spoilt = bytes(byte ^ 0xFF for byte in piece[at : at + 64])
            piece = piece[:at] + spoilt + piece[at + 64 :]
        caller.sendall(piece)
        return True


def _reset(end: socket.socket) -> None:
    with suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        end.close()
