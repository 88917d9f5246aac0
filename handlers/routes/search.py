"""Search: by words, by photo, by both, and by another product."""

from __future__ import annotations

from asyncio import Semaphore, TaskGroup, to_thread
from functools import partial
from http import HTTPStatus
from os import urandom
from time import perf_counter
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from core.errors import InvalidRequest, LikenessError
from core.query import Query
from core.search import Answer
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
    SearchBatchBody,
    SearchBatchRequest,
    SearchBody,
    SearchRequest,
    SimilarRequest,
    TopKRequest,
)
from handlers.problems import Problem, problem_of
from handlers.routes.uploads import uploaded
from handlers.shop import Shop

_AT_ONCE = 4
"""Searches of one batch under way together: more would keep everybody else's from their turn."""


async def search(request: Request, shop: Shop) -> Response:
    began = perf_counter()
    fields = accepted(request.scope, _in_query(request), await read_object(request))
    answer = await _search(request, shop, fields, began)
    return Json(spoken(request.scope, answer))


async def batch(request: Request, shop: Shop) -> Response:
    asked = validated(SearchBatchRequest, await read_object(request))
    turns = Semaphore(_AT_ONCE)

    async def one(fields: Any) -> SearchBody | Problem:
        try:
            if not isinstance(fields, dict):
                raise InvalidRequest("A search must be a JSON object.")
            async with turns:
                said = accepted(request.scope, fields)
                return await _search(request, shop, said, perf_counter(), in_line=False)
        except LikenessError as error:
            return problem_of(error, request.scope["request_id"])

    with shop.admission.one_more(usual=False):  # all of them stand in line as one
        async with TaskGroup() as searches:
            under_way = [searches.create_task(one(fields)) for fields in asked.searches]
    return Json(SearchBatchBody(answers=[done.result() for done in under_way]))


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
    query = _query(shop, asked, more_like=(request.path_params["product_id"],))
    return Json(spoken(request.scope, await _answer(request, shop, query, began)))


def _in_query(request: Request) -> dict[str, Any]:
    """What a query string says of a search, as the numbers and flags that a body would have."""
    said = accepted(request.scope, fields_of(request.query_params.multi_items()))
    read = validated(SearchRequest, said, strict=False) if said else None
    return {name: getattr(read, name) for name in said}


async def _search(
    request: Request, shop: Shop, fields: dict[str, Any], began: float, *, in_line: bool = True
) -> SearchBody:
    asked = validated(SearchRequest, fields)
    fetched = Stopwatch()
    photo = await _photo(shop, asked, fetched)
    query = _query_with(shop, asked, photo)
    return await _answer(request, shop, query, began, fetched, in_line=in_line)


async def _photo(shop: Shop, asked: SearchRequest, watch: Stopwatch) -> bytes | None:
    if sum(map(bool, (asked.image_url, asked.image_base64, asked.upload_id))) > 1:
        raise InvalidRequest("Send one photo: an image_url, an image_base64 or an upload_id.")
    if asked.image_url:
        with watch.part("fetch_ms"):
            fetch = partial(shop.fetching.photo, asked.image_url)
            return await shop.fetching.run(fetch)
    if asked.upload_id:
        with watch.part("fetch_ms"):
            return await to_thread(uploaded, shop, asked.upload_id)
    return photo_from_base64(asked.image_base64) if asked.image_base64 else None


def _query(shop: Shop, asked: SimilarRequest, **says: Any) -> Query:
    return Query(
        filters=asked.filters(),
        top_k=asked.top_k or shop.settings.top_k,
        offset=asked.offset,
        score_threshold=asked.score_threshold,
        facets=_several(asked.facets),
        diversity=asked.diversity,
        **says,
    )


def _query_with(shop: Shop, asked: PhotoSearchRequest, photo: bytes | None) -> Query:
    pulls = (asked.product_id,) if asked.product_id else ()
    return _query(
        shop,
        asked,
        words=_words(asked.text_query),
        photo=photo,
        crop=asked.crop,
        more_like=pulls + _several(asked.more_like),
        less_like=_several(asked.less_like),
        less_words=_words(asked.less_text),
        image_weight=asked.image_weight,
    )


def _words(text: str | None) -> str | None:
    return clean(text) or None if text else None


def _several(named: str | list[str] | None) -> tuple[str, ...]:
    return (named,) if isinstance(named, str) else tuple(named or ())


async def _by_photo(request: Request, shop: Shop, form: Form, began: float) -> SearchBody:
    in_query = fields_of(request.query_params.multi_items())
    fields = accepted(request.scope, in_query, form.fields)
    asked = validated(PhotoSearchRequest, fields, strict=False)
    query = _query_with(shop, asked, form.photo)
    return await _answer(request, shop, query, began)


async def _answer(
    request: Request,
    shop: Shop,
    query: Query,
    began: float,
    fetched: Stopwatch | None = None,
    *,
    in_line: bool = True,
) -> SearchBody:
    def work() -> Answer:
        answer = shop.search.answer(query)
        if shop.query_log is not None and not query.is_for_counts:
            shop.query_log(query, answer, (perf_counter() - began) * 1000)
        return answer

    answer = shop.search.at_hand(query) if shop.query_log is None else None
    if answer is None:
        answer = await (shop.admission.run(work) if in_line else to_thread(work))
    answer.timings.update(fetched.spent if fetched else {})
    note(request.scope, answer)
    elapsed_ms = (perf_counter() - began) * 1000
    return SearchBody.of(query, answer, urandom(16).hex(), elapsed_ms)


def _endpoint(method: str, path: str, handle: Any, summary: str, **shape: Any) -> Endpoint:
    usual: dict[str, Any] = {
        "gives": SearchBody,
        "refuses": (HTTPStatus.NOT_FOUND,),
        "asks_model": True,
    }
    return Endpoint(method, path, handle, Key.SEARCH, summary, **(usual | shape))


_ASKS = (
    *("text_query", "query", "image_url", "image_base64", "upload_id"),
    *("product_id", "more_like", "less_like", "less_text"),
)
_SOMETHING = {
    "anyOf": [
        {
            "title": name,
            "required": [name],
            "properties": {name: {"not": {"type": "null"}, "minLength": 1, "minItems": 1}},
        }
        for name in _ASKS
    ]
}
_by_words = partial(_endpoint, "POST", takes=SearchRequest, asks=TopKRequest, rule=_SOMETHING)
_by_upload = partial(_endpoint, "POST", asks=PhotoSearchRequest, upload=PhotoSearchRequest)

ENDPOINTS = (
    _by_words("/search", search, "Search by words, photo or product"),
    _by_words("/search/by-text", search, "Search by words"),
    _by_upload("/search/by-image", by_image, "Search by an uploaded photo"),
    _by_upload(
        "/search-image",
        by_named_image,
        "Search by an uploaded photo, as older clients do",
        gives=PhotoSearchBody,
    ),
    _endpoint(
        "GET",
        "/search/similar/{product_id:path}",
        similar,
        "Products that look like this one",
        asks=SimilarRequest,
    ),
    _endpoint(
        "POST",
        "/search/batch",
        batch,
        "Several searches at once",
        gives=SearchBatchBody,
        takes=SearchBatchRequest,
    ),
)
