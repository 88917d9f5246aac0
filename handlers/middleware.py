"""What every request passes: an id, and a line in the log that says how it went."""

from __future__ import annotations

import logging
from time import perf_counter
from uuid import uuid4

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
        request_id = uuid4().hex
        scope["request_id"] = request_id
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
