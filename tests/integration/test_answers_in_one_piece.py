"""How answers leave: a small one as one packet, a large one and one that comes in bits whole."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import pytest
from starlette.types import Receive, Scope, Send

from tests.integration.test_connections import Patient, connected, rest, serving

_LARGE = b"x" * 300_000


async def answers(scope: Scope, receive: Receive, send: Send) -> None:
    bodies = {"/small": [b"here"], "/large": [_LARGE], "/bits": [b"he", b"re"], "/none": [b""]}
    pieces = bodies[scope["path"]]
    length = sum(map(len, pieces))
    headers = [(b"content-length", b"%d" % length)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for number, piece in enumerate(pieces, start=1):
        if scope["path"] == "/bits":
            await asyncio.sleep(0.3)
        more = number < len(pieces)
        await send({"type": "http.response.body", "body": piece, "more_body": more})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving(Patient, application=answers) as port:
        yield port


def ask(connection: socket.socket, path: str, how: str = "keep-alive") -> None:
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: {how}\r\n\r\n".encode())


def test_a_small_answer_is_one_packet(port: int) -> None:
    with connected(port) as connection:
        for _ in range(20):
            ask(connection, "/small")
            assert connection.recv(65536).endswith(b"\r\n\r\nhere")


@pytest.mark.parametrize(
    ("path", "body"), [("/small", b"here"), ("/large", _LARGE), ("/none", b"")]
)
def test_an_answer_is_whole_when_the_connection_ends_with_it(
    path: str, body: bytes, port: int
) -> None:
    with connected(port) as connection:
        ask(connection, path, "close")
        said = rest(connection)
    assert said.startswith(b"HTTP/1.1 200 ")
    assert said.partition(b"\r\n\r\n")[2] == body


def test_what_is_said_so_far_does_not_wait_for_the_rest(port: int) -> None:
    with connected(port) as connection:
        ask(connection, "/bits")
        said = [connection.recv(65536) for _ in range(3)]
    assert said[0].endswith(b"\r\n\r\n")
    assert said[1:] == [b"he", b"re"]
