"""A photo that is fetched has an end: at so many bytes and at one moment, whoever sends it."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import suppress
from itertools import repeat
from time import monotonic, sleep

import pytest

from core.errors import ImageTooLarge, ImageUrlFailed
from core.photos import MAX_PHOTO_BYTES
from core.photos.fetch.line import secured
from tests import certificates
from tests.internet import NAME, PUBLIC, Internet, answer, said, without_end
from tests.photos import jpeg

pytestmark = pytest.mark.skipif(
    not certificates.CAN_BE_MADE, reason="openssl makes the certificate"
)

PHOTO = jpeg(1)
OK = b"HTTP/1.1 200 OK\r\n"
IN_PIECES = OK + b"Transfer-Encoding: chunked\r\n\r\n"
LONG = OK + f"Content-Length: {MAX_PHOTO_BYTES}\r\n\r\n".encode()
BEGUN = b"\xff\xd8\xff"
CONTINUE = b"HTTP/1.1 100 Continue\r\n"


@pytest.fixture(scope="module")
def internet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Internet]:
    internet = Internet(tmp_path_factory.mktemp("internet"))
    yield internet
    internet.close()


ENDLESS = {
    "body": without_end(PHOTO, OK + b"\r\n"),
    "pieces": without_end(b"%x\r\n%b\r\n" % (len(PHOTO), PHOTO), IN_PIECES),
    "small pieces": without_end(
        (b"1;" + b"y" * 999 + b"\r\n\xff\r\n") * 99, IN_PIECES + b"3\r\n" + BEGUN + b"\r\n"
    ),
    "trailers": without_end(b"x: y\r\n" * 999, IN_PIECES + b"3\r\n" + BEGUN + b"\r\n0\r\n"),
    "promises": without_end((CONTINUE + b"\r\n") * 999),
    "long promises": without_end((CONTINUE + b"x: y\r\n\r\n") * 999),
}


@pytest.mark.parametrize("what", ENDLESS)
def test_what_does_not_end_is_ended(internet: Internet, what: str) -> None:
    internet.safe.serve = ENDLESS[what]
    with pytest.raises((ImageTooLarge, ImageUrlFailed)):
        internet.fetch(internet.url(), seconds=100)


def test_a_photo_that_says_it_is_too_large_is_not_begun(internet: Internet) -> None:
    taken = 0

    def serve(sock: socket.socket, _: str) -> None:
        nonlocal taken
        sock.sendall(OK + f"Content-Length: {MAX_PHOTO_BYTES + 1}\r\n\r\n".encode())
        with suppress(OSError):
            for piece in repeat(bytes(65536)):
                sock.sendall(piece)
                taken += len(piece)

    internet.safe.serve = serve
    with pytest.raises(ImageTooLarge, match="20 MB"):
        internet.fetch(internet.url())
    assert taken < MAX_PHOTO_BYTES


def test_a_photo_of_the_most_bytes_there_may_be_is_taken(internet: Internet) -> None:
    largest = PHOTO + bytes(MAX_PHOTO_BYTES - len(PHOTO))
    internet.safe.serve = answer(largest)
    assert internet.fetch(internet.url(), seconds=100) == largest
    internet.safe.serve = said(OK + b"\r\n", largest + b"!")
    with pytest.raises(ImageTooLarge):
        internet.fetch(internet.url(), seconds=100)


DRIPPING = {
    "head": without_end(b"x", OK, pause=0.05),
    "body": without_end(b"\xff", LONG + BEGUN, pause=0.05),
    "sizes": without_end(b"0", IN_PIECES, pause=0.05),
    "trailers": without_end(b"x", IN_PIECES + b"3\r\n" + BEGUN + b"\r\n0\r\n", pause=0.05),
    "promises": without_end(CONTINUE + b"\r\n", pause=0.05),
}


@pytest.mark.parametrize("what", DRIPPING)
def test_what_only_drips_is_not_waited_for(internet: Internet, what: str) -> None:
    """Each byte comes well within any timeout that a socket has."""
    internet.safe.serve = DRIPPING[what]
    with pytest.raises(ImageUrlFailed, match="in time"):
        internet.fetch(internet.url(), seconds=0.6)


def test_who_is_silent_is_not_waited_for(internet: Internet) -> None:
    over = threading.Event()
    internet.safe.serve = lambda *_: over.wait(20)
    with pytest.raises(ImageUrlFailed, match="in time"):
        internet.fetch(internet.url(), seconds=0.3)
    over.set()


def test_who_never_shakes_hands_is_not_waited_for(internet: Internet) -> None:
    with socket.create_server((PUBLIC, 0)) as mute:
        port = mute.getsockname()[1]
        fetcher = internet.fetcher(port)
        with pytest.raises(ImageUrlFailed, match="in time"):
            fetcher.fetch(f"https://photos.example:{port}/", monotonic() + 0.3)


def test_a_line_that_is_cut_before_hands_are_shaken_is_closed(internet: Internet) -> None:
    with socket.create_server((PUBLIC, 0)) as server:
        sock = socket.create_connection(server.getsockname())
        with sock:
            caller, _ = server.accept()
            caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            caller.close()
            sleep(0.05)
            with pytest.raises(OSError, match="not connected"):
                secured(sock, internet.trust, NAME, monotonic() + 5)
            assert sock.fileno() != -1, "it is still ours to close"


def test_names_servers_are_not_waited_for(internet: Internet) -> None:
    found = threading.Event()

    def resolve(name: str) -> list[str]:
        found.wait(20)
        return [PUBLIC]

    fetcher = internet.fetcher(resolve=resolve)
    for _ in range(20):  # more than are looked up at once
        with pytest.raises(ImageUrlFailed, match="in time"):
            fetcher.fetch(internet.url(), monotonic() + 0.05)
    found.set()
    internet.safe.serve = answer(PHOTO)
    assert fetcher.fetch(internet.url(), monotonic() + 20) == PHOTO


def test_no_time_is_no_time(internet: Internet) -> None:
    visits = internet.safe.visits
    with pytest.raises(ImageUrlFailed, match="in time"):
        internet.fetch(internet.url(), seconds=-1)
    assert internet.safe.visits == visits
