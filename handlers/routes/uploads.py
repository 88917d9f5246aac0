"""Uploads: photos put straight to where they are kept, however large a request may be.

S3 and Blob storage take them themselves, at an address signed in our name. A bucket that is a
folder has nobody to do that, so this door does, at addresses it has signed: whoever has one needs
no key.
"""

from __future__ import annotations

import hmac
import secrets
from asyncio import to_thread
from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus
from time import time
from typing import Annotated, Literal
from urllib.parse import quote, urlencode

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from core.bucket import SEARCH_UPLOADS, photo_key
from core.errors import InvalidRequest, KeyRefused, PhotoNotFound
from core.photos import MAX_PHOTO_BYTES
from core.ports import SignedUpload
from core.product import ProductId
from core.validation import validated
from handlers.bodies import Json, read_bytes, read_object
from handlers.endpoint import API, Endpoint, Key, check_key
from handlers.shop import Shop

UploadName = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
_SECONDS = 900
"""For how long a photo may be put to its address."""
_KEPT_SECONDS = 86_400
_MAX_REQUEST_BYTES = 16 * 1024
_SECRET = secrets.token_bytes(32)
"""Addresses that this process has signed are of no use to another."""


class UploadRequest(msgspec.Struct, kw_only=True, frozen=True):
    """`POST /uploads`: what the photo is for, and what kind of photo it will be."""

    purpose: Literal["search", "product"]
    product_id: ProductId | None = None
    content_type: Literal["image/jpeg", "image/png", "image/webp", "image/avif", "image/gif"] = (
        "image/jpeg"
    )
    name: UploadName | None = None
    """Of a product's photo among its others: one that is put by the same name takes its place."""


class UploadBody(msgspec.Struct, kw_only=True):
    """Where to PUT the photo's bytes, with just these headers and no key, and until when."""

    upload_id: str
    url: str
    headers: dict[str, str]
    expires_at: datetime
    image_url: str | msgspec.UnsetType = msgspec.UNSET
    """Of a product's photo: what its `image_urls` will call it."""


async def begin(request: Request, shop: Shop) -> Response:
    asked = validated(UploadRequest, await read_object(request, _MAX_REQUEST_BYTES))
    upload_id = secrets.token_hex(16)
    if asked.purpose == "product":
        check_key(Key.ADMIN, shop.settings, request)
        key = _product_key(asked, upload_id)
    else:
        key = SEARCH_UPLOADS + upload_id
    if shop.addresses is not None:
        sign = shop.addresses.upload_url
        signed = await to_thread(sign, key, asked.content_type, _SECONDS)
    else:
        await to_thread(_sweep, shop)
        signed = _signed(str(request.base_url), key, asked.content_type)
    body = UploadBody(
        upload_id=upload_id,
        url=signed.url,
        headers=dict(signed.headers),
        expires_at=datetime.fromtimestamp(int(signed.expires_at), UTC),
    )
    if asked.purpose == "product":
        body.image_url = shop.photos.url(key)
    return Json(body, HTTPStatus.CREATED)


def uploaded(shop: Shop, upload_id: str) -> bytes:
    """A photo that was put up to be searched with."""
    try:
        return shop.photos.read(SEARCH_UPLOADS + upload_id, MAX_PHOTO_BYTES)
    except PhotoNotFound as error:
        raise PhotoNotFound(
            f"There is no photo of the upload {upload_id!r}: put it to its address first. "
            "After a day it is gone."
        ) from error


def _product_key(asked: UploadRequest, upload_id: str) -> str:
    if asked.product_id is None:
        raise InvalidRequest("A product's photo needs a product_id.")
    extension = asked.content_type.removeprefix("image/")
    return photo_key(asked.product_id, f"/{asked.name or upload_id}.{extension}")


def routes(shop: Shop) -> list[BaseRoute]:
    async def put(request: Request) -> Response:
        return await _put(request, shop)

    return [Route(API + "/uploads/{key:path}", put, methods=["PUT"])]


async def _put(request: Request, shop: Shop) -> Response:
    key, said = request.path_params["key"], request.query_params
    kind, expires = request.headers.get("content-type", ""), said.get("expires", "")
    signature = said.get("signature", "").encode()
    ours = hmac.compare_digest(_signature(key, kind, expires).encode(), signature)
    if not ours or time() > float(expires):
        raise KeyRefused("This address was not given out for this photo, or its time has passed.")
    photo = await read_bytes(request, MAX_PHOTO_BYTES)
    await to_thread(shop.photos.put, key, photo, kind)
    return Response()


def _signed(base_url: str, key: str, content_type: str) -> SignedUpload:
    until = int(time()) + _SECONDS
    signature = _signature(key, content_type, str(until))
    query = urlencode({"expires": until, "signature": signature})
    url = f"{base_url.rstrip('/')}{API}/uploads/{quote(key)}?{query}"
    return SignedUpload(url, {"Content-Type": content_type}, until)


def _signature(*parts: str) -> str:
    return hmac.new(_SECRET, "\n".join(parts).encode(), sha256).hexdigest()


def _sweep(shop: Shop) -> None:
    """What S3 does by a rule of the bucket: photos to search with are gone after a day."""
    for stored in shop.photos.list(SEARCH_UPLOADS):
        if stored.modified < time() - _KEPT_SECONDS:
            shop.photos.delete(stored.key)


_NEEDS_PRODUCT = {
    "if": {"properties": {"purpose": {"const": "product"}}},
    "then": {"required": ["product_id"], "properties": {"product_id": {"not": {"type": "null"}}}},
}
ENDPOINTS = (
    Endpoint(
        "POST",
        "/uploads",
        begin,
        Key.SEARCH,
        "An address to put a photo to",
        UploadBody,
        takes=UploadRequest,
        rule=_NEEDS_PRODUCT,
        status=HTTPStatus.CREATED,
    ),
)
