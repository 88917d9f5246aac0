"""Rows whose columns are named like a product's fields, or said to be one of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.errors import InvalidRequest
from core.facts import json_object, read_row
from core.feeds import Row
from core.feeds.words import addresses, money, unique

_ATTRIBUTE = "attributes."
_PHOTOS = ("image_url", "image_urls")


def read(line: int, said: Mapping[str, Any], columns: Mapping[str, str]) -> Row:
    """`columns`: the shop's own names for fields. Raises InvalidRequest."""
    said = {**said, **{field: said[own] for field, own in columns.items() if own in said}}
    if isinstance(price := said.get("price"), str):
        said["price"], currency = money(price, "price")
        if currency:
            said = {"currency": currency} | said
    if attributes := _attributes(said):
        said["attributes"] = attributes
    product_id, facts = read_row(said)
    return Row(line, product_id, facts, _photos(said))


def _attributes(said: Mapping[str, Any]) -> object:
    attributes = said.get("attributes") or {}
    if isinstance(attributes, str):
        attributes = json_object(attributes, "attributes")
    if not isinstance(attributes, dict):
        return attributes
    own = {name: value for name, value in said.items() if name.startswith(_ATTRIBUTE)}
    return attributes | {name.removeprefix(_ATTRIBUTE): value for name, value in own.items()}


def _photos(said: Mapping[str, Any]) -> tuple[str, ...] | None:
    told = [said[name] for name in _PHOTOS if said.get(name) is not None]
    if not told:
        return None
    found: list[str] = []
    for one in told:
        each = [one] if isinstance(one, str) else one
        if not isinstance(each, list) or not all(isinstance(address, str) for address in each):
            raise InvalidRequest("image_url must be an address, image_urls a list of them")
        found += [address for part in each for address in addresses(part)]
    return unique(found)
