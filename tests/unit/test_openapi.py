"""What the API says of requests in openapi.json, where a model's own schema would not be the truth.

Whether the server agrees is asked by tests/e2e/test_openapi.py.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from handlers.api import ENDPOINTS
from handlers.endpoint import API
from handlers.openapi import describe

PATHS: dict[str, Any] = describe(ENDPOINTS, "0")["paths"]
UPLOADS = ["/search/by-image", "/search-image", "/embed-image", "/index-product-with-image"]
FORMS = ["multipart/form-data", "application/x-www-form-urlencoded"]


def body(path: str) -> dict[str, Any]:
    return dict(PATHS[API + path]["post"]["requestBody"]["content"])


def parameters(method: str, path: str) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in PATHS[API + path][method]["parameters"]}


@pytest.mark.parametrize("path", UPLOADS)
def test_a_photo_has_one_of_three_names(path: str) -> None:
    form = body(path)["multipart/form-data"]["schema"]
    [one_of] = [rule["oneOf"] for rule in form["allOf"] if "oneOf" in rule][-1:]
    assert [rule["required"] for rule in one_of] == [["file"], ["image"], ["image_file"]]
    assert all(form["properties"][name]["format"] == "binary" for name in ("file", "image"))


@pytest.mark.parametrize("path", UPLOADS)
def test_bare_bytes_are_taken_where_nothing_else_must_be_said(path: str) -> None:
    bare = body(path).keys() - {"multipart/form-data"}
    alone = path != "/index-product-with-image"
    assert bare == ({"image/*", "application/octet-stream"} if alone else set())


@pytest.mark.parametrize("path", ["/search/by-image", "/search-image"])
def test_what_bare_bytes_can_not_say_is_said_in_the_query_string(path: str) -> None:
    form = body(path)["multipart/form-data"]["schema"]["properties"].keys()
    assert parameters("post", path).keys() == form - {"file", "image", "image_file"}


@pytest.mark.parametrize(
    ("method", "path"), [("post", "/search"), ("get", "/search/similar/{product_id}")]
)
def test_older_names_are_parameters_too(method: str, path: str) -> None:
    said = parameters(method, path)
    assert said["limit"]["schema"] == said["top_k"]["schema"]
    assert said["limit"]["description"] == "The same as `top_k`."


@pytest.mark.parametrize("kind", FORMS)
def test_an_attribute_may_be_a_field_of_a_form(kind: str) -> None:
    [(pattern, _)] = body("/index-product")[kind]["schema"]["patternProperties"].items()
    assert re.search(pattern, "attributes.colour") and not re.search(pattern, "attributes.")
    assert "patternProperties" not in body("/index-product")["application/json"]["schema"]


def test_attributes_are_json_in_a_query_string_or_each_by_itself() -> None:
    attributes = parameters("get", "/search/similar/{product_id}")["attributes"]
    assert attributes["content"]["application/json"]["schema"]["type"] == "object"
    assert "`attributes.<name>=<value>`" in attributes["description"]


def test_every_operation_is_in_a_group() -> None:
    groups = {tag for path in PATHS.values() for one in path.values() for tag in one["tags"]}
    assert groups == {
        "search",
        "catalogue",
        "uploads",
        "embeddings",
        "events",
        "operations",
        "webhooks",
    }
