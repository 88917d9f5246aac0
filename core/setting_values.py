"""What a setting's words may be, each kind once; a ValueError says what they should have been."""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit


class Rate(NamedTuple):
    requests: int
    seconds: int


def whole(low: int, high: int) -> Callable[[str], int]:
    def parse(raw: str) -> int:
        if not raw.isascii() or not raw.isdigit() or not low <= int(raw) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}, not {raw!r}")
        return int(raw)

    return parse


def rate(raw: str) -> Rate:
    requests, _, time = raw.partition("/")
    try:
        return Rate(whole(1, 1_000_000)(requests), _TIMES[time])
    except (KeyError, ValueError):
        raise ValueError(
            f"must be such as 60/min, 5/s or 1000/h, at most 1000000, not {raw!r}"
        ) from None


def one_of(*choices: str) -> Callable[[str], str]:
    def parse(raw: str) -> str:
        if raw.upper() not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}, not {raw!r}")
        return raw.upper()

    return parse


def flag(raw: str) -> bool:
    return one_of("TRUE", "FALSE")(raw) == "TRUE"


def plain_name(raw: str) -> str:
    if not raw.replace("-", "").replace("_", "").replace(".", "").isalnum() or raw[0] in ".-":
        raise ValueError(f"must be letters, digits, '-', '_' and '.', not {raw!r}")
    return raw


def address(raw: str) -> str:
    parts = urlsplit(raw)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise ValueError("must be an address such as https://name.example:6333, without keys")
    return raw


def container(raw: str) -> str:
    """The address of a container of Azure's Blob storage. An emulator's has its account ahead."""
    try:
        path = urlsplit(address(raw))
    except ValueError:
        path = urlsplit("")
    if path.query or path.fragment or not _CONTAINER.fullmatch(path.path):
        # Not repeated: it may have a signature in it.
        raise ValueError("must be like https://account.blob.core.windows.net/container, no more")
    return raw.rstrip("/")


def base64_key(raw: str) -> str:
    try:
        if len(binascii.a2b_base64(raw, strict_mode=True)) >= _SHORTEST_KEY:
            return raw
    except ValueError:
        pass
    raise ValueError("must be a storage account's key, as it is told: in base64")


def listed(raw: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in raw.split(",") if part.strip())


def keys(raw: str) -> tuple[str, ...]:
    found = listed(raw)
    if any(len(key) < 16 for key in found):
        # The value itself is never repeated: error messages end up in logs.
        raise ValueError("each key must have at least 16 characters")
    return found


def secrets(raw: str) -> tuple[tuple[str, str], ...]:
    """Sources and secrets. A source may have several, so that they can be changed."""
    pairs = []
    for part in listed(raw):
        source, _, secret = part.partition("=")
        if len(secret) < 16 or source in _TAKEN or not _SOURCE.fullmatch(source):
            raise ValueError(  # without the value: error messages end up in logs
                "each must be source=secret: a source of letters, digits, '-' and '_', neither "
                "'test' nor 'health', and a secret of at least 16 characters"
            )
        pairs.append((source, secret))
    return tuple(pairs)


_CONTAINER = re.compile(r"(/[a-z0-9]{3,24})?/[a-z0-9]([a-z0-9-]{1,61})[a-z0-9]/?")
_SHORTEST_KEY = 16
_SOURCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_TAKEN = {"test", "health"}
_TIMES = {"s": 1, "min": 60, "h": 3600}
