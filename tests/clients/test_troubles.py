"""What both clients do when the service, or the line to it, is not well."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from time import monotonic
from uuid import uuid4

import anyio
import pytest
from likeness_client import (
    AsyncLikeness,
    Likeness,
    LikenessError,
    NoAnswer,
    NotUnderstood,
    RateLimited,
    Receipt,
    SearchAnswer,
    Unavailable,
)

from tests.clients.conftest import ADMIN, SECRET
from tests.clients.lines import LASTING, PASSING, Visit, busy, cut_after_work, newer, older, place
from tests.e2e.running import free_port
from tests.fakes.troubled_aws import Line, Request, hangs, line_to, none, only, passing

Search = Callable[..., SearchAnswer]


@pytest.fixture
def line(url: str) -> Iterator[Line]:
    with line_to(place(url), Visit) as line:
        yield line


def searched(line: Line, **how: float | int) -> SearchAnswer:
    with Likeness(line.address.url, key=ADMIN, **how) as likeness:  # type: ignore[arg-type]
        return likeness.search("mug")


def searched_async(line: Line, **how: float | int) -> SearchAnswer:
    async def search() -> SearchAnswer:
        async with AsyncLikeness(line.address.url, key=ADMIN, **how) as likeness:  # type: ignore[arg-type]
            return await likeness.search("mug")

    return anyio.run(search)


both = pytest.mark.parametrize("search", [searched, searched_async])


@both
@pytest.mark.parametrize("name", PASSING)
def test_what_passes_is_tried_again(line: Line, search: Search, name: str) -> None:
    line.trouble = passing(PASSING[name], 2)
    assert len(search(line)) == 3
    assert line.asked == ["POST /search"] * 3


@both
@pytest.mark.parametrize("name", LASTING)
def test_what_lasts_is_told(line: Line, search: Search, name: str) -> None:
    line.trouble, code = LASTING[name]
    with pytest.raises(LikenessError) as told:
        search(line, timeout=2)
    assert told.value.code == code
    assert len(line.asked) == (3 if name.startswith("always") else 1)


@both
def test_what_is_asked_for_between_tries_is_waited(line: Line, search: Search) -> None:
    line.trouble = passing(busy(429, Retry_After="1"), 1)
    began = monotonic()
    search(line)
    assert monotonic() - began >= 1


def test_nobody_waits_for_longer_than_there_is_time(line: Line) -> None:
    line.trouble = busy(429, Retry_After="3600")
    with pytest.raises(RateLimited) as told:
        searched(line)
    assert (told.value.retry_after, len(line.asked)) == (3600, 1)


def test_no_retries_are_none(line: Line) -> None:
    line.trouble = busy(503, Retry_After="1")
    with pytest.raises(Unavailable) as told:
        searched(line, retries=0)
    assert (told.value.retry_after, len(line.asked)) == (1, 1)


def test_a_service_that_says_more_or_less_is_understood(line: Line) -> None:
    plain = searched(line)
    line.trouble = newer
    more = searched(line)
    assert more.results == plain.results
    line.trouble = older
    less = searched(line)
    assert [hit.product_id for hit in less] == [hit.product_id for hit in plain]
    assert (less.results[0].name, less.results[0].price, less.facets) == ("", None, {})


@both
def test_nobody_is_there(line: Line, search: Search) -> None:
    likeness = Likeness(f"http://127.0.0.1:{free_port()}", retries=1)
    with likeness, pytest.raises(NoAnswer) as told:
        likeness.health()
    assert not told.value.sent


def test_what_may_have_been_done_is_not_done_twice(line: Line, url: str) -> None:
    with Likeness(line.address.url, key=ADMIN) as likeness:
        for trouble, error in ((cut_after_work, NoAnswer), (busy(503), Unavailable)):
            lamp = f"lamp-{uuid4().hex}"
            line.asked.clear()
            line.trouble = only("POST /products", trouble)
            with pytest.raises(error):
                likeness.create_product(lamp, name="Lamp")
            assert line.asked == ["POST /products"]
            likeness.delete_product(lamp)


def test_what_was_not_done_is_tried_again(line: Line) -> None:
    lamp = f"lamp-{uuid4().hex}"
    line.trouble = passing(busy(429), 1)
    with Likeness(line.address.url, key=ADMIN) as likeness:
        assert likeness.create_product(lamp, name="Lamp").name == "Lamp"
        likeness.delete_product(lamp)


def test_saying_a_product_anew_may_be_said_again(line: Line) -> None:
    lamp = f"lamp-{uuid4().hex}"
    with Likeness(line.address.url, key=ADMIN) as likeness:
        line.trouble = passing(cut_after_work, 1)
        assert likeness.put_product(lamp, name="Lamp").name == "Lamp"
        line.trouble = passing(cut_after_work, 1)
        assert likeness.change_product(lamp, price=3).price == 3
        line.trouble = passing(cut_after_work, 1)
        likeness.delete_product(lamp)


def test_an_event_that_was_worked_unheard_is_not_worked_again(line: Line) -> None:
    line.trouble = passing(cut_after_work, 1)
    with Likeness(line.address.url) as office:
        told = office.send_event(
            "back-office", SECRET, "product.deleted", {"id": "no-mug"}, event_id="gone-1"
        )
    assert told == Receipt(status="duplicate", event_id="gone-1")


def test_each_try_of_an_event_is_signed_as_of_its_moment(line: Line) -> None:
    moments: list[str] = []

    def late(request: Request) -> None:
        moments.append(request.headers["X-Webhook-Timestamp"])
        (busy(503, Retry_After="1") if len(moments) == 1 else none)(request)

    line.trouble = late
    with Likeness(line.address.url) as office:
        office.send_event("back-office", SECRET, "product.deleted", {"id": "no-such-mug"})
    assert int(moments[1]) > int(moments[0])


def test_the_key_is_told_to_the_service_alone(line: Line) -> None:
    """Photos are put to addresses the service names, which may be another's."""
    keys: dict[str, str | None] = {}

    def look(request: Request) -> None:
        keys[request.command] = request.headers["X-API-Key"]
        none(request)

    line.trouble = look
    with Likeness(line.address.url, key=ADMIN) as likeness:
        likeness.upload(b"\xff\xd8\xff a photo, it says")
    assert keys == {"POST": ADMIN, "PUT": None}


