"""Many products in one call, each of which does well or not by itself."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from core import budget
from core.errors import InvalidRequest, LikenessError
from core.validation import validated
from handlers.bodies import Json, read_object
from handlers.dialects import accepted
from handlers.endpoint import Endpoint, Key
from handlers.models import ProductRequest
from handlers.problems import Problem, problem_of, surprise
from handlers.shop import Shop
from handlers.taking import take

_MOST = 100
_MOST_BYTES = 8 * 1024 * 1024
_AT_ONCE = 4
_PRODUCT = {"items": {"$ref": "#/components/schemas/ProductRequest"}}


class BatchRequest(msgspec.Struct, kw_only=True, frozen=True):
    """`POST /products/batch`: products, new or known."""

    products: Annotated[list[Any], Meta(min_length=1, max_length=_MOST, extra_json_schema=_PRODUCT)]


class Outcome(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What became of one: the status it would have had in a call of its own, and what is wrong."""

    id: str | None
    status: int
    error: Problem | None = None


class BatchBody(msgspec.Struct, kw_only=True):
    results: list[Outcome]


async def put_many(request: Request, shop: Shop) -> Response:
    asked = validated(BatchRequest, await read_object(request, _MOST_BYTES))
    results = await to_thread(_put_all, request.scope, shop, asked.products)
    mixed = any(one.error for one in results)
    return Json(BatchBody(results=results), HTTPStatus.MULTI_STATUS if mixed else HTTPStatus.OK)


def _put_all(scope: Scope, shop: Shop, products: Sequence[Any]) -> list[Outcome]:
    ids = [_id_of(said) for said in products]
    with ThreadPoolExecutor(_AT_ONCE, "batch") as threads:

        def outcome(place: int) -> Outcome:
            again = ids[place] is not None and ids[place] in ids[:place]
            return _outcome(scope, shop, products[place], again=again)

        return list(threads.map(budget.shared(outcome), range(len(products))))


def _outcome(scope: Scope, shop: Shop, said: Any, *, again: bool) -> Outcome:
    """Whatever is wrong with one is its own affair, a bug of ours included."""
    try:
        if not isinstance(said, dict):
            raise InvalidRequest("A product must be a JSON object.")
        if again:
            raise InvalidRequest("A product of this id stands before it in the batch.")
        product = validated(ProductRequest, accepted(scope, said))
        taken = take(shop, product)
        return Outcome(id=product.id, status=HTTPStatus.OK if taken.before else HTTPStatus.CREATED)
    except LikenessError as error:
        problem = problem_of(error)
    except Exception as error:
        problem = problem_of(surprise(error))
    return Outcome(id=_id_of(said), status=problem.status, error=problem)


def _id_of(said: Any) -> str | None:
    product_id = said.get("id") if isinstance(said, dict) else None
    return product_id if isinstance(product_id, str) else None


ENDPOINTS = (
    Endpoint(
        "POST",
        "/products/batch",
        put_many,
        Key.ADMIN,
        "Add products or say them anew, up to 100",
        BatchBody,
        takes=BatchRequest,
        or_status=HTTPStatus.MULTI_STATUS,
    ),
)
