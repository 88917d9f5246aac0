"""Connections on which little happens, and what becomes of them."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from handlers.connections import PatientNotForEver
from handlers.leaving import Server
from handlers.middleware import TimeLimit

_LOOK = 0.2
_SLOW = 1.0
"""How long the application takes: several looks."""


class Hasty(PatientNotForEver):
    head_seconds = _LOOK


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive()).get("more_body"):
        pass
    if scope["path"] == "/slow":
        await asyncio.sleep(_SLOW)
    headers = [(b"content-length", b"4")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"here"})


@pytest.fixture
def port() -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    app = TimeLimit(application, seconds=10 * _SLOW, body_seconds=2 * _LOOK)
    config = uvicorn.Config(app, http=Hasty, lifespan="off", log_config=None, ws="none")
    server = Server(config, grace=5)
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join()
    listener.close()


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
