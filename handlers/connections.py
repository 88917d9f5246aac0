"""Connections as uvicorn keeps them, but none for ever: one on which no request comes about is
closed, so that who opens many and says little keeps nobody else out. Where there are too many, the
quiet ones make room for who comes. And none is closed at the server's end on which a request has
come."""

from __future__ import annotations

import asyncio
import select
from heapq import nsmallest
from typing import Any

from httptools import HttpParserError
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from core.errors import Overloaded
from handlers.answering import InOnePiece
from handlers.places import places
from handlers.problems import refusal

HEAD_SECONDS = 10.0
_FIRST_WORD_SECONDS = 2.0
"""At the server's end, for one who has just got connected."""
_NEXT_WORD_SECONDS = 0.5
"""For one who has asked before, and may be about to ask again."""
_MOST_KEPT = 64 * 1024
"""Bytes of a head, or between two pieces of a body, that the parser keeps until they end."""
_MOST_IN_LINE = 100
"""Requests that came on a connection before the first of them was answered."""
_LAST = (b"connection", b"close")


class State(ServerState):
    """What connections know of their server."""

    def __init__(self) -> None:
        super().__init__()
        self.leaving = False
        self.patient = False
        self.places = places()
        self.going = 0

    def make_room_for(self, newcomer: PatientNotForEver) -> bool:
        """Those who have been quiet the longest make it, first of all without ever having asked
        anything. False where nobody else is quiet."""
        too_many = len(self.connections) - self.going - self.places
        if too_many <= 0:
            return True
        connections = (one for one in self.connections if isinstance(one, PatientNotForEver))
        quiet = (one for one in connections if one.is_quiet and one is not newcomer)
        some_more = self.places // 16  # or everybody who comes would have to be made room for
        going = nsmallest(too_many + some_more, quiet, key=PatientNotForEver.worth)
        for one in going:
            one.make_room()
        self.going += len(going)
        return len(going) >= too_many

    def leave(self, *, patient: bool) -> None:
        """Every answer is the last on its connection from now on."""
        self.leaving, self.patient = True, patient
        for connection in self.connections:
            assert isinstance(connection, PatientNotForEver)
            connection.say_goodbye()


class PatientNotForEver(HttpToolsProtocol):
    """Looks from time to time whether a request is under way, or one began since the last look.
    What is under way has time limits of its own."""

    head_seconds = HEAD_SECONDS
    server_state: State

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.transport: InOnePiece = InOnePiece(transport, self.loop)
        self._begun = False
        self._kept = 0
        self._seen: Any = None
        self._next_look = self.loop.call_later(self.head_seconds, self._look)
        self._quiet_since = self.loop.time()
        self._makes_room = False
        if not self.server_state.make_room_for(self):
            self.app = _come_again

    def connection_lost(self, exc: Exception | None) -> None:
        self._next_look.cancel()
        self.server_state.going -= self._makes_room
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._kept += len(data)
        super().data_received(data)
        if self._kept > _MOST_KEPT and not self.transport.is_closing():
            self.send_400_response("The head of the request is too long.")
        if self.server_state.leaving:
            self.say_goodbye()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._begun = True

    def on_headers_complete(self) -> None:
        if len(self.pipeline) >= _MOST_IN_LINE:
            raise HttpParserError("too many requests in line")
        super().on_headers_complete()
        self.headers = []  # or what comes after a body would be among the request's, too

    def on_body(self, body: bytes) -> None:
        self._kept = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._begun = False
        self._kept = 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        self.transport.flush()
        super().on_response_complete()
        if self.pipeline:  # first those who are in line
            self.flow.pause_reading()

    def say_goodbye(self) -> None:
        """Not before the whole question is here: who is still sending it when the connection is
        closed may never see the answer."""
        self._quiet_since = self.loop.time()
        cycle = self.cycle
        if cycle is not None and not cycle.more_body and _LAST not in cycle.default_headers:
            cycle.default_headers = [*cycle.default_headers, _LAST]

    def close_if_idle(self) -> None:
        if self._is_under_way or self.transport.is_closing():
            return
        patience = _NEXT_WORD_SECONDS if self.cycle else _FIRST_WORD_SECONDS
        if self.server_state.patient and self.loop.time() - self._quiet_since < patience:
            return
        if not self._begun and not has_something_to_read(
            self.transport.get_extra_info("socket").fileno()
        ):
            self.transport.close()

    @property
    def is_quiet(self) -> bool:
        if self._is_under_way or self.transport.is_closing():
            return False
        return not has_something_to_read(self.transport.get_extra_info("socket").fileno())

    def make_room(self) -> None:
        self._makes_room = True
        self.transport.close()

    def worth(self) -> tuple[bool, float]:
        return self.cycle is not None, self._quiet_since

    @property
    def _is_under_way(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _look(self) -> None:
        if self._is_under_way or self.cycle is not self._seen:
            self._seen = self.cycle
            self._next_look = self.loop.call_later(self.head_seconds, self._look)
        else:
            self.transport.close()


async def _come_again(scope: Scope, receive: Receive, send: Send) -> None:
    """Instead of the application, for who found no place."""
    full = Overloaded("More clients are connected than can be served. Come again soon.")
    answer = refusal(scope, full)
    answer.headers["Connection"] = "close"
    await answer(scope, receive, send)


def has_something_to_read(descriptor: int) -> bool:
    looking = select.poll()
    looking.register(descriptor, select.POLLIN)
    return bool(looking.poll(0))
