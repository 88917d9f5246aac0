"""Products as older clients tell them: in one call, new or known, with a photo or without."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from core.errors import InvalidRequest
from core.own_photo import put_with_photo
from core.validation import validated
from handlers.bodies import MAX_PRODUCT_BYTES, Json, json_object, read_fields, read_photo
from handlers.dialects import accepted
from handlers.endpoint import Endpoint, Key
from handlers.models import KIND_OF_MODEL, ProductRequest
from handlers.shop import Shop
from handlers.taking import in_thread, take

_LIFTED = ("category", "price")
"""What metadata say of a product that it has a field for; all else becomes its attributes."""


class IndexRequest(ProductRequest, kw_only=True, frozen=True):
    """`POST /index-product`: a product, where its photo is, and what else is known of it."""

    metadata: str | dict[str, Any] = ""
    """An object, or JSON text of one."""


class IndexedBody(msgspec.Struct, kw_only=True):
    status: str = "success"
    product_id: str
    message: str


class IndexedPhotoBody(IndexedBody, kw_only=True):
    embedding_type: str
    embedding_dimension: int


async def index(request: Request, shop: Shop) -> Response:
    asked = _asked(request, await read_fields(request, MAX_PRODUCT_BYTES))
    await in_thread(shop, asked.addresses, lambda: take(shop, asked))
    return Json(IndexedBody(product_id=asked.id, message=f"{asked.id} is indexed."))


async def index_with_photo(request: Request, shop: Shop) -> Response:
    form = await read_photo(request)
    asked = _asked(request, form.fields)
    if asked.addresses:
        raise InvalidRequest("Send one photo: image_file, or an image_url to /index-product.")
    product = asked.product
    await to_thread(put_with_photo, shop.photos, shop.indexing, product, form.photo)
    body = IndexedPhotoBody(
        product_id=product.id,
        message=f"{product.id} is indexed with its photo.",
        embedding_type=KIND_OF_MODEL,
        embedding_dimension=shop.embedder.dimension,
    )
    return Json(body)


def _asked(request: Request, said: Mapping[str, Any]) -> IndexRequest:
    fields = accepted(request.scope, said)
    metadata = fields.pop("metadata", None) or {}
    if isinstance(metadata, str):
        metadata = json_object("metadata", metadata)
    if not isinstance(metadata, dict):
        raise InvalidRequest("metadata must be a JSON object.")
    fields = _from_metadata(metadata) | fields
    return validated(IndexRequest, fields, strict=False)


def _from_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    known = {name: value for name, value in metadata.items() if value is not None}
    fields: dict[str, Any] = {name: known.pop(name) for name in _LIFTED if name in known}
    return fields | {"attributes": {name: _flat(value) for name, value in known.items()}}


def _flat(value: Any) -> Any:
    """A value as an attribute has it. What is deeper is kept as the text it came as."""
    if isinstance(value, dict) or (
        isinstance(value, list) and not all(isinstance(one, str) for one in value)
    ):
        return msgspec.json.encode(value).decode()
    return value


ENDPOINTS = (
    Endpoint(
        "POST",
        "/index-product",
        index,
        Key.ADMIN,
        "Add a product or say it anew, as older clients do",
        IndexedBody,
        takes=IndexRequest,
        as_form=True,
    ),
    Endpoint(
        "POST",
        "/index-product-with-image",
        index_with_photo,
        Key.ADMIN,
        "The same, with its photo",
        IndexedPhotoBody,
        upload=IndexRequest,
    ),
)
