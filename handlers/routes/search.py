"""Search: by words, by photo, by both, and by another product."""

from __future__ import annotations

from asyncio import to_thread
from time import perf_counter
from typing import Any
from uuid import uuid4

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from core.errors import InvalidRequest
from core.query import Query
from core.stopwatch import Stopwatch
from core.validation import validated
from core.words import clean
from handlers.bodies import (
    Form,
    Json,
    fields_of,
    photo_from_base64,
    read_object,
    read_photo,
)
from handlers.dialects import accepted, spoken
from handlers.endpoint import Endpoint, Key
from handlers.middleware import note
from handlers.models import (
    PhotoSearchBody,
    PhotoSearchRequest,
    SearchBody,
    SearchRequest,
    SimilarRequest,
)
from handlers.routes.uploads import uploaded
from handlers.shop import Shop


async def search(request: Request, shop: Shop) -> Response:
    began = perf_counter()
    fields = fields_of(request.query_params.multi_items()) | await read_object(request)
    asked = validated(SearchRequest, accepted(request.scope, fields), strict=not request.url.query)
    fetched = Stopwatch()
    photo = await _photo(request, shop, asked, fetched)
    query = _query(shop, asked, asked.text_query, photo, asked.product_id, asked.image_weight)
    return Json(spoken(request.scope, await _answer(request, shop, query, began, fetched)))


async def by_image(request: Request, shop: Shop) -> Response:
    began = perf_counter()
    form = await read_photo(request)
    return Json(spoken(request.scope, await _by_photo(request, shop, form, began)))


async def by_named_image(request: Request, shop: Shop) -> Response:
    began = perf_counter()
    form = await read_photo(request)
    said: dict[str, Any] = msgspec.structs.asdict(await _by_photo(request, shop, form, began))
    body = PhotoSearchBody(
        query_image=form.filename, embedding_dimension=shop.embedder.dimension, **said
    )
    return Json(spoken(request.scope, body))


async def similar(request: Request, shop: Shop) -> Response:
    began = perf_counter()
    fields = accepted(request.scope, fields_of(request.query_params.multi_items()))
    asked = validated(SimilarRequest, fields, strict=False)
    query = _query(shop, asked, None, None, request.path_params["product_id"], 0.5)
    return Json(spoken(request.scope, await _answer(request, shop, query, began)))


async def _photo(
    request: Request, shop: Shop, asked: SearchRequest, watch: Stopwatch
) -> bytes | None:
    if sum(map(bool, (asked.image_url, asked.image_base64, asked.upload_id))) > 1:
        raise InvalidRequest("Send one photo: an image_url, an image_base64 or an upload_id.")
    if asked.image_url:
        with watch.part("fetch_ms"):
            return await shop.fetching.photo(asked.image_url, request.scope)
    if asked.upload_id:
        with watch.part("fetch_ms"):
            return await to_thread(uploaded, shop, asked.upload_id)
    return photo_from_base64(asked.image_base64) if asked.image_base64 else None


def _query(
    shop: Shop,
    asked: SimilarRequest,
    words: str | None,
    photo: bytes | None,
    product_id: str | None,
    image_weight: float,
) -> Query:
    return Query(
        words=clean(words) or None if words else None,
        photo=photo,
        product_id=product_id,
        image_weight=image_weight,
        filters=asked.filters(),
        top_k=asked.top_k or shop.settings.top_k,
        offset=asked.offset,
        score_threshold=asked.score_threshold,
    )


async def _by_photo(request: Request, shop: Shop, form: Form, began: float) -> SearchBody:
    fields = fields_of(request.query_params.multi_items()) | form.fields
    asked = validated(PhotoSearchRequest, accepted(request.scope, fields), strict=False)
    query = _query(shop, asked, asked.text_query, form.photo, None, asked.image_weight)
    return await _answer(request, shop, query, began)


async def _answer(
    request: Request, shop: Shop, query: Query, began: float, fetched: Stopwatch | None = None
) -> SearchBody:
    answer = await to_thread(shop.search.answer, query)
    answer.timings.update(fetched.spent if fetched else {})
    note(request.scope, answer)
    elapsed_ms = (perf_counter() - began) * 1000
    return SearchBody.of(query, answer, uuid4().hex, elapsed_ms)


def _endpoint(method: str, path: str, handle: Any, summary: str, **shape: Any) -> Endpoint:
    return Endpoint(method, path, handle, Key.SEARCH, summary, **({"gives": SearchBody} | shape))


ENDPOINTS = (
    _endpoint("POST", "/search", search, "Search by words, photo or product", takes=SearchRequest),
    _endpoint("POST", "/search/by-text", search, "Search by words", takes=SearchRequest),
    _endpoint(
        "POST",
        "/search/by-image",
        by_image,
        "Search by an uploaded photo",
        upload=PhotoSearchRequest,
    ),
    _endpoint(
        "POST",
        "/search-image",
        by_named_image,
        "Search by an uploaded photo, as older clients do",
        gives=PhotoSearchBody,
        upload=PhotoSearchRequest,
    ),
    _endpoint(
        "GET",
        "/search/similar/{product_id:path}",
        similar,
        "Products that look like this one",
        asks=SimilarRequest,
    ),
)
