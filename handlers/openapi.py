"""OpenAPI 3.1, made from the endpoints' table and the models that validate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from handlers.dialects import DIALECTS, PLAIN, Dialect
from handlers.endpoint import API, Endpoint, Key
from handlers.models import HitBody
from handlers.openapi_requests import body, parameters
from handlers.problems import Problem

_REFS = "#/components/schemas/{name}"
_GROUPS = {
    "product_batch": "catalogue",
    "indexing": "catalogue",
    "similarity": "embeddings",
}
"""Where an endpoint belongs that is not in the group its room is named after."""
_ALWAYS = (
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)


def describe(endpoints: Sequence[Endpoint], version: str) -> dict[str, Any]:
    models = _models(endpoints)
    schemas, components = msgspec.json.schema_components(models, ref_template=_REFS)
    schema_of = dict(zip(models, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        path = (API + endpoint.path).replace(":path}", "}")
        paths.setdefault(path, {})[endpoint.method.lower()] = _operation(
            endpoint, schema_of, components
        )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Likeness",
            "version": version,
            "summary": "Visual product search: a photo or a few words in, products out.",
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": {
                str(int(status)): _refusal(status, schema_of[Problem])
                for status in sorted({s for e in endpoints for s in _refusals(e)})
            },
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                "bearer": {"type": "http", "scheme": "bearer"},
                "events": {"type": "apiKey", "in": "query", "name": "key"},
            },
        },
    }


def _refusal(status: HTTPStatus, problem: dict[str, Any]) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": problem}}
    return {"description": f"{status.phrase}; `code` says why", "content": content}


def _refusals(endpoint: Endpoint) -> list[HTTPStatus]:
    """What an endpoint may answer instead, as far as its shape tells; it names the rest itself."""
    found = {*_ALWAYS, *map(HTTPStatus, endpoint.refuses)}
    if endpoint.key is not Key.NONE:
        found |= {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
    if endpoint.key not in (Key.NONE, Key.EVENTS):
        found.add(HTTPStatus.TOO_MANY_REQUESTS)
    if "{" in endpoint.path:
        found.add(HTTPStatus.NOT_FOUND)
    if endpoint.asks or endpoint.takes or endpoint.upload:
        found.add(HTTPStatus.UNPROCESSABLE_ENTITY)
    if endpoint.takes or endpoint.upload or endpoint.bodies:
        found |= {HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.REQUEST_TIMEOUT}
    if endpoint.as_form or endpoint.upload:
        found.add(HTTPStatus.BAD_REQUEST)
    return sorted(found)


def _models(endpoints: Iterable[Endpoint]) -> list[type[msgspec.Struct]]:
    found: dict[type[msgspec.Struct], None] = {Problem: None}
    for e in endpoints:
        found |= {m: None for m in (e.takes, e.gives, e.asks, e.upload) if m is not None}
    return list(found)


def _operation(
    endpoint: Endpoint,
    schema_of: dict[type[msgspec.Struct], dict[str, Any]],
    components: dict[str, Any],
) -> dict[str, Any]:
    status = HTTPStatus(endpoint.status)
    room = endpoint.handle.__module__.rpartition(".")[2]
    operation: dict[str, Any] = {
        "tags": [_GROUPS.get(room, room)],
        "summary": endpoint.summary,
        "operationId": endpoint.handle.__name__ + "_" + endpoint.path.split("/")[-1].strip("{}"),
        "parameters": parameters(endpoint, components),
        "responses": {
            str(int(status)): {"description": status.phrase},
            **{
                str(int(refused)): {"$ref": f"#/components/responses/{int(refused)}"}
                for refused in _refusals(endpoint)
            },
        },
    }
    operation["operationId"] = operation["operationId"].replace(":path", "").replace("-", "_")
    dialect = DIALECTS.get(endpoint.path, PLAIN)
    if endpoint.gives is not None:
        schema = _spoken(schema_of[endpoint.gives], dialect, endpoint.gives, components)
        given = {"application/json": {"schema": schema}}
        operation["responses"][str(int(status))]["content"] = given
        if endpoint.or_status is not None:
            other = HTTPStatus(endpoint.or_status)
            refusal = _refusal(other, schema_of[Problem])["content"] if other >= 400 else {}
            operation["responses"][str(int(other))] = {
                "description": other.phrase,
                "content": given | refusal,
            }
    if endpoint.text:
        text = {endpoint.text: {"schema": {"type": "string"}}}
        operation["responses"][str(int(status))]["content"] = text
    taken = body(endpoint, components)
    if taken is not None:
        operation["requestBody"] = taken
    if endpoint.key not in (Key.NONE, Key.SIGNATURE):
        operation["security"] = [{"key": []}, {"bearer": []}]
        if endpoint.key is Key.EVENTS:
            operation["security"].append({"events": []})
    return operation


def _spoken(
    schema: dict[str, Any],
    dialect: Dialect,
    model: type[msgspec.Struct],
    components: dict[str, Any],
) -> dict[str, Any]:
    """A model's schema, with the names that its answer has besides."""
    if not dialect.given:
        return schema
    fields, hit = components[model.__name__]["properties"], components[HitBody.__name__]
    results = {"items": _besides(dialect.given_each, hit["properties"])}
    named = _besides(dialect.given, fields)
    named["properties"] = named["properties"] | {"results": results}
    return {"allOf": [schema, named]}


def _besides(names: Mapping[str, str], fields: Mapping[str, Any]) -> dict[str, Any]:
    properties = {theirs: fields[ours] for theirs, ours in names.items()}
    return {"type": "object", "properties": properties, "required": list(names)}
