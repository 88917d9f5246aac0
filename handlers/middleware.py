"""What every request passes: an id, a line in the log that says how it went, and a time limit."""

from __future__ import annotations

import asyncio
import logging
import sys
from contextlib import suppress
from datetime import UTC, datetime
from math import inf
from os import urandom
from time import perf_counter

import msgspec
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core import budget
from core.errors import BodySlow, LikenessError, OutOfTime
from core.search import Answer
from handlers.problems import refusal, surprise

log = logging.getLogger("likeness.access")

BODY_SECONDS = 120
"""For all of a request's body, however steadily it comes."""


def note(scope: Scope, answer: Answer) -> None:
    """For whoever tells of a request afterwards: a search that was answered in it."""
    scope.setdefault("answers", []).append(answer)


class RequestLog:
    """Names each request and says how it ended: a line of JSON on stdout, bare.

    Query strings, bodies and keys stay out of it: they are what shoppers look for and what lets
    people in, and nobody else's business.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = perf_counter()
        request_id = scope.setdefault("request_id", urandom(16).hex())
        status = 500

        async def stamped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        try:
            await self._app(scope, receive, stamped)
        finally:
            if log.isEnabledFor(logging.INFO):
                elapsed_ms = (perf_counter() - began) * 1000
                with suppress(OSError):  # a log that can't be written is no reason to fail
                    sys.stdout.write(_line(scope, status, elapsed_ms) + "\n")
                    sys.stdout.flush()


def _line(scope: Scope, status: int, elapsed_ms: float) -> str:
    answers: list[Answer] = scope.get("answers", [])
    said = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "request_id": scope["request_id"],
        "trace_id": scope.get("trace_id"),
        "method": scope["method"],
        "path": scope["path"],
        "status": status,
        "ms": round(elapsed_ms, 1),
        "searches": [
            {"cache": one.cache, **{part: round(ms, 1) for part, ms in one.timings.items()}}
            for one in answers
        ],
    }
    return msgspec.json.encode(
        {name: value for name, value in said.items() if value not in ("", None, [])}
    ).decode()


class TimeLimit:
    """Answers for the application where it takes too long.

    The time counts from the last that came of the body, whose speed is the caller's, until the
    answer begins. Nobody waits for a body any longer, nor for ever for one that comes drop by drop.
    A door that has less time says so in the scope, as `seconds_left`; what is left of it, all that
    comes after is told by `core.budget`.
    """

    def __init__(self, app: ASGIApp, seconds: float, body_seconds: float = BODY_SECONDS) -> None:
        self._app = app
        self._seconds = seconds
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seconds = min(self._seconds, scope.get("seconds_left", inf))
        now = asyncio.get_running_loop().time
        budget.waits(seconds)
        body_until = now() + self._body_seconds
        slack = seconds / 100
        waiting = False

        def wait_until(moment: float) -> None:
            # To set the clock anew takes longer than to read it.
            if abs(moment - (limit.when() or 0.0)) > slack:
                limit.reschedule(moment)

        async def received() -> Message:
            nonlocal waiting
            waiting = True
            if limit.when() is not None:
                wait_until(min(now() + seconds, body_until))
            message = await receive()
            waiting = False
            if message["type"] == "http.request":
                budget.waits(seconds)
                wait_until(now() + seconds)
            return message

        async def begun(message: Message) -> None:
            if limit.when() is not None:
                limit.reschedule(None)
            await send(message)

        try:
            async with asyncio.timeout(seconds) as limit:
                await self._app(scope, received, begun)
        except TimeoutError:
            if not limit.expired():
                raise
            late: LikenessError = OutOfTime(f"The answer was not ready within {seconds:g} seconds.")
            if waiting:
                late = BodySlow("The rest of the body did not come in time.")
            await refusal(scope, late)(scope, receive, send)


class Surprises:
    """Answers for a bug of ours from within what adds headers to answers, so that the request's id
    is there, and pages of other origins can read it. Whoever is outside is told of the bug, too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def sent(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, sent)
        except Exception as error:
            if scope["type"] == "http" and not begun:
                await refusal(scope, surprise(error))(scope, receive, send)
            raise
