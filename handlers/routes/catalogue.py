"""The catalogue: products as the shop tells them, and what the collection holds."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from msgspec import UNSET
from starlette.requests import Request
from starlette.responses import Response

from core.errors import InvalidRequest, ProductExists
from core.product import AttributeName, AttributeValue, Listing, Product, insist_on
from core.validation import validated
from handlers.bodies import MAX_PRODUCT_BYTES, Json, fields_of, read_object
from handlers.dialects import accepted
from handlers.endpoint import Endpoint, Key
from handlers.models import ProductBody, ProductListRequest, ProductPage, ProductRequest
from handlers.operations_models import CollectionBody, CollectionsBody
from handlers.shop import Shop
from handlers.taking import in_thread, take, take_as

_PHOTOS = {"image_url", "image_urls"}
_WITH_NULL = {"attributes": dict[AttributeName, AttributeValue | None]}
ProductChange = msgspec.defstruct(
    "ProductChange",
    [
        (f.name, f.type if f.required else _WITH_NULL.get(f.name, f.type) | None, UNSET)
        for f in msgspec.structs.fields(ProductRequest)
    ],
    kw_only=True,
)
"""`PATCH /products/{id}`: any of a product's fields; null takes away what it can do without."""


async def create(request: Request, shop: Shop) -> Response:
    fields = accepted(request.scope, await read_object(request, MAX_PRODUCT_BYTES))
    said = validated(ProductRequest, fields)

    def new(known: Listing | None) -> ProductRequest:
        if known is not None:
            raise ProductExists(f"There is already a product {said.id!r}; PUT replaces it.")
        return said

    taken = await in_thread(shop, said.addresses, lambda: take_as(shop, said.id, new))
    return Json(ProductBody.of(taken.after), HTTPStatus.CREATED)


async def replace(request: Request, shop: Shop) -> Response:
    product_id = request.path_params["product_id"]
    fields = accepted(request.scope, await read_object(request, MAX_PRODUCT_BYTES))
    if fields.setdefault("id", product_id) != product_id:
        raise InvalidRequest("The id in the body is not the one in the path.")
    said = validated(ProductRequest, fields)

    taken = await in_thread(shop, said.addresses, lambda: take(shop, said))
    return Json(ProductBody.of(taken.after))


async def change(request: Request, shop: Shop) -> Response:
    product_id = request.path_params["product_id"]
    said = accepted(request.scope, await read_object(request, MAX_PRODUCT_BYTES))

    def changed(known: Listing | None) -> ProductRequest:
        return _changed(insist_on(known, product_id).product, said)

    addresses = any(said.get(name) for name in _PHOTOS)
    taken = await in_thread(shop, addresses, lambda: take_as(shop, product_id, changed))
    return Json(ProductBody.of(taken.after))


async def read(request: Request, shop: Shop) -> Response:
    product_id = request.path_params["product_id"]
    known = await to_thread(shop.index.get, product_id)
    return Json(ProductBody.of(insist_on(known, product_id)))


async def delete(request: Request, shop: Shop) -> Response:
    await to_thread(shop.indexing.remove_product, request.path_params["product_id"])
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def browse(request: Request, shop: Shop) -> Response:
    fields = fields_of(request.query_params.multi_items())
    asked = validated(ProductListRequest, fields, strict=False)
    page = await to_thread(shop.index.page, asked.limit, asked.cursor, asked.category)
    products = [ProductBody.of(listing) for listing in page.listings]
    return Json(ProductPage(products=products, next_cursor=page.next_cursor))


async def collections(request: Request, shop: Shop) -> Response:  # noqa: ARG001
    status = await to_thread(shop.index.status)
    body = CollectionBody(
        name=status.name,
        points=status.points,
        products=status.products,
        dimension=status.dimension,
        model=status.model,
        distance="cosine",
        status="green",
    )
    return Json(CollectionsBody(collections=[body]))


def _changed(product: Product, change: dict[str, Any]) -> ProductRequest:
    """After a merge patch (RFC 7396): what is said counts, null takes away, and so it is with each
    of the attributes."""
    if change.get("id", product.id) != product.id:
        raise InvalidRequest("The id in the body is not the one in the path.")
    fields = msgspec.structs.asdict(product) | change
    if isinstance(attributes := change.get("attributes"), dict):
        fields["attributes"] = _without_null(product.attributes | attributes)
    if _PHOTOS & change.keys() and all(change.get(name) in (None, "", []) for name in _PHOTOS):
        fields["image_urls"] = []
    # Of a field that there is not, null takes nothing away: it is refused like any other value.
    ours = ProductRequest.__struct_fields__
    left = {name: one for name, one in fields.items() if one is not None or name not in ours}
    return validated(ProductRequest, left)


def _without_null(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


ENDPOINTS = (
    Endpoint(
        "POST",
        "/products",
        create,
        Key.ADMIN,
        "Add a product",
        ProductBody,
        takes=ProductRequest,
        status=HTTPStatus.CREATED,
        refuses=(HTTPStatus.CONFLICT,),
    ),
    Endpoint(
        "GET", "/products", browse, Key.SEARCH, "Browse", ProductPage, asks=ProductListRequest
    ),
    Endpoint(
        "PUT",
        "/products/{product_id:path}",
        replace,
        Key.ADMIN,
        "Say a product anew",
        ProductBody,
        takes=ProductRequest,
    ),
    Endpoint(
        "PATCH",
        "/products/{product_id:path}",
        change,
        Key.ADMIN,
        "Change some of what is said of a product",
        ProductBody,
        takes=ProductChange,
    ),
    Endpoint("GET", "/products/{product_id:path}", read, Key.SEARCH, "One product", ProductBody),
    Endpoint(
        "DELETE",
        "/products/{product_id:path}",
        delete,
        Key.ADMIN,
        "Forget a product and its photos",
        None,
        status=HTTPStatus.NO_CONTENT,
    ),
    Endpoint("GET", "/collections", collections, Key.SEARCH, "The collection", CollectionsBody),
)
