"""OpenAPI 3.1, made from the endpoints' table and the models that validate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from core.product import ProductId
from handlers.bodies import FORMS
from handlers.dialects import DIALECTS, PLAIN, Dialect
from handlers.endpoint import API, Endpoint, Key
from handlers.models import HitBody
from handlers.problems import Problem

_REFS = "#/components/schemas/{name}"
_PATH_TYPES: dict[str, Any] = {"product_id": ProductId}
_GROUPS = {"product_batch": "catalogue", "indexing": "catalogue"}
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
        found |= {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}
    if "{" in endpoint.path:
        found.add(HTTPStatus.NOT_FOUND)
    if endpoint.asks or endpoint.takes or endpoint.upload:
        found.add(HTTPStatus.UNPROCESSABLE_ENTITY)
    if endpoint.takes or endpoint.upload:
        found.add(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
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
        "parameters": [
            *_path_parameters(endpoint),
            *_query_parameters(endpoint, components),
            *_header_parameters(endpoint),
        ],
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
        body = {"application/json": {"schema": schema}}
        operation["responses"][str(int(status))]["content"] = body
        if endpoint.or_status is not None:
            other = HTTPStatus(endpoint.or_status)
            refusal = _refusal(other, schema_of[Problem])["content"] if other >= 400 else {}
            operation["responses"][str(int(other))] = {
                "description": other.phrase,
                "content": body | refusal,
            }
    if endpoint.text:
        text = {endpoint.text: {"schema": {"type": "string"}}}
        operation["responses"][str(int(status))]["content"] = text
    if endpoint.takes is not None:
        kinds = ("application/json", *(FORMS if endpoint.as_form else ()))
        body_schema = _taken(endpoint, endpoint.takes, dialect, components)
        content = {kind: {"schema": body_schema} for kind in kinds}
        operation["requestBody"] = {"required": True, "content": content}
    if endpoint.upload is not None:
        operation["requestBody"] = {
            "required": True,
            "content": _upload(endpoint, dialect, components),
        }
    if dialect.said and "requestBody" in operation:
        also = ", ".join(f"`{theirs}` for `{ours}`" for theirs, ours in dialect.said.items())
        operation["requestBody"]["description"] = f"Also known: {also}."
    if endpoint.key not in (Key.NONE, Key.SIGNATURE):
        operation["security"] = [{"key": []}, {"bearer": []}]
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


def _taken(
    endpoint: Endpoint,
    model: type[msgspec.Struct],
    dialect: Dialect,
    components: dict[str, Any],
) -> dict[str, Any]:
    """A body as this endpoint takes it: nothing unknown, a field by one of its names, and no id
    where the path says it."""
    fields = dict(components[model.__name__]["properties"])
    required = list(components[model.__name__].get("required", ()))
    if "{product_id" in endpoint.path and "id" in fields:
        del fields["id"]
        required = [name for name in required if name != "id"]
    rules: list[dict[str, Any]] = [dict(endpoint.rule)] if endpoint.rule else []
    for theirs, ours in dialect.said.items():
        if ours not in fields:
            continue
        fields[theirs] = fields[ours]
        if ours in required:
            required.remove(ours)
            rules.append({"oneOf": [{"required": [ours]}, {"required": [theirs]}]})
    schema: dict[str, Any] = {
        "title": model.__name__,
        "type": "object",
        "properties": fields,
        "required": required,
        "additionalProperties": False,
    }
    return schema | ({"allOf": rules} if rules else {})


def _upload(endpoint: Endpoint, dialect: Dialect, components: dict[str, Any]) -> dict[str, Any]:
    assert endpoint.upload is not None
    photo = {"type": "string", "format": "binary", "description": "JPEG, PNG, WebP, AVIF or GIF"}
    form = _taken(endpoint, endpoint.upload, dialect, components)
    form["properties"] = {"file": photo} | form["properties"]
    form["required"] = ["file", *form["required"]]
    return {
        "multipart/form-data": {"schema": form},
        "image/*": {"schema": {"type": "string", "format": "binary"}},
    }


def _path_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    names = [part[1:-1].partition(":")[0] for part in endpoint.path.split("/") if part[:1] == "{"]
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": msgspec.json.schema(_PATH_TYPES.get(name, str)),
        }
        for name in names
    ]


def _query_parameters(endpoint: Endpoint, components: dict[str, Any]) -> list[dict[str, Any]]:
    if endpoint.asks is None:
        return []
    properties = components[endpoint.asks.__name__]["properties"]
    return [{"name": name, "in": "query", "schema": s} for name, s in properties.items()]


def _header_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
        for name in endpoint.headers
    ]
