"""Photos fetched from a stranger's server, over TLS and for real, whatever it answers."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Iterator
from time import monotonic

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import (
    ImageTooLarge,
    ImageUnreadable,
    ImageUrlFailed,
    ImageUrlRefused,
    LikenessError,
)
from tests import certificates
from tests.internet import DEAD, NAME, PUBLIC, Internet, Serve, answer, moved, said, without_end
from tests.photos import jpeg

pytestmark = pytest.mark.skipif(
    not certificates.CAN_BE_MADE, reason="openssl makes the certificate"
)

PHOTO = jpeg(1)
OK = b"HTTP/1.1 200 OK\r\n"
IN_PIECES = OK + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(PHOTO) + PHOTO


@pytest.fixture(scope="module")
def internet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Internet]:
    internet = Internet(tmp_path_factory.mktemp("internet"))
    internet.names |= {"other.example": [PUBLIC], f"www.{NAME}": [PUBLIC]}
    yield internet
    internet.close()


def test_a_photo(internet: Internet) -> None:
    internet.safe.serve = answer(PHOTO, headers="Content-Type: image/jpeg\r\n")
    assert internet.fetch(internet.url("/a b/é.jpg?size=é&x=1%202#top")) == PHOTO
    head = internet.safe.heads[-1]
    assert head.startswith("GET /a%20b/%C3%A9.jpg?size=%C3%A9&x=1%202 HTTP/1.1\r\n")
    assert f"\r\nHost: {NAME}:{internet.safe.port}\r\n" in head
    assert "\r\nAccept-Encoding: identity\r\n" in head
    assert internet.asked_for[-1] == internet.looked_up[-1] == NAME


PHOTOS = {
    "of another kind": answer(PHOTO, headers="Content-Type: text/html\r\n"),
    "as it is": answer(PHOTO, headers="Content-Encoding: identity\r\n"),
    "of twelve": answer(PHOTO, length="twelve"),
    "of less than nothing": answer(PHOTO, length=-1),
    "of no length": said(OK + b"\r\n", PHOTO[:100], PHOTO[100:], pause=0.01),
    "in pieces": said(IN_PIECES + b"\r\n0\r\n\r\n"),
    "after a while": said(b"HTTP/1.1 100 Continue\r\n\r\n", OK + b"\r\n", PHOTO),
}


@pytest.mark.parametrize("how", PHOTOS)
def test_a_photo_is_one_whatever_is_said_of_it(internet: Internet, how: str) -> None:
    internet.safe.serve = PHOTOS[how]
    assert internet.fetch(internet.url()) == PHOTO


def test_a_photo_ends_where_it_says(internet: Internet) -> None:
    internet.safe.serve = answer(PHOTO, length=100)
    assert internet.fetch(internet.url()) == PHOTO[:100]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_it_may_have_moved_three_times(internet: Internet, status: int) -> None:
    ways = {
        "/0": moved("1", status),
        "/1": moved(f"//www.{NAME}:{internet.safe.port}/2", status),
        "/2": moved(internet.url("/3"), status),
        "/3": answer(PHOTO),
        "/-1": moved("/0", status),
    }
    internet.safe.serve = lambda sock, head: ways[head.split()[1]](sock, head)
    assert internet.fetch(internet.url("/0")) == PHOTO
    with pytest.raises(ImageUrlFailed, match="more than 3 times"):
        internet.fetch(internet.url("/-1"))


def test_plain_http_is_a_matter_of_the_setting(internet: Internet) -> None:
    internet.plain.serve = answer(PHOTO)
    internet.safe.serve = moved(internet.plain_url())
    for url in (internet.plain_url(), internet.url()):
        with pytest.raises(ImageUrlRefused, match="https://"):
            internet.fetch(url)
        assert internet.fetcher(allow_http=True).fetch(url, monotonic() + 20) == PHOTO


@pytest.mark.parametrize("status", [204, 206, 304, 401, 404, 500])
def test_nothing_but_a_plain_answer_is_taken(internet: Internet, status: int) -> None:
    internet.safe.serve = answer(PHOTO, status)
    with pytest.raises(ImageUrlFailed, match=f"answered {status}"):
        internet.fetch(internet.url())


@pytest.mark.parametrize("host", ["other.example", PUBLIC])
def test_a_server_must_prove_who_it_is(internet: Internet, host: str) -> None:
    internet.safe.serve = answer(PHOTO)
    heads = len(internet.safe.heads)
    with pytest.raises(ImageUrlFailed, match="certificate"):
        internet.fetch(internet.url(name=host))
    assert len(internet.safe.heads) == heads


def test_of_two_addresses_one_may_be_dead(internet: Internet) -> None:
    internet.safe.serve = answer(PHOTO)
    internet.names[f"two.{NAME}"] = [DEAD, PUBLIC]
    assert internet.fetch(internet.url(name=f"two.{NAME}")) == PHOTO
    internet.names[f"two.{NAME}"] = [DEAD, DEAD]
    with pytest.raises(ImageUrlFailed):
        internet.fetch(internet.url(name=f"two.{NAME}"))


NO_PHOTOS: dict[str, tuple[Serve, str]] = {
    "page": (answer(b"<html>not here", headers="Content-Type: image/jpeg\r\n"), "not a JPEG"),
    "drawing": (answer(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), "not a JPEG"),
    "nothing": (answer(b""), "empty"),
    "endless page": (without_end(b"<p>" * 1000, OK + b"\r\n"), "not a JPEG"),
}


@pytest.mark.parametrize("what", NO_PHOTOS)
def test_what_is_no_photo_is_not_taken(internet: Internet, what: str) -> None:
    internet.safe.serve, told = NO_PHOTOS[what]
    with pytest.raises(ImageUnreadable, match=told):
        internet.fetch(internet.url())


BROKEN = {
    "packed": answer(gzip.compress(PHOTO, mtime=0), headers="Content-Encoding: gzip\r\n"),
    "said to be packed": answer(PHOTO, headers="Content-Encoding: br\r\n"),
    "packed twice": answer(PHOTO, headers="Content-Encoding: identity, deflate\r\n"),
    "shorter than it says": answer(PHOTO, length=len(PHOTO) + 1),
    "without its last piece": said(IN_PIECES),
    "of many pieces": said(OK + b"Transfer-Encoding: chunked\r\n\r\nmany\r\n", PHOTO),
    "of a long line": said(OK + b"x" * 100_000),
    "of many lines": said(OK + b"x: y\r\n" * 1000 + b"\r\n", PHOTO),
    "of another protocol": said(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "nothing": said(b""),
    "elsewhere": moved("https://[::1"),
    "nowhere": said(b"HTTP/1.1 302 Found\r\n\r\n"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_an_answer_that_is_broken_is_none(internet: Internet, how: str) -> None:
    internet.safe.serve = BROKEN[how]
    with pytest.raises(ImageUrlFailed) as failed:
        internet.fetch(internet.url())
    assert failed.value.detail.startswith("The photo's server ")
    assert "127" not in failed.value.detail


PIECES = st.sampled_from(
    [
        *(b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 302 x\r\n", b"HTTP/1.1 100 x\r\n", b"HTTP/9 -1\r\n"),
        *(b"Content-Length: 5\r\n", b"Content-Length: -5\r\n", b"Content-Length: 9" + b"9" * 99),
        *(b"Transfer-Encoding: chunked\r\n", b"Location: /a\r\n", b"Location: \xff://[\r\n"),
        *(b"Content-Encoding: \xff\r\n", b"\r\n", b"\r\n\r\n", b"5\r\n", b"-5\r\n", b"fffffff\r\n"),
        *(b"\xff\xd8\xff", b"GIF89a", b"\x00", b": \r\n", b" folded\r\n"),
    ]
)


@settings(max_examples=200, deadline=None)
@given(parts=st.lists(PIECES | st.binary(max_size=30), max_size=12))
def test_whatever_a_server_says_it_is_a_photo_or_an_error_of_ours(
    internet: Internet, parts: list[bytes]
) -> None:
    internet.plain.serve = said(b"".join(parts))
    try:
        got = internet.fetcher(allow_http=True).fetch(internet.plain_url(), monotonic() + 20)
    except LikenessError as error:
        ours = (ImageUrlFailed, ImageUrlRefused, ImageUnreadable, ImageTooLarge)
        assert isinstance(error, ours)
    else:
        assert got.startswith((b"\xff\xd8\xff", b"GIF89a"))


def test_the_socket_is_closed_whatever_happens(internet: Internet) -> None:
    closed = []

    def serve(sock: socket.socket, head: str) -> None:
        answer(b"<html>")(sock, head)
        closed.append(sock.recv(1) == b"")

    internet.plain.serve = serve
    with pytest.raises(ImageUnreadable):
        internet.fetcher(allow_http=True).fetch(internet.plain_url(), monotonic() + 20)
    internet.wait_for(lambda: closed == [True])
