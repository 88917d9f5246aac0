"""What the API says of itself, against what it does: schemathesis asks the running server.

CONTRIBUTING.md says how to ask for more than a gate has time for.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest

from tests.e2e.running import ROOT, running_shop

_KEYS = {"ADMIN_KEYS": "an-admin-key-for-the-fuzzer-only", "SEARCH_KEYS": "a-key-nobody-has-here"}
_EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "10")
_AT_LEAST = 5000
"""Cases. Fewer have shown too little."""
_SECONDS = int(os.environ.get("FUZZ_SECONDS", "400"))
"""A run that takes longer hangs. schemathesis is not told, or it would go on until then; nor is it
to ask several at once, which it does not bear (its threads share Python's cache of lines)."""


@pytest.mark.timeout(_SECONDS + 120)
def test_every_operation_answers_as_it_says(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """No 5xx, no status and no body that openapi.json does not tell of, nobody in without a key."""
    with running_shop(tmp_path / "data", **_KEYS) as shop:
        began = monotonic()
        said = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "--no-color"),
                *("--config-file", str(ROOT / "tests" / "schemathesis.toml")),
                *("run", str(shop.client.base_url.join("/openapi.json"))),
                *("--seed", "7", "--max-examples", _EXAMPLES, "--generation-database", "none"),
                *("--checks", "all", "--phases", "coverage,fuzzing", "--continue-on-failure"),
            ],
            cwd=tmp_path,
            env=os.environ
            | {"ADMIN_KEY": _KEYS["ADMIN_KEYS"]}
            | {"SCHEMATHESIS_HOOKS": str(ROOT / "tests" / "schemathesis_hooks.py")},
            capture_output=True,
            encoding="utf-8",
            timeout=_SECONDS,
        )
        seconds = monotonic() - began
    print(said.stdout)
    assert said.returncode == 0, said.stderr
    generated = re.search(r"(\d+) generated", said.stdout)
    assert generated is not None
    cases = int(generated[1])
    record_property("cases that schemathesis asked", f"{cases:,} in {seconds:.0f} s")
    assert cases > _AT_LEAST
