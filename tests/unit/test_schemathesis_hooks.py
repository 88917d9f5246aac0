"""That what schemathesis is told is still needed, and does what it says."""

from __future__ import annotations

import subprocess
import sys

from tests.e2e.running import ROOT

FILES_AND_WORDS = """
import jsonschema_rs
from schemathesis.core.hooks import load_from_path
from schemathesis.generation.jsonschema import strategy
from schemathesis.transport.serialization import Binary

is_short = jsonschema_rs.canonicalize({"type": "string", "maxLength": 3})
is_number = jsonschema_rs.canonicalize({"type": "number"})
try:
    strategy._validator(is_short)(Binary(b"a photo"))
except ValueError as error:
    print(error)
load_from_path(%r)
for schema in (is_short, is_number):
    print([strategy._validator(schema)(value) for value in (Binary(b"a photo"), "ab", "abcd", 1)])
"""


def test_bytes_are_judged_as_a_string_and_all_else_as_before() -> None:
    hooks = str(ROOT / "tests" / "schemathesis_hooks.py")
    said = subprocess.run(
        [sys.executable, "-c", FILES_AND_WORDS % hooks], capture_output=True, text=True, timeout=60
    )
    assert said.stdout.splitlines() == [
        "Unsupported type: 'Binary'",  # or the hooks are needed no longer
        "[True, True, False, False]",
        "[False, False, False, True]",
    ], said.stderr
