"""The deployed API, seen from outside: is it well, does it keep its doors, does it find?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from time import perf_counter
from typing import Any

from core.findings import Finding, doubtful, failed, fine
from core.settings import Settings
from scripts.api import Api

_NOBODY = "https://nobody.invalid"


def look_at_api(url: str, settings: Settings, model: str) -> Iterator[Finding]:
    api = Api(url)
    began = perf_counter()
    status, told, _ = api.ask("GET", "/health")
    if status != HTTPStatus.OK:
        yield failed("API", f"{_said(status, told)} at {url}", "check the address, and its log")
        return
    finding = f"is {told.get('status')}, in {perf_counter() - began:.1f} s"
    if told.get("status") == "healthy":
        yield fine("API", finding)
    else:
        yield doubtful("API", finding, "look at its log, or at /health/detailed")
    if told.get("model") != model:
        to_do = "run this with the MODEL that is deployed, or deploy this one"
        yield doubtful("API", f"serves {told.get('model')}, but this is {model}", to_do)
    yield _doors(api)
    yield _search(api, settings)
    yield from _cors(api, settings)


def _doors(api: Api) -> Finding:
    status, told, _ = api.ask("POST", "/embed", {"text": "doctor"})
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return fine("API", "takes no writes without a key")
    if status == HTTPStatus.OK:
        return doubtful("API", "takes writes without a key", "set ADMIN_KEYS, if others reach it")
    return failed("API", f"{_said(status, told)} to who has no key", "look at its log")


def _search(api: Api, settings: Settings) -> Finding:
    key = {"X-API-Key": settings.search_keys[0]} if settings.search_keys else {}
    began = perf_counter()
    status, told, _ = api.ask("POST", "/search", {"text_query": "doctor", "top_k": 1}, key)
    if status != HTTPStatus.OK:
        return failed("API", f"{_said(status, told)} to a search", "check SEARCH_KEYS, and its log")
    took = f"in {perf_counter() - began:.2f} s"
    if not told.get("results"):
        return doubtful("API", f"finds nothing, {took}", "fill it: python -m scripts.sync")
    return fine("API", f"finds, {took}")


def _cors(api: Api, settings: Settings) -> Iterator[Finding]:
    for origin in (*settings.cors_origins, _NOBODY):
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        _, _, headers = api.ask("OPTIONS", "/search", None, asked)
        let_in = headers.get("Access-Control-Allow-Origin") in (origin, "*")
        if origin == _NOBODY:
            if let_in and "*" not in settings.cors_origins:
                yield doubtful("CORS", "lets any page in", "set CORS_ORIGINS to those of the shop")
        elif let_in:
            yield fine("CORS", f"lets {origin} in")
        else:
            yield failed("CORS", f"keeps {origin} out", "deploy with these CORS_ORIGINS")


def _said(status: int, told: Mapping[str, Any]) -> str:
    why = told.get("detail") or told.get("message") or "no more was said"
    return f"answers {status} ({why})" if status else f"does not answer ({why})"
