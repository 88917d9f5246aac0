"""Webhooks: a shop's back office tells of its products as they change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from enum import StrEnum
from http import HTTPStatus
from time import time
from typing import Any, Literal
from uuid import uuid4

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from core.deliveries import deliver
from core.errors import FieldError, InvalidRequest, SourceUnknown
from core.product import Listing, ProductId, insist_on
from core.validation import validated
from handlers.bodies import MAX_PRODUCT_BYTES, Json, object_of, read_bytes
from handlers.dialects import accepted
from handlers.endpoint import Endpoint, Key
from handlers.models import ProductRequest
from handlers.shop import Shop
from handlers.signatures import SIGNATURE, TIMESTAMP, check_signature, check_time
from handlers.taking import in_thread, take, take_as

_ID = "X-Webhook-Id"
_LONGEST_ID = 200
_LOOKS_AGAIN_SECONDS = 0.25
_PHOTOS = ("image_url", "image_urls")


class Event(StrEnum):
    CREATED = "product.created"
    UPDATED = "product.updated"
    DELETED = "product.deleted"
    IMAGE_UPDATED = "product.image.updated"


class WebhookRequest(msgspec.Struct, kw_only=True, frozen=True):
    """`POST /webhooks/{source}`: what happened, and to which product."""

    event: Event
    data: dict[str, Any]


class _Named(msgspec.Struct, kw_only=True, frozen=True):
    id: ProductId


class WebhookBody(msgspec.Struct, kw_only=True):
    status: Literal["accepted", "duplicate"]
    event_id: str


class WebhooksHealthBody(msgspec.Struct, kw_only=True):
    status: str
    sources: int
    """How many may send webhooks."""


async def receive(request: Request, shop: Shop) -> Response:
    source = request.path_params["source"]
    secrets = [secret for name, secret in shop.settings.webhook_secrets if name == source]
    if not secrets:
        raise SourceUnknown(f"No webhooks are taken from {source!r}.")
    check_time(request.headers, time())
    body = await read_bytes(request, MAX_PRODUCT_BYTES)
    check_signature(secrets, request.headers, body)
    return await _worked(request, shop, source, _event_id(request), body)


async def receive_test(request: Request, shop: Shop) -> Response:
    if not shop.settings.allow_test_webhook:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    event_id = _event_id(request) if _ID in request.headers else uuid4().hex
    body = await read_bytes(request, MAX_PRODUCT_BYTES)
    return await _worked(request, shop, "test", event_id, body)


async def health(request: Request, shop: Shop) -> Response:  # noqa: ARG001
    """Healthy means that an event can be worked: the index answers, or this raises."""
    await asyncio.to_thread(shop.index.page, 1)
    sources = {source for source, _ in shop.settings.webhook_secrets}
    return Json(WebhooksHealthBody(status="healthy", sources=len(sources)))


async def _worked(
    request: Request, shop: Shop, source: str, event_id: str, body: bytes
) -> Response:
    """A repeat that comes while the first is at work waits for how that ends: it may fail, and
    then the repeat does it."""
    told = validated(WebhookRequest, object_of(body))
    addresses, work = _work(shop, told.event, accepted(request.scope, told.data))

    def once() -> bool | None:
        return deliver(shop.once, f"{source} {event_id}", work)

    while (done := await in_thread(shop, addresses, once)) is None:
        await asyncio.sleep(_LOOKS_AGAIN_SECONDS)
    if done:
        return Json(WebhookBody(status="accepted", event_id=event_id), HTTPStatus.ACCEPTED)
    return Json(WebhookBody(status="duplicate", event_id=event_id))


def _work(
    shop: Shop, event: Event, data: dict[str, Any]
) -> tuple[Sequence[str] | None, Callable[[], object]]:
    """What an event asks to be done, and the addresses of the photos that takes."""
    if event is Event.DELETED:
        named = validated(_Named, {name: said for name, said in data.items() if name == "id"})
        return None, lambda: shop.indexing.remove_product(named.id)
    if event is not Event.IMAGE_UPDATED:
        said = validated(ProductRequest, data)
        return said.addresses, lambda: take(shop, said)
    photographed = _photographed(data)

    def tell(known: Listing | None) -> ProductRequest:
        facts = msgspec.structs.asdict(insist_on(known, photographed.id).product)
        return msgspec.structs.replace(photographed, **facts)

    return photographed.addresses, lambda: take_as(shop, photographed.id, tell, again=True)


def _photographed(data: dict[str, Any]) -> ProductRequest:
    """A product of which nothing is looked at but its id and its photos."""
    photos = {name: data[name] for name in _PHOTOS if data.get(name)}
    if not photos:
        nothing = FieldError("data", "must have image_url or image_urls")
        raise InvalidRequest("The event says that photos changed, and not which.", fields=[nothing])
    named = {name: said for name, said in data.items() if name == "id"}
    return validated(ProductRequest, {"name": "as it was"} | named | photos)


def _event_id(request: Request) -> str:
    told = request.headers.get(_ID, "")
    if not 0 < len(told) <= _LONGEST_ID:
        wrong = FieldError(_ID, f"must name the event, in {_LONGEST_ID} characters at most")
        raise InvalidRequest(f"The header {_ID} {wrong.message}.", fields=[wrong])
    return told


ENDPOINTS = (
    Endpoint(
        "POST",
        "/webhooks/test",
        receive_test,
        Key.ADMIN,
        "An event without a signature, where ALLOW_TEST_WEBHOOK is set",
        WebhookBody,
        takes=WebhookRequest,
        status=HTTPStatus.ACCEPTED,
        or_status=HTTPStatus.OK,
        refuses=(HTTPStatus.NOT_FOUND,),
    ),
    Endpoint(
        "GET",
        "/webhooks/health",
        health,
        Key.NONE,
        "Can an event be worked?",
        WebhooksHealthBody,
    ),
    Endpoint(
        "POST",
        "/webhooks/{source}",
        receive,
        Key.SIGNATURE,
        "An event of a shop's back office",
        WebhookBody,
        takes=WebhookRequest,
        headers=(TIMESTAMP, _ID, SIGNATURE),
        status=HTTPStatus.ACCEPTED,
        or_status=HTTPStatus.OK,
    ),
)
