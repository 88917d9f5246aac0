"""A shop's API, asked from outside."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from email.message import Message
from http.client import HTTPException
from time import sleep
from typing import Any, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from core.errors import Unavailable

_SECONDS = 30
"""A function that sleeps has to wake first."""
_TRIES = 6
_LONGEST_PAUSE = 30.0
_PASSING = {0, 429, 502, 503}
"""What another try may end better than; 0 is no answer at all."""


class Told(NamedTuple):
    status: int
    """0 where there is no answer."""
    body: dict[str, Any]
    headers: Message

    @property
    def why(self) -> str:
        return str(self.body.get("detail") or f"it answers {self.status}")


class _NoRedirects(HTTPRedirectHandler):
    """Or the key would go wherever an answer leads."""

    def redirect_request(self, *_: object) -> None:
        return None


_opener = build_opener(_NoRedirects)


class Api:
    def __init__(self, url: str) -> None:
        base = url.rstrip("/")
        self._base = base if base.endswith("/api/v1") else f"{base}/api/v1"

    def ask(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Told:
        said = {"Content-Type": "application/json", **(headers or {})}
        data = None if body is None else json.dumps(body).encode()
        return send(method, self._base + path, data, said)


def send(method: str, url: str, data: bytes | None, headers: Mapping[str, str]) -> Told:
    request = Request(url, data, dict(headers), method=method)  # noqa: S310 (http or https)
    try:
        with _opener.open(request, timeout=_SECONDS) as answer:
            return Told(answer.status, _json(answer.read()), answer.headers)
    except HTTPError as error:
        with error:
            return Told(error.code, _json(error.read()), error.headers)
    except (URLError, OSError, ValueError, HTTPException) as error:
        return Told(0, {"detail": str(getattr(error, "reason", error))}, Message())


def patiently(ask: Callable[[], Told], pause: Callable[[float], object] = sleep) -> Told:
    """What passes is waited for, as long as the answer asks for and no longer than is bearable.
    Raises Unavailable when it does not pass."""
    for attempt in range(1, _TRIES + 1):
        told = ask()
        if told.status not in _PASSING:
            return told
        if attempt < _TRIES:
            asked = told.headers.get("Retry-After", "")
            wait = float(asked) if asked.isdigit() else 0.5 * 2**attempt
            pause(min(wait, _LONGEST_PAUSE) * random.uniform(1, 1.2))  # noqa: S311
    why = told.why if told.status else f"it does not answer ({told.why})"
    raise Unavailable(f"The API could not be used in {_TRIES} tries: {why}")


def _json(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
