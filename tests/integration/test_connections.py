"""Connections on which little happens, and what becomes of them."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from handlers.connections import PatientNotForEver
from handlers.leaving import Server
from handlers.middleware import TimeLimit

_LOOK = 0.2
_SLOW = 1.0
"""How long the application takes: several looks."""


class Hasty(PatientNotForEver):
    head_seconds = _LOOK


async def quickly_or_slowly(scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive()).get("more_body"):
        pass
    if scope["path"] == "/slow":
        await asyncio.sleep(_SLOW)
    headers = [(b"content-length", b"4")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"here"})


@contextmanager
def serving(
    kind: type[PatientNotForEver],
    places: int | None = None,
    application: ASGIApp = quickly_or_slowly,
) -> Iterator[int]:
    """On which port."""
    listener = socket.create_server(("127.0.0.1", 0))
    app = TimeLimit(application, seconds=10 * _SLOW, body_seconds=2 * _LOOK)
    config = uvicorn.Config(app, http=kind, lifespan="off", log_config=None, ws="none")
    server = Server(config, grace=5)
    if places is not None:
        server.server_state.places = places
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture
def port() -> Iterator[int]:
    with serving(Hasty) as port:
        yield port


@contextmanager
def connected(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        yield connection


def answered(connection: socket.socket) -> bool:
    said = b""
    while not said.endswith(b"here") and (piece := connection.recv(4096)):
        said += piece
    return said.endswith(b"here")


def rest(connection: socket.socket) -> bytes:
    """All that comes until the server closes; a timeout where it does not."""
    said = b""
    while piece := connection.recv(4096):
        said += piece
    return said


@pytest.mark.parametrize("head", [b"", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nA: "])
def test_a_head_that_never_ends_is_not_waited_for(head: bytes, port: int) -> None:
    with connected(port) as connection:
        connection.sendall(head)
        assert rest(connection) == b""


def test_nor_is_the_next_one_on_a_connection_that_was_of_use(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert answered(connection)
        connection.sendall(b"GET / HTTP/1.1\r\nHost")
        assert rest(connection) == b""


def test_a_request_under_way_is_left_alone(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        assert answered(connection)


def test_a_body_that_never_ends_is_a_408_and_the_end(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nsome of it")
        said = rest(connection)
    assert said.startswith(b"HTTP/1.1 408 ")
    assert b"body_slow" in said


def test_many_who_say_nothing_keep_nobody_else_out(port: int) -> None:
    idle = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(200)]
    try:
        with connected(port) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert answered(connection)
        assert {rest(one) for one in idle} == {b""}
    finally:
        for one in idle:
            one.close()


GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
SLOW = b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"


class Patient(PatientNotForEver):
    head_seconds = 1000.0


def is_open(connection: socket.socket) -> bool:
    connection.sendall(GET)
    return answered(connection)


def test_where_places_run_out_who_never_asked_makes_room_the_oldest_first() -> None:
    with ExitStack() as closing, serving(Patient, places=3) as port:
        of_use, oldest, older = (closing.enter_context(connected(port)) for _ in range(3))
        assert is_open(of_use)
        newcomer = closing.enter_context(connected(port))
        assert is_open(newcomer)
        assert rest(oldest) == b""
        assert is_open(of_use)
        assert is_open(older)
        another = closing.enter_context(connected(port))
        assert is_open(another)
        assert rest(of_use) == b"", "all have asked now, and it came first"
        assert is_open(older)


def test_where_all_are_busy_a_newcomer_is_told_to_come_again() -> None:
    with ExitStack() as closing, serving(Patient, places=3) as port:
        busy = [closing.enter_context(connected(port)) for _ in range(3)]
        for one in busy:
            one.sendall(SLOW)
        newcomer = closing.enter_context(connected(port))
        newcomer.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nword")
        said = rest(newcomer)
        assert said.startswith(b"HTTP/1.1 503 ")
        assert b"overloaded" in said
        assert b"retry-after: 2" in said.lower()
        assert [answered(one) for one in busy] == [True] * 3
        assert is_open(closing.enter_context(connected(port)))


def test_a_crowd_that_says_nothing_makes_room_for_those_who_ask() -> None:
    with ExitStack() as closing, serving(Patient, places=20) as port:
        for _ in range(200):
            closing.enter_context(connected(port))
        for _ in range(5):
            assert is_open(closing.enter_context(connected(port)))