def test_a_redirect_is_not_followed_with_the_key(line: Line) -> None:
    line.trouble = LASTING["redirect"][0]
    with pytest.raises(NotUnderstood, match=r"leads on to https://other\.example/"):
        searched(line)


def test_a_call_that_waits_can_be_cancelled(line: Line) -> None:
    line.trouble = hangs

    async def search() -> list[str]:
        async with AsyncLikeness(line.address.url, key=ADMIN) as likeness:
            with anyio.move_on_after(0.3) as scope:
                await likeness.search("mug")
            assert scope.cancelled_caught
            line.trouble = none
            return [hit.product_id for hit in await likeness.search("red mug")]

    assert anyio.run(search)[0] == "mug-red"


def test_a_wait_between_tries_can_be_cancelled(line: Line) -> None:
    line.trouble = busy(503, Retry_After="20")

    async def search() -> bool:
        async with AsyncLikeness(line.address.url, key=ADMIN) as likeness:
            with anyio.move_on_after(0.3) as scope:
                await likeness.search("mug")
            return scope.cancelled_caught

    assert anyio.run(search)


def test_a_connection_that_was_closed_meanwhile_is_made_anew(url: str) -> None:
    """As a load balancer closes those that are idle: the next call must not see it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_one_answer_a_connection, args=(server,), daemon=True).start()
        with Likeness(f"http://127.0.0.1:{server.getsockname()[1]}") as likeness:
            assert [likeness.health().status for _ in range(5)] == ["healthy"] * 5


def _one_answer_a_connection(server: socket.socket) -> None:
    body = b'{"status": "healthy"}'
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
