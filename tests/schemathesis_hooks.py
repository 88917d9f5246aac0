"""What schemathesis is told beyond tests/schemathesis.toml; it loads this file by itself.

Of a field in a form that holds a file, it may draw what its schema must not admit, and asks
jsonschema-rs whether it does. That knows strings, and not the class in which schemathesis carries
bytes, and ends the operation's run with "Unsupported type: 'Binary'". To a schema such bytes are a
string that says nothing, which is how schemathesis itself judges them where it thought of it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from schemathesis.generation.jsonschema import strategy
from schemathesis.specs.openapi.negative import _strip_binary

_of_json = strategy._validator


@lru_cache(maxsize=4096)
def _of_bytes_too(schema: Any) -> Callable[[Any], bool]:
    is_valid = _of_json(schema)
    return lambda value: is_valid(_strip_binary(value))


strategy._validator = _of_bytes_too
