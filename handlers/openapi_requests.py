"""What a request may say, as OpenAPI: parameters, and bodies in all their kinds."""

from __future__ import annotations

from typing import Any

import msgspec

from core.product import ProductId
from handlers.bodies import BARE_PHOTOS, FORMS, PAIR, PHOTO_FIELDS
from handlers.dialects import DIALECTS, PLAIN, Dialect
from handlers.endpoint import Endpoint

_PATH_TYPES: dict[str, Any] = {"product_id": ProductId}
_ROOM_IN_ADDRESS = 1000
_ATTRIBUTE_FIELD = r"^attributes\.[^=]{1,100}$"
_ATTRIBUTE_WORDS = {
    "description": "An attribute, by its name. Said again, it has several values.",
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
}


def parameters(endpoint: Endpoint, components: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        *_path_parameters(endpoint),
        *_query_parameters(endpoint, components),
        *_header_parameters(endpoint),
    ]


def body(endpoint: Endpoint, components: dict[str, Any]) -> dict[str, Any] | None:
    dialect = DIALECTS.get(endpoint.path, PLAIN)
    content: dict[str, Any] = {kind: {"schema": one} for kind, one in endpoint.bodies.items()}
    if endpoint.takes is not None:
        schema = _taken(endpoint, endpoint.takes, dialect, components)
        content |= {"application/json": {"schema": schema}}
        if endpoint.as_form:
            content |= {kind: {"schema": _as_form(schema)} for kind in FORMS}
    if endpoint.upload is not None:
        content |= _upload(endpoint, endpoint.upload, dialect, components)
    if not content:
        return None
    said: dict[str, Any] = {"required": True, "content": content}
    if dialect.said:
        also = ", ".join(f"`{theirs}` for `{ours}`" for theirs, ours in dialect.said.items())
        said["description"] = f"Also known: {also}."
    return said


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


def _upload(
    endpoint: Endpoint,
    model: type[msgspec.Struct],
    dialect: Dialect,
    components: dict[str, Any],
) -> dict[str, Any]:
    photo = {"type": "string", "format": "binary", "description": "JPEG, PNG, WebP, AVIF or GIF"}
    form = _as_form(_taken(endpoint, model, dialect, components))
    form["properties"] = dict.fromkeys(PHOTO_FIELDS, photo) | form["properties"]
    one_photo = {"oneOf": [{"title": name, "required": [name]} for name in PHOTO_FIELDS]}
    form["allOf"] = [*form.get("allOf", ()), one_photo]
    content = {"multipart/form-data": {"schema": _or_pair(form, photo) if endpoint.pair else form}}
    if not form["required"]:  # bytes alone can't say what a form must
        content |= {
            kind: {"schema": {"type": "string", "format": "binary"}} for kind in BARE_PHOTOS
        }
    return content


def _or_pair(form: dict[str, Any], photo: dict[str, Any]) -> dict[str, Any]:
    pair = {
        "title": "Two photos",
        "type": "object",
        "properties": dict.fromkeys(PAIR, photo),
        "required": list(PAIR),
        "additionalProperties": False,
    }
    return {"oneOf": [form, pair]}


def _as_form(schema: dict[str, Any]) -> dict[str, Any]:
    """A body as a form says it: an attribute may be a field of its own."""
    if "attributes" not in schema["properties"]:
        return dict(schema)
    return schema | {"patternProperties": {_ATTRIBUTE_FIELD: _ATTRIBUTE_WORDS}}


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
    said = DIALECTS.get(endpoint.path, PLAIN).said
    properties = components[endpoint.asks.__name__]["properties"]
    ours = [_query_parameter(name, schema) for name, schema in properties.items()]
    theirs = [
        _query_parameter(name, properties[ours]) | {"description": f"The same as `{ours}`."}
        for name, ours in said.items()
        if ours in properties
    ]
    return ours + theirs


def _query_parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    if name != "attributes":
        return {"name": name, "in": "query", "schema": _short(schema)}
    [one] = [one for one in schema["anyOf"] if one["type"] == "object"]
    return {
        "name": name,
        "in": "query",
        "description": "As JSON; or each by itself, as `attributes.<name>=<value>`.",
        "content": {"application/json": {"schema": one}},
    }


def _short(schema: dict[str, Any]) -> dict[str, Any]:
    """An address has less room for words than a body."""
    kinds = [
        one | {"maxLength": min(one["maxLength"], _ROOM_IN_ADDRESS)} if "maxLength" in one else one
        for one in schema.get("anyOf", ())
    ]
    return schema | ({"anyOf": kinds} if kinds else {})


def _header_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
        for name in endpoint.headers
    ]
