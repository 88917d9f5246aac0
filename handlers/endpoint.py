"""An endpoint as data: path, method, who may call it, what it takes and gives."""

from __future__ import annotations

import hmac
import re
from asyncio import to_thread
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from enum import Enum
from functools import partial
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.errors import KeyMissing, KeyRefused, RateLimited
from core.settings import Settings
from handlers.dialects import DIALECTS, PLAIN
from handlers.problems import refusal
from handlers.shop import Shop

API = "/api/v1"
_ADDRESS = re.compile(r"(?P<v4>[\d.]+)(:\d+)?|\[?(?P<v6>[\da-fA-F:.]+)(\](:\d+)?)?")
"""As proxies write it, some with a port, which is another one for each connection."""
RATE_HEADERS = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")


class Key(Enum):
    """Who may call: anyone, holders of a search key (where one is configured), admins, who tells
    events, or who signs what it sends; a signature is of the body, so the handler looks at it."""

    NONE = "none"
    SEARCH = "search"
    ADMIN = "admin"
    EVENTS = "events"
    SIGNATURE = "signature"


Handler = Callable[[Request, Shop], Awaitable[Response]]


class Endpoint(msgspec.Struct, frozen=True):
    method: str
    path: str
    handle: Handler
    key: Key
    summary: str
    gives: type[msgspec.Struct] | None
    takes: type[msgspec.Struct] | None = None
    """The JSON body."""
    bodies: Mapping[str, Mapping[str, Any]] = {}
    """Of one that others have defined: schemas by media types."""
    as_form: bool = False
    """The same may come as a form."""
    asks: type[msgspec.Struct] | None = None
    """What belongs in the query string."""
    headers: tuple[str, ...] = ()
    """Those that it needs."""
    upload: type[msgspec.Struct] | None = None
    """The fields beside a multipart photo."""
    pair: bool = False
    """Two photos may come instead, and nothing beside them."""
    status: int = 200
    or_status: int | None = None
    """Another status that the same answer may have."""
    refuses: tuple[int, ...] = ()
    """Statuses of refusals that its shape does not tell (handlers.openapi knows those it does)."""
    rule: Mapping[str, Any] = {}
    """What no field of its body says alone, as JSON Schema."""
    asks_model: bool = False
    """Its work is the model's, of which there is only so much at a time."""
    text: str = ""
    """The media type of an answer that is text."""


def routes_of(endpoints: Iterable[Endpoint], shop: Shop) -> list[Route]:
    """One route a path: who asks with the wrong method is told all that are right."""
    by_path: dict[str, dict[str, Endpoint]] = {}
    for endpoint in endpoints:
        by_path.setdefault(endpoint.path, {})[endpoint.method] = endpoint
    return [
        Route(API + path, partial(_guarded, by_method, shop), methods=list(by_method))
        for path, by_method in by_path.items()
    ]


async def _guarded(by_method: Mapping[str, Endpoint], shop: Shop, request: Request) -> Response:
    endpoint = by_method["GET" if request.method == "HEAD" else request.method]
    request.scope["dialect"] = DIALECTS.get(endpoint.path, PLAIN)
    check_key(endpoint.key, shop.settings, request)
    if endpoint.asks_model:
        shop.admission.insist_on_room()  # before the body is read
    # Who tells events tells as many as there are, and is no client like others.
    if endpoint.key in (Key.NONE, Key.EVENTS) or shop.limiter is None:
        return await endpoint.handle(request, shop)
    allowance = await to_thread(shop.limiter.take, _client_of(shop.settings, request))
    if allowance.allowed:
        response = await endpoint.handle(request, shop)
    else:
        wait = str(ceil(allowance.retry_after))
        error = RateLimited(f"This was one request too many: come again in {wait} seconds.")
        response = refusal(request.scope, error)
        response.headers.update({"Retry-After": wait, "RateLimit-Reset": wait})
    response.headers["RateLimit-Limit"] = str(allowance.limit)
    response.headers["RateLimit-Remaining"] = str(allowance.remaining)
    return response


def check_key(needed: Key, settings: Settings, request: Request) -> None:
    """Admin keys open everything. No configured key means open: settings refuse that for writes
    on any address but loopback."""
    accepted = settings.admin_keys
    if needed in (Key.NONE, Key.SIGNATURE) or (needed is Key.SEARCH and not settings.search_keys):
        return
    given = _key_of(request)
    if needed is Key.SEARCH:
        accepted += settings.search_keys
    if needed is Key.EVENTS:
        accepted += settings.event_keys
        # Its place is the address: in the header Event Grid may have a token of its own.
        given = request.query_params.get("key", "") or given
    if not accepted:
        return
    if not given:
        raise KeyMissing("This needs a key: send it as X-API-Key or as a Bearer token.")
    if not _is_one_of(accepted, given):
        raise KeyRefused("This key is not accepted here.")


def _is_one_of(keys: Sequence[str], given: str) -> bool:
    """Digests are compared, each with each, so that neither length nor position shows in time."""
    digest = sha256(given.encode()).digest()
    matches = [hmac.compare_digest(digest, sha256(key.encode()).digest()) for key in keys]
    return any(matches)


def _client_of(settings: Settings, request: Request) -> str:
    """Whose requests count together: those with one of our keys, else those from one address."""
    given = _key_of(request)
    if _is_one_of(settings.admin_keys + settings.search_keys, given):
        return f"key {sha256(given.encode()).hexdigest()}"
    host = _host_of(settings, request)
    try:
        address = ip_address(host)
    except ValueError:
        return f"address {host}"
    if isinstance(address, IPv6Address):
        # One of version 4, as servers of both versions see it; else its whole neighbourhood.
        return f"address {address.ipv4_mapped or ip_network((address, 64), strict=False)}"
    return f"address {address}"


def _host_of(settings: Settings, request: Request) -> str:
    """Each proxy adds who called it to the right of X-Forwarded-For; what stands further left
    than our own proxies put it, anyone may have said."""
    said = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
    if 0 < settings.trusted_proxies <= len(said):
        caller = said[-settings.trusted_proxies].strip()
        if told := _ADDRESS.fullmatch(caller):
            return told["v4"] or told["v6"]
    return request.client.host if request.client else ""


def _key_of(request: Request) -> str:
    given = request.headers.get("x-api-key", "")
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return given or (token.strip() if scheme.lower() == "bearer" else "")
