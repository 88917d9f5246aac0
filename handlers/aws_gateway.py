"""A request as API Gateway and Lambda bring it: who it is, how long it has, how much fits through.

Lambda carries 6 MB each way, and what is not text goes as base64, which is a third more.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import AnswerTooLarge, BodyTooLarge
from core.search import Answer
from handlers.emf import emit
from handlers.problems import refusal

MOST_CARRIED = 5_870_000
"""Characters of a body, in an event or in what is made of an answer: 4.4 MB of bytes, in base64.
The rest of the 6 MB is for what stands around it."""
_AT_MOST_TIMES = 6
"""What a byte of an answer can become as JSON: \\u0000."""
_TO_ANSWER = 0.5
"""Seconds before the function's end at which it is too late for anything but to say so."""


class Gateway:
    """Around the application. `aws.event` and `aws.context` in the scope are Mangum's."""

    def __init__(self, app: ASGIApp, collection: str) -> None:
        self._app = app
        self._dimensions = {"Collection": collection}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        event, context = scope["aws.event"], scope["aws.context"]
        # Decoded already; Mangum would decode it again, and an id may have a % in it.
        scope["path"] = event["rawPath"]
        scope["request_id"] = event["requestContext"]["requestId"]
        scope["trace_id"] = os.environ.get("_X_AMZN_TRACE_ID", "")
        scope["seconds_left"] = context.get_remaining_time_in_millis() / 1000 - _TO_ANSWER
        too_large = len(event.get("body") or "") > MOST_CARRIED

        async def carried() -> Message:
            if too_large:  # said to whoever would read it, so that it is answered as all errors are
                raise BodyTooLarge(
                    "A request may carry 4.4 MB here: make the photo smaller (a search needs no "
                    "more than 1000 pixels a side), or send it through POST /api/v1/uploads."
                )
            return await receive()

        await self._app(scope, carried, _bounded(scope, send))
        if answers := scope.get("answers"):
            emit(self._dimensions, _metrics(answers))


def _metrics(answers: Sequence[Answer]) -> dict[str, Sequence[float]]:
    def spent(part: str) -> list[float]:
        return [one.timings[part] for one in answers if part in one.timings]

    return {
        "Searches": [len(answers)],
        "CacheHits": [sum(one.cache in ("hit", "stale") for one in answers)],
        "SearchMs": spent("search_ms"),
        "EmbedMs": spent("embed_ms"),
        "FetchMs": spent("fetch_ms"),
    }


def _bounded(scope: Scope, send: Send) -> Send:
    """Lambda would drop an answer that is too large, and the caller hear of an error inside."""
    head: Message = {}
    body = bytearray()

    async def bounded(message: Message) -> None:
        nonlocal head, body
        if message["type"] == "http.response.start":
            head = message
            return
        body += message.get("body", b"")
        if message.get("more_body"):
            return
        if scope["method"] == "HEAD":  # which servers see to, and Mangum leaves to us
            body.clear()
        if _carried(body) > MOST_CARRIED:
            error = AnswerTooLarge("This is more than can be answered at once: ask for less.")
            problem = refusal(scope, error)
            head["status"], body = problem.status_code, bytearray(problem.body)
            headers = MutableHeaders(scope=head)  # what else was said holds for the refusal, too
            headers.update({n: problem.headers[n] for n in ("content-type", "content-length")})
        await send(head)
        await send({"type": "http.response.body", "body": bytes(body)})

    return bounded


def _carried(body: bytearray) -> int:
    """How many characters it will take; an estimate from above where it fits in any case."""
    most = len(body) * _AT_MOST_TIMES
    return most if most <= MOST_CARRIED else len(json.dumps(body.decode(errors="replace")))
