"""What becomes of a request that takes too long."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from handlers.middleware import TimeLimit

SECONDS = 0.05
LONG = 30.0
"""What never passes in these tests: it is cut short, or they hang."""


def ask(
    app: ASGIApp, receive: Receive | None = None, body_seconds: float = LONG, **about: Any
) -> list[Message]:
    """What is sent for a request to an application under a time limit."""
    sent: list[Message] = []

    async def empty() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {"type": "http", "method": "GET", "path": "/", "headers": [], **about}
    asyncio.run(TimeLimit(app, SECONDS, body_seconds)(scope, receive or empty, send))
    return sent


def answering(wait: Callable[[Receive], Awaitable[object]], afterwards: float = 0) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await wait(receive)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.sleep(afterwards)
        await send({"type": "http.response.body", "body": b"done"})

    return app


async def forever(receive: Receive) -> None:
    await asyncio.sleep(LONG)


async def whole_body(receive: Receive) -> None:
    while (await receive())["more_body"]:
        pass


def is_slow(sent: list[Message]) -> bool:
    start, body = sent
    code: str = msgspec.json.decode(body["body"])["code"]
    return (start["status"], code) == (408, "body_slow")


def is_late(sent: list[Message]) -> bool:
    start, body = sent
    code: str = msgspec.json.decode(body["body"])["code"]
    return (start["status"], code) == (504, "out_of_time")


def test_who_is_quick_notices_nothing() -> None:
    start, body = ask(answering(whole_body))
    assert (start["status"], body["body"]) == (200, b"done")


def test_who_takes_too_long_is_answered_for() -> None:
    assert is_late(ask(answering(forever)))


def test_a_door_with_less_time_takes_less() -> None:
    assert is_late(ask(answering(forever), seconds_left=-1.0))
    assert is_late(ask(answering(forever), seconds_left=LONG))


def test_the_time_counts_from_the_last_that_came_of_the_body() -> None:
    chunks = iter(range(8))

    async def slowly() -> Message:
        await asyncio.sleep(SECONDS / 4)
        return {"type": "http.request", "body": b"x", "more_body": next(chunks) < 7}

    start, _ = ask(answering(whole_body), slowly)
    assert start["status"] == 200

    async def never() -> Message:
        await asyncio.sleep(LONG)
        raise AssertionError

    assert is_slow(ask(answering(whole_body), never))


def test_a_body_that_comes_drop_by_drop_is_not_waited_for_for_ever() -> None:
    async def drops() -> Message:
        await asyncio.sleep(SECONDS / 10)
        return {"type": "http.request", "body": b"x", "more_body": True}

    assert is_slow(ask(answering(whole_body), drops, body_seconds=SECONDS * 3))


def test_an_answer_that_has_begun_is_not_cut_off() -> None:
    start, body = ask(answering(whole_body, afterwards=SECONDS * 3))
    assert (start["status"], body["body"]) == (200, b"done")


def test_a_timeout_of_another_kind_is_none_of_ours() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise TimeoutError("a bug")

    with pytest.raises(TimeoutError, match="a bug"):
        ask(app)
