"""The names that older clients know: those they say for ours, and those they look for in answers.

Clients of three earlier image-search APIs (called A, B and C in docs/dialects.md) work with this
one. Inside there is one model; what differs is a row here, by the endpoint's path.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.types import Scope

from core.errors import InvalidRequest


class Dialect(msgspec.Struct, frozen=True):
    said: Mapping[str, str] = {}
    """Names in a request that stand for ours."""
    given: Mapping[str, str] = {}
    """Names an answer has besides its own, and the name whose value each has."""
    given_each: Mapping[str, str] = {}
    """The same, for each of its results."""


PLAIN = Dialect()
_SEARCH = {"query": "text_query", "limit": "top_k", "threshold": "score_threshold"}
_A_AND_B = Dialect(_SEARCH)
_C = Dialect(
    _SEARCH,
    given={"query_time_ms": "execution_time_ms", "results_count": "count"},
    given_each={"title": "name"},
)
_PRODUCT = Dialect({"title": "name"})
_INDEXING = Dialect({"product_id": "id"})

DIALECTS = {
    "/search": _A_AND_B,
    "/search-image": _A_AND_B,
    "/search/batch": _A_AND_B,
    "/search/by-image": _C,
    "/search/by-text": _C,
    "/search/similar/{product_id:path}": _C,
    "/products": _PRODUCT,
    "/products/batch": _PRODUCT,
    "/webhooks/{source}": _PRODUCT,
    "/webhooks/test": _PRODUCT,
    "/products/{product_id:path}": _PRODUCT,
    "/index-product": _INDEXING,
    "/index-product-with-image": _INDEXING,
}


def accepted(scope: Scope, *places: Mapping[str, Any]) -> dict[str, Any]:
    """What a request says, in its query string, its body or both, under our names. One said twice
    is a mistake to report: by both its names, or in both places."""
    said = _of(scope).said
    renamed: dict[str, Any] = {}
    for fields in places:
        for name, value in fields.items():
            ours = said.get(name, name)
            if ours in renamed:
                also = "" if name == ours else f", also as {name}"
                raise InvalidRequest(f"{ours} is given twice{also}.")
            renamed[ours] = value
    return renamed


def spoken(scope: Scope, answer: msgspec.Struct) -> msgspec.Struct | dict[str, Any]:
    """An answer with every name that is looked for in it."""
    dialect = _of(scope)
    if not dialect.given and not dialect.given_each:
        return answer
    body: dict[str, Any] = msgspec.to_builtins(answer)
    body |= {theirs: body[ours] for theirs, ours in dialect.given.items()}
    if dialect.given_each:
        for hit in body["results"]:
            hit |= {theirs: hit[ours] for theirs, ours in dialect.given_each.items()}
    return body


def _of(scope: Scope) -> Dialect:
    dialect: Dialect = scope["dialect"]
    return dialect
