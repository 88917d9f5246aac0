"""Facts: what the bucket says of a product, in sidecars and in the metadata of its photos."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.errors import HeaderParseError
from email.header import decode_header
from typing import Any, NamedTuple
from urllib.parse import unquote

import msgspec

from core.errors import InvalidRequest
from core.product import Product
from core.validation import validated

Facts = Mapping[str, Any]
"""A product's fields, those that were said and no others."""

MAX_FACTS_BYTES = 256 * 1024
_IN_METADATA = ("name", "description", "category", "price", "currency", "attributes")
_PERCENT_ENCODED = re.compile(r"(?:[^%]*%[0-9A-Fa-f]{2})+[^%]*", re.ASCII)


class FactsVersion(NamedTuple):
    """Which word of the bucket a listing's facts are. The index keeps it as one text."""

    sidecar: str = ""
    """Its version; empty where there is none."""
    metadata: str = ""
    """A digest of what the photos' metadata say together."""
    refused: str = ""
    """A digest of the sources that could not be read. Whoever has not seen them fail looks again,
    so that a file which is broken is told by every process, not by the first one alone."""

    @classmethod
    def of_text(cls, text: str) -> FactsVersion:
        return cls(*text.split("\n", 2))

    def __str__(self) -> str:
        return "\n".join(self).rstrip("\n")


def read_sidecar(data: bytes) -> Facts:
    """What a sidecar says. The product's id is the key's, whatever the file may say.

    Fields we do not know are left alone: the file is the shop's, and may serve others too.
    """
    return _checked(json_object(data, "The sidecar"))


def read_metadata(metadata: Mapping[str, str]) -> Facts:
    """What a photo's metadata say. They travel in headers, which are ASCII, so there are two ways
    to write the rest: encoded words (RFC 2047, as S3 does) and percent-encoding. Both will do.
    """
    said: dict[str, Any] = {
        name: _decoded(metadata[name]) for name in _IN_METADATA if name in metadata
    }
    try:
        if said.get("attributes"):
            said["attributes"] = json_object(said["attributes"], "attributes")
        return _checked(said)
    except InvalidRequest as error:
        raise InvalidRequest(f"In the photo's metadata: {error.detail}") from error


def read_row(said: Mapping[str, Any]) -> tuple[str, Facts]:
    """The product's id and what a feed's row says of it."""
    if not said.get("id"):
        raise InvalidRequest("id is required")
    facts = _checked(said, said["id"])
    return said["id"], facts


def _checked(said: Facts, product_id: object = "-") -> Facts:
    ours = {
        name: value
        for name, value in said.items()
        if name in Product.__struct_fields__ and name != "id" and value is not None
    }
    product = validated(Product, {"name": "-", **ours, "id": product_id}, strict=False)
    return {name: getattr(product, name) for name in ours}


def json_object(data: bytes | str, what: str) -> dict[str, Any]:
    try:
        said = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise InvalidRequest(f"{what} is not valid JSON.") from error
    if not isinstance(said, dict):
        raise InvalidRequest(f"{what} must be a JSON object.")
    return said


def _decoded(text: str) -> str | None:
    """The words as they were meant; None when there are none."""
    try:
        if "=?" in text:
            parts = decode_header(text)
            text = "".join(
                part if isinstance(part, str) else part.decode(charset or "raw-unicode-escape")
                for part, charset in parts
            )
        elif _PERCENT_ENCODED.fullmatch(text):  # "50% off" is not
            text = unquote(text, errors="strict")
    except (HeaderParseError, LookupError, UnicodeError):
        pass  # it only looked encoded, and stands for itself
    return text.strip() or None
