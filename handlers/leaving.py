"""uvicorn's server with another end: whoever got through to us before it is answered.

uvicorn closes the listener and every quiet connection at once. With them goes what the system has
taken in for us and nobody has read yet: its sender sees a reset.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from ctypes import addressof, create_string_buffer
from signal import SIGTERM

import uvicorn

from handlers.connections import PatientNotForEver, State, has_something_to_read
from handlers.places import WAITING_TO_BE_ACCEPTED

_THREADS = 64
"""For all that waits: for the index, the cache or the bucket, or for its turn at the model."""
_LOOK_EVERY = 0.02
_QUIET_SECONDS = 0.5
_OPEN_SECONDS = 5.0
"""At most, after SIGTERM: those who send us requests are told of it as well, but later."""
_HANDSHAKE_SECONDS = 0.1
_ATTACH_FILTER = 26  # SO_ATTACH_FILTER of asm-generic/socket.h
_NO_SYN = (
    (0x30, 0, 0, 13),  # load the flags of TCP's header
    (0x45, 0, 1, 0x02),  # is SYN one of them?
    (0x06, 0, 0, 0),  # then drop it
    (0x06, 0, 0, 0xFFFFFFFF),
)


class Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, grace: float) -> None:
        super().__init__(config)
        self.server_state: State = State()
        self._grace = grace

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(_THREADS, "work"))
        await super().startup(sockets)
        for listener in sockets or ():
            listener.listen(WAITING_TO_BE_ACCEPTED)  # more than the loop accepts at once

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ctrl-C is somebody's who waits; SIGTERM that of a platform which has time."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self._grace
        in_haste = SIGTERM not in self._captured_signals
        self.server_state.leave(patient=not in_haste)
        if not in_haste:
            await self._until_it_is_quiet()
        await self._let_in_who_knocked(sockets or [])
        for server in self.servers:
            server.close()
        while self.server_state.connections and loop.time() < until and not self.force_exit:
            for connection in list(self.server_state.connections):
                assert isinstance(connection, PatientNotForEver)
                connection.close_if_idle()
            await asyncio.sleep(_LOOK_EVERY)
        self.config.timeout_graceful_shutdown = 1  # there was time enough
        await super().shutdown(sockets)

    async def _until_it_is_quiet(self) -> None:
        """Answer as before for a while, but on each connection for the last time."""
        now = asyncio.get_running_loop().time
        began = last = now()
        seen = -1
        while now() - last < _QUIET_SECONDS and now() - began < _OPEN_SECONDS:
            if self.force_exit:
                return
            if self.server_state.tasks or self.server_state.total_requests != seen:
                seen, last = self.server_state.total_requests, now()
            await asyncio.sleep(_LOOK_EVERY)

    async def _let_in_who_knocked(self, listeners: Sequence[socket.socket]) -> None:
        """The loop takes in all who are connected; nobody else gets connected from now on."""
        for listener in listeners:
            _turn_away_newcomers(listener)
        await asyncio.sleep(_HANDSHAKE_SECONDS)  # of those who are not through with it
        for _ in range(1000):
            if not any(has_something_to_read(one.fileno()) for one in listeners):
                break
            await asyncio.sleep(0)
        await asyncio.sleep(_LOOK_EVERY)  # until each of them is a connection of the loop's


def _turn_away_newcomers(listener: socket.socket) -> None:
    """Between the last look at who is connected and closing the listener, nobody must get
    connected: he would be reset. Elsewhere than on Linux that moment stays."""
    if sys.platform != "linux":
        return
    program = create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in _NO_SYN))
    with suppress(OSError):
        told = struct.pack("HP", len(_NO_SYN), addressof(program))
        listener.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, told)
