"""Events of the bucket, as requests: Azure's Event Grid tells what happens in the container.

What may yet succeed is a 503, and Event Grid sends all of it again. What never will as it is, is a
400, and Event Grid buries it where its subscription says; the log has the reason.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from core.errors import BadInput, FieldError, InvalidRequest, Unavailable
from core.ports import Message
from handlers.blob_events import events_of
from handlers.bodies import Json, read_bytes
from handlers.endpoint import Endpoint, Key
from handlers.shop import Shop

_MOST_BYTES = 2 * 1024 * 1024
"""Event Grid sends a megabyte at once, or one event that is larger."""
_ASKS = "WebHook-Request-Origin"
_TOLD_OF = 3
"""Reasons in an answer; the log has them all."""


class EventsBody(msgspec.Struct, kw_only=True):
    events: int
    products: int
    """Products and feeds that were looked at."""
    validation: str | UnsetType = msgspec.field(name="validationResponse", default=UNSET)
    """To Event Grid's question whether its events are wanted here."""


async def receive(request: Request, shop: Shop) -> Response:
    told = events_of(await read_bytes(request, _MOST_BYTES))
    messages = [
        Message(f"{number} {one.id}", one.body, receipt="", times=1)
        for number, one in enumerate(told, start=1)
        if not one.code
    ]
    done = await shop.listening.work(messages)
    if done.failed:
        some = " ".join(list(done.failed.values())[:_TOLD_OF])
        what = f"{len(done.failed)} of {len(messages)} events: {some}"
        raise BadInput(what) if done.failed.keys() == done.hopeless else Unavailable(what)
    code = next((one.code for one in told if one.code), UNSET)
    return Json(EventsBody(events=len(messages), products=done.products, validation=code))


async def welcome(request: Request, shop: Shop) -> Response:  # noqa: ARG001
    """CloudEvents' question whether events from there are wanted here; the key has said so."""
    origin = request.headers.get(_ASKS, "")
    if not origin:
        wrong = FieldError(_ASKS, "must say who wants to send events")
        raise InvalidRequest(f"The header {_ASKS} {wrong.message}.", fields=[wrong])
    allowed = {"Allow": "POST", "WebHook-Allowed-Origin": origin, "WebHook-Allowed-Rate": "*"}
    return Response(headers=allowed)


_ONE: dict[str, Any] = {"type": "object"}
_SOME: dict[str, Any] = {"type": "array", "items": _ONE}
ENDPOINTS = (
    Endpoint(
        "POST",
        "/events/blob",
        receive,
        Key.EVENTS,
        "What happened in the container, as Event Grid tells it",
        EventsBody,
        bodies={
            "application/json": _SOME,
            "application/cloudevents+json": _ONE,
            "application/cloudevents-batch+json": _SOME,
        },
        refuses=(HTTPStatus.BAD_REQUEST,),
    ),
    Endpoint(
        "OPTIONS",
        "/events/blob",
        welcome,
        Key.EVENTS,
        "May events be sent here?",
        None,
        headers=(_ASKS,),
        refuses=(HTTPStatus.UNPROCESSABLE_ENTITY,),
    ),
)
