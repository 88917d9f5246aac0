"""JSON that fits no field, or is hardly JSON: an answer, or a refusal that says why."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
from hypothesis import strategies as st
from starlette.types import ASGIApp

from handlers.api import ENDPOINTS
from handlers.endpoint import Endpoint, Key
from tests.fuzz.fuzzing import ask, fuzz, mutated

_TAKING = [one for one in ENDPOINTS if one.takes is not None and one.key is not Key.SIGNATURE]
_ASKING = [one for one in ENDPOINTS if one.asks is not None]

_SIMPLE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([0, -1, 2**31, 2**53, 2**64, 10**400, 1e308, -0.0, 5e-324]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(
        ["m", "\0", "\ud800", "\u202e", "a" * 3000, "data:image/png;base64,AAAA", "AA=A"]
    ),
    st.sampled_from(["https://[::1", "http://127.0.0.1/", "https://\u0130.example/", "//", "null"]),
)
_ANY = st.recursive(
    _SIMPLE,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)
_HARDLY = [
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b'{"text_query": NaN}',
    b'{"price_min": Infinity, "text_query": "a"}',
    b'{"price_min": 1e400, "text_query": "a"}',
    b'{"top_k": ' + b"9" * 10_000 + b"}",
    b'{"text_query": "a", "text_query": {"b": 1}}',
    b'{"text_query": "\\ud800"}',
    b'{"text_query": "\xff\xfe"}',
    b"\xef\xbb\xbf{}",
    b'{"text_query": "a"}{"text_query": "b"}',
    b'{"texts": [' + b'"a",' * 70 + b'"b"]}',
    b'{"id": "m", "attributes": {"a": {"b": {"c": {}}}}}',
    b"null",
    b"",
    b'\x1f\x8b\x08\0{"text_query": "a"}',
]


def _bodies(endpoint: Endpoint) -> st.SearchStrategy[bytes]:
    """Objects of its fields, each with whatever there is."""
    assert endpoint.takes is not None
    names = [field.name for field in msgspec.structs.fields(endpoint.takes)]
    objects = st.dictionaries(
        st.sampled_from([*names, "query", "limit", "nonsense"]), _ANY, max_size=6
    )
    return objects.map(lambda said: json.dumps(said).encode())


def _path(endpoint: Endpoint) -> str:
    return endpoint.path.replace("{product_id:path}", "m").replace("{source}", "test")


@pytest.mark.parametrize("endpoint", _TAKING, ids=lambda one: f"{one.method} {one.path}")
def test_bodies(
    endpoint: Endpoint, app: ASGIApp, record_property: Callable[[str, object], None]
) -> None:
    headers = [(b"content-type", b"application/json"), (b"x-webhook-id", b"one")]

    def check(body: bytes) -> None:
        ask(app, endpoint.method, _path(endpoint), [body], headers)

    for body in _HARDLY:
        check(body)
    cases = fuzz(check, st.one_of(_bodies(endpoint), mutated(_HARDLY[2:])))
    record_property(f"fuzzed JSON to {endpoint.method} {endpoint.path}", cases)


@pytest.mark.parametrize("endpoint", _ASKING, ids=lambda one: f"{one.method} {one.path}")
def test_query_strings(
    endpoint: Endpoint, app: ASGIApp, record_property: Callable[[str, object], None]
) -> None:
    assert endpoint.asks is not None
    names = [field.name for field in msgspec.structs.fields(endpoint.asks)]
    pairs = st.lists(st.tuples(st.sampled_from([*names, "attributes.a", "x"]), _SIMPLE), max_size=5)

    def check(said: list[tuple[str, Any]], tail: bytes) -> None:
        query = urlencode(said, errors="surrogatepass").encode() + tail
        body = [b'{"text_query": "a"}'] if endpoint.takes else []
        ask(app, endpoint.method, _path(endpoint), body, [], query)

    cases = fuzz(check, pairs, st.sampled_from([b"", b"&%ff=%", b"&a", b"&=&&", b"&\xff=\xfe"]))
    record_property(f"fuzzed queries to {endpoint.method} {endpoint.path}", cases)
