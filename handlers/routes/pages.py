"""What a shopper's browser sees: the storefront page, and the products' photos."""

from __future__ import annotations

from asyncio import to_thread
from contextlib import suppress
from hashlib import blake2b
from http import HTTPStatus
from pathlib import Path

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from core.bucket import Role, place
from core.errors import BucketUnavailable, PhotoNotFound
from core.photos import MAX_PHOTO_BYTES
from core.photos.kinds import sniff
from handlers.bodies import Json
from handlers.endpoint import API
from handlers.page_files import PageFiles
from handlers.shop import Shop

PAGE = Path(__file__).parent.parent / "page"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data: blob: https:{bucket}; connect-src 'self'{bucket}; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_SIGNED_SECONDS = 900
"""For how long a photo's signed address works. A browser keeps it for a third of that."""
_PHOTO_SECONDS = 60
"""For how long a browser shows a photo without asking whether it was overwritten."""
_KEPT_BY_SHOPS = "public, max-age=300, stale-while-revalidate=86400"
"""The script a shop's pages name: a visitor of many pages asks for it once in a while."""
PAGE_HEADERS = {
    "Content-Security-Policy": _POLICY.format(bucket=""),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def routes(shop: Shop, files: PageFiles) -> list[BaseRoute]:
    async def home(request: Request) -> Response:
        if "text/html" in request.headers.get("accept", ""):
            answer = files.answer(request, "index.html")
            answer.headers["Content-Security-Policy"] = await _policy(shop)
            return answer
        return Json({"service": "Likeness", "api": API, "docs": "/docs"})

    async def components(request: Request) -> Response:
        return files.answer(request, "likeness.js", _KEPT_BY_SHOPS)

    async def page(request: Request) -> Response:
        return files.versioned(request, request.path_params["path"])

    async def photo(request: Request) -> Response:
        return await _photo(request, shop)

    return [
        Route("/", home),
        Route("/likeness.js", components),
        Route("/photos/{key:path}", photo),
        Route("/page/{path:path}", page),
    ]


async def _policy(shop: Shop) -> str:
    """Of the page, which puts a photo that is too large for a request straight into the bucket, and
    has the products' photos from there."""
    bucket = ""
    if shop.addresses is not None:
        with suppress(BucketUnavailable):
            bucket = " " + await to_thread(shop.addresses.origin)
    return _POLICY.format(bucket=bucket)


async def _photo(request: Request, shop: Shop) -> Response:
    """A photo of the bucket. Sidecars and whatever else lies there stay inside."""
    key = request.path_params["key"]
    where = place(key)
    if where is None or where.role is not Role.PHOTO:
        raise PhotoNotFound(f"There is no photo {key!r}.")
    if shop.addresses is not None:
        url = await to_thread(shop.addresses.download_url, key, _SIGNED_SECONDS)
        kept = {"Cache-Control": f"private, max-age={_SIGNED_SECONDS // 3}"}
        return RedirectResponse(url, HTTPStatus.FOUND, PAGE_HEADERS | kept)
    data = await to_thread(shop.photos.read, key, MAX_PHOTO_BYTES)
    kind = sniff(data)
    if kind is None:
        raise PhotoNotFound(f"There is no photo {key!r}.")
    tag = f'"{blake2b(data, digest_size=12).hexdigest()}"'
    headers = PAGE_HEADERS | {"ETag": tag, "Cache-Control": f"public, max-age={_PHOTO_SECONDS}"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(data, media_type=kind, headers=headers)
