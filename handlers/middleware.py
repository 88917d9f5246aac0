"""What every request passes: an id, a line in the log that says how it went, and a time limit."""

from __future__ import annotations

import asyncio
import logging
from math import inf
from time import perf_counter
from uuid import uuid4

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import OutOfTime
from handlers.problems import refusal

log = logging.getLogger("likeness.access")


class RequestLog:
    """Names each request and logs its end. Query strings and bodies stay out of the log: they
    are what shoppers look for, and nobody else's business."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = perf_counter()
        request_id = scope.setdefault("request_id", uuid4().hex)
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
            elapsed_ms = (perf_counter() - began) * 1000
            log.info(
                "%s %s %s %.1fms %s", scope["method"], scope["path"], status, elapsed_ms, request_id
            )


class TimeLimit:
    """Answers for the application where it takes too long.

    The time counts from the last that came of the body, whose speed is the caller's, until the
    answer begins. A door that has less time says so in the scope, as `seconds_left`.
    """

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seconds = min(self._seconds, scope.get("seconds_left", inf))
        now = asyncio.get_running_loop().time

        async def received() -> Message:
            message = await receive()
            if message["type"] == "http.request":
                limit.reschedule(now() + seconds)
            return message

        async def begun(message: Message) -> None:
            limit.reschedule(None)
            await send(message)

        try:
            async with asyncio.timeout(seconds) as limit:
                await self._app(scope, received, begun)
        except TimeoutError:
            if not limit.expired():
                raise
            late = OutOfTime(f"The answer was not ready within {seconds:g} seconds.")
            await refusal(scope, late)(scope, receive, send)
