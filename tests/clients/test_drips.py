"""Answers of which every piece is in time, and all of it is not."""

from __future__ import annotations

from collections.abc import Callable

import anyio
import pytest
from likeness_client import AsyncLikeness, Likeness, TimedOut

from tests.clients.conftest import ADMIN
from tests.clients.lines import Visit, place
from tests.fakes.troubled_aws import Line, Request, Trouble, line_to, none

Search = Callable[[str], object]
DROPS = 60
"""One in a tenth of a second: far more than anybody has time for here."""


class Drip:
    """How many drops fell before the client hung up."""

    def __init__(self) -> None:
        self.fallen = 0

    def body(self, request: Request) -> None:
        body = b" " * DROPS + b'{"query_id": "a", "query_type": "text", "results": []}'
        request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body))
        self._fall(request)
        request.wfile.write(body[DROPS:])

    def head(self, request: Request) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Drip: ")
        self._fall(request)
        request.wfile.write(b"\r\nContent-Length: 2\r\n\r\n{}")

    def _fall(self, request: Request) -> None:
        for _ in range(DROPS):
            request.wfile.write(b" ")
            request.wfile.flush()
            self.fallen += 1
            request.server.over.wait(0.1)


def searched(url: str) -> object:
    with Likeness(url, key=ADMIN, timeout=0.5) as likeness:
        return likeness.search("mug")


def searched_async(url: str) -> object:
    async def search() -> object:
        async with AsyncLikeness(url, key=ADMIN, timeout=0.5) as likeness:
            return await likeness.search("mug")

    return anyio.run(search)


@pytest.mark.parametrize("search", [searched, searched_async])
@pytest.mark.parametrize("part", [Drip.head, Drip.body])
def test_an_answer_that_drips_in_is_not_waited_for(
    url: str, search: Search, part: Callable[[Drip, Request], None]
) -> None:
    drip = Drip()
    with line_to(place(url), Visit) as line:
        line.trouble = lambda request: part(drip, request)
        with pytest.raises(TimedOut):
            search(line.address.url)
        assert 0 < drip.fallen < DROPS


def test_a_connection_that_was_good_may_begin_to_drip(url: str) -> None:
    drip = Drip()
    visits: list[object] = []

    def the_second_time(then: Trouble) -> Trouble:
        def trouble(request: Request) -> None:
            visits.append(request.client_address)
            (then if len(visits) == 2 else none)(request)

        return trouble

    with line_to(place(url), Visit) as line, _patient(line) as likeness:
        line.trouble = the_second_time(drip.head)
        assert len(likeness.search("mug")) == 3
        with pytest.raises(TimedOut):
            likeness.search("mug")
        assert visits[0] == visits[1]  # it was the same connection
        assert 0 < drip.fallen < DROPS
        assert len(likeness.search("mug")) == 3


def _patient(line: Line) -> Likeness:
    return Likeness(line.address.url, key=ADMIN, timeout=2, retries=0)
