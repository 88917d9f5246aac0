"""OpenAPI 3.1, made from the endpoints' table and the models that validate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from handlers.bodies import FORMS
from handlers.dialects import DIALECTS, PLAIN, Dialect
from handlers.endpoint import API, Endpoint, Key
from handlers.models import HitBody
from handlers.problems import Problem

_REFS = "#/components/schemas/{name}"


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
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
    }


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
    problem = {"application/problem+json": {"schema": schema_of[Problem]}}
    status = HTTPStatus(endpoint.status)
    operation: dict[str, Any] = {
        "summary": endpoint.summary,
        "operationId": endpoint.handle.__name__ + "_" + endpoint.path.split("/")[-1].strip("{}"),
        "parameters": [
            *_path_parameters(endpoint),
            *_query_parameters(endpoint, components),
            *_header_parameters(endpoint),
        ],
        "responses": {
            str(int(status)): {"description": status.phrase},
            "default": {"description": "Something is wrong; `code` says what", "content": problem},
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
            operation["responses"][str(int(other))] = {
                "description": other.phrase,
                "content": body,
            }
    if endpoint.text:
        text = {endpoint.text: {"schema": {"type": "string"}}}
        operation["responses"][str(int(status))]["content"] = text
    if endpoint.takes is not None:
        kinds = ("application/json", *(FORMS if endpoint.as_form else ()))
        content = {kind: {"schema": schema_of[endpoint.takes]} for kind in kinds}
        operation["requestBody"] = {"required": True, "content": content}
    if endpoint.upload is not None:
        operation["requestBody"] = {"required": True, "content": _upload(endpoint, components)}
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


def _upload(endpoint: Endpoint, components: dict[str, Any]) -> dict[str, Any]:
    assert endpoint.upload is not None
    fields = components[endpoint.upload.__name__]["properties"]
    photo = {"type": "string", "format": "binary", "description": "JPEG, PNG, WebP, AVIF or GIF"}
    form = {"type": "object", "properties": {"file": photo} | fields, "required": ["file"]}
    return {
        "multipart/form-data": {"schema": form},
        "image/*": {"schema": {"type": "string", "format": "binary"}},
    }


def _path_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    names = [part[1:-1].partition(":")[0] for part in endpoint.path.split("/") if part[:1] == "{"]
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
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
