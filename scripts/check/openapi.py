"""docs/openapi.json, against what the API says of itself: `python -m scripts.check.openapi`.

With `--write` it is written anew.
"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from handlers.api import ENDPOINTS
from handlers.openapi import describe
from handlers.version import VERSION

_FILE = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"


def described() -> bytes:
    return msgspec.json.format(msgspec.json.encode(describe(ENDPOINTS, VERSION)), indent=2) + b"\n"


def openapi_problems(path: Path) -> list[str]:
    if path.is_file() and path.read_bytes() == described():
        return []
    return [f"docs/{path.name} is not what the API says of itself; make openapi writes it anew"]


def main(arguments: list[str]) -> int:
    if arguments == ["--write"]:
        _FILE.write_bytes(described())
    found = openapi_problems(_FILE)
    print("\n".join(found) if found else "docs/openapi.json agrees with the API")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
