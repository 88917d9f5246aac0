"""Outside data into our own models, with every problem named at once, in a person's words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from math import isfinite
from typing import Any, TypeVar

import msgspec

from core.errors import FieldError, InvalidRequest

T = TypeVar("T", bound=msgspec.Struct)

_AT = re.compile(r" - at `(?:key in )?\$?(?P<path>[^`]*)`$")
_KIND = re.compile(r"`([a-z]+(?: \| [a-z]+)*)`")
_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
}


def validated(model: type[T], values: Mapping[str, Any], *, strict: bool = True) -> T:
    """`values` as a `model`, or one InvalidRequest that names every field that is wrong.

    Without `strict`, text is read as the number or flag the field asks for: query strings, form
    fields and hand-written files have no other way to say it.
    """
    problems: list[FieldError] = []
    good: dict[str, Any] = {}
    known = _fields(model)
    for name in _required(model) - values.keys():
        problems.append(FieldError(name, "is required"))
    for name, said in values.items():
        if name not in known:
            problems.append(FieldError(name, "is not a field here"))
            continue
        try:
            value = msgspec.convert(said, known[name], strict=strict)
            if isinstance(value, float) and not isfinite(value):
                # Only text can say "nan": JSON itself has no word for it.
                problems.append(FieldError(name, "must be a finite number"))
            good[name] = value
        except msgspec.ValidationError as error:
            problems.append(_in_words(name, str(error)))
    if problems:
        problems.sort()
        listing = "; ".join(f"{p.field} {p.message}" for p in problems)
        raise InvalidRequest(f"Some fields do not fit: {listing}.", fields=problems)
    return model(**good)


@cache
def _fields(model: type[msgspec.Struct]) -> dict[str, Any]:
    """The type of each: to read annotations costs more than to check a request by them."""
    return {field.name: field.type for field in msgspec.structs.fields(model)}


@cache
def _required(model: type[msgspec.Struct]) -> frozenset[str]:
    return frozenset(field.name for field in msgspec.structs.fields(model) if field.required)


def _in_words(name: str, message: str) -> FieldError:
    at = _AT.search(message)
    path = at.group("path") if at else ""
    text = _KIND.sub(_kinds, _AT.sub("", message))
    return FieldError(f"{name}{path}", text.replace("Expected ", "must be ", 1).replace("`", ""))


def _kinds(said: re.Match[str]) -> str:
    kinds = said[1].split(" | ")
    *others, last = [
        _KINDS.get(kind, kind) for kind in kinds if kind != "int" or "float" not in kinds
    ]
    return f"{', '.join(others)} or {last}" if others else last
