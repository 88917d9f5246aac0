"""What comes on a connection beside what is asked: none of it is kept without end."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest
from starlette.types import Receive, Scope, Send

from tests.integration.test_connections import GET, Patient, connected, rest, serving

_CHUNKED = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
_LAST = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
_PIECE = b"x" * 16 * 1024
_MEGABYTES = 4


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Says how much came, and which headers were known at the end."""
    length, more = 0, True
    while more:
        message = await receive()
        length += len(message.get("body", b""))
        more = message.get("more_body", False)
    names = b",".join(name for name, _ in scope["headers"])
    body = b"<%d %s here>" % (length, names)
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving(Patient, application=echo) as port:
        yield port


def taken(connection: socket.socket, begin: bytes, piece: bytes) -> int:
    """How many bytes go in until the server has had enough."""
    sent = 0
    with suppress(ConnectionError):
        connection.sendall(begin)
        while sent < _MEGABYTES * 2**20:
            connection.sendall(piece)
            sent += len(piece)
    return sent


@pytest.mark.parametrize(
    ("begin", "piece"),
    [
        pytest.param(b"GET /", _PIECE, id="an address"),
        pytest.param(GET[:-2] + b"A: ", _PIECE, id="a header"),
        pytest.param(GET[:-2], b"A: b\r\n" * 2000, id="headers"),
        pytest.param(b"", b"\r\n" * 8000, id="empty lines"),
        pytest.param(_CHUNKED + b"1;", _PIECE, id="what is said of a chunk"),
        pytest.param(_CHUNKED + b"0\r\nA: ", _PIECE, id="a header after a body"),
        pytest.param(_CHUNKED + b"0\r\n", b"A: b\r\n" * 2000, id="headers after a body"),
    ],
)
def test_what_never_ends_is_refused(begin: bytes, piece: bytes, port: int) -> None:
    with connected(port) as connection:
        # What the systems at both ends have room for goes in, too.
        assert taken(connection, begin, piece) < _MEGABYTES * 2**20


def test_who_is_refused_is_told(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(GET[:-2] + b"A: " + b"x" * 70_000)
        assert rest(connection).startswith(b"HTTP/1.1 400 ")


def test_a_long_head_and_a_long_body_are_none_too_long(port: int) -> None:
    head = _LAST.replace(b"GET", b"POST")[:-2] + b"A: " + b"x" * 50_000
    with connected(port) as connection:
        connection.sendall(head + b"\r\nContent-Length: 900000\r\n\r\n" + b"x" * 900_000)
        said = rest(connection)
    assert said.startswith(b"HTTP/1.1 200 ")
    assert b"<900000 host,connection,a,content-length here>" in said


def test_a_body_in_very_many_chunks_is_none_too_many(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(_CHUNKED + b"1\r\nx\r\n" * 30_000 + b"0\r\n\r\n" + _LAST)
        assert b"<30000 host,transfer-encoding here>" in rest(connection)


def test_what_follows_a_body_is_none_of_the_headers(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(_CHUNKED + b"1\r\nx\r\n0\r\nX-Api-Key: another\r\n\r\n" + _LAST)
        said = rest(connection)
    assert b"<1 host,transfer-encoding here>" in said
    assert b"<0 host,connection here>" in said


def test_several_at_once_are_answered_in_their_order(port: int) -> None:
    posts = (
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % n + b"x" * n
        for n in range(50)
    )
    with connected(port) as connection:
        connection.sendall(b"".join(posts) + _LAST)
        said = rest(connection)
    places = [said.index(b"<%d host" % n) for n in range(50)]
    assert places == sorted(places)
    assert b"<0 host,connection here>" in said


def test_far_too_many_at_once_are_refused(port: int) -> None:
    with connected(port) as connection:
        assert taken(connection, b"", GET * 1000) < _MEGABYTES * 2**20


def test_who_would_speak_another_protocol_is_answered_in_this_one(port: int) -> None:
    offer = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
    with connected(port) as connection:
        connection.sendall(GET[:-2] + offer + b"\r\n")
        said = b""
        while b"here>" not in said:
            said += connection.recv(4096)
        connection.sendall(_LAST)
        assert b"<0 host,connection here>" in rest(connection)


@pytest.mark.parametrize(
    "request_line",
    [b"GET / HTTP/9.9", b"NONSENSE", b"GET /\xff HTTP/1.1", b"CONNECT x:80 HTTP/1.1",
     b"PRI * HTTP/2.0"],
)  # fmt: skip
def test_what_is_no_request_is_a_400(request_line: bytes, port: int) -> None:
    with connected(port) as connection:
        connection.sendall(request_line + b"\r\nHost: x\r\n\r\n")
        assert rest(connection).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    "headers",
    [b"Content-Length: 3\r\nTransfer-Encoding: chunked", b"Content-Length: 3\r\nContent-Length: 4",
     b"Content-Length: -3", b"Transfer-Encoding: chunked, nothing", b"A : b", b"A: b\rB: c"],
)  # fmt: skip
def test_what_two_readers_could_read_differently_is_a_400(headers: bytes, port: int) -> None:
    with connected(port) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n\r\n0\r\n\r\n")
        assert rest(connection).startswith(b"HTTP/1.1 400 ")
