"""The shop: a search page, a product page, and a back office that tells of what it changes.

A shop has a database of its own for what it sells; here, what the search knows must do. A page that
a shopper waits for gives the search two seconds, and does without it after that.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from likeness_client import AsyncLikeness, InvalidRequest, LikenessError, NotFound, Product
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from shop_backend import pages
from shop_backend.settings import KEY, SECRET, URL

_AWAY = "The search is away for a moment. Please try again."


@asynccontextmanager
async def _lifespan(_: Starlette) -> AsyncIterator[dict[str, Any]]:
    """One client for all requests: it keeps its connections."""
    async with (
        AsyncLikeness(URL, key=KEY, timeout=2, retries=1) as shopper,
        AsyncLikeness(URL, key=KEY) as office,
    ):
        yield {"likeness": shopper, "office": office}


async def search(request: Request) -> Response:
    words = request.query_params.get("q", "")
    if not words:
        return HTMLResponse(pages.page("Search", pages.search_form()))
    likeness: AsyncLikeness = request.state.likeness
    category = request.query_params.get("category") or None
    try:
        answer = await likeness.search(words, category=category, top_k=24, facets=["category"])
        result = pages.found(answer, words)
    except LikenessError:
        result = pages.sorry(_AWAY)
    return HTMLResponse(pages.page("Search", pages.search_form(words), result))


async def by_photo(request: Request) -> Response:
    likeness: AsyncLikeness = request.state.likeness
    async with request.form(max_files=1, max_fields=1) as form:
        sent = form.get("photo")
        photo = await sent.read() if isinstance(sent, UploadFile) else b""
    try:
        result = pages.found(await likeness.search(photo=photo, top_k=24))
    except InvalidRequest:
        result = pages.sorry("This is no photo that can be searched with.")
    except LikenessError:
        result = pages.sorry(_AWAY)
    return HTMLResponse(pages.page("Search", pages.search_form(), result))


async def product(request: Request) -> Response:
    shown = await _known(request)
    if isinstance(shown, Response):
        return shown
    likeness: AsyncLikeness = request.state.likeness
    try:
        near = await likeness.similar(shown.id, top_k=6, in_stock=True)
        also = f"<h2>You may also like</h2>{pages.grid(near)}" if near.results else ""
    except LikenessError:
        also = ""  # the product sells itself
    return HTMLResponse(pages.page(shown.name, pages.facts(shown), also))


async def office(request: Request) -> Response:
    shown = await _known(request)
    if isinstance(shown, Response):
        return shown
    return HTMLResponse(pages.page(f"Back office: {shown.name}", pages.office_form(shown)))


async def change(request: Request) -> Response:
    """The change is the shop's own, and the search hears of it as a signed webhook."""
    shown = await _known(request)
    if isinstance(shown, Response):
        return shown
    async with request.form(max_files=0, max_fields=2) as form:
        changed = _said(shown) | {"in_stock": "in_stock" in form}
        try:
            changed["price"] = float(str(form.get("price")))
        except ValueError:
            return _told("Back office", "A price is a number.", 422)
    likeness: AsyncLikeness = request.state.office
    try:
        await likeness.send_event("back-office", SECRET, "product.updated", changed)
    except LikenessError as error:
        return _told("Back office", f"The search was not told. {error}", 502)
    return RedirectResponse(request.url_for("product", product_id=shown.id), 303)


async def _known(request: Request) -> Product | Response:
    likeness: AsyncLikeness = request.state.likeness
    try:
        return await likeness.product(request.path_params["product_id"])
    except NotFound:
        return _told("Not here", "There is no such product.", 404)
    except LikenessError:
        return _told("Not now", _AWAY, 503)


def _said(product: Product) -> dict[str, Any]:
    """All of it: an update says a product anew. Its photos stay where none are named."""
    said = {name: value for name, value in vars(product).items() if value is not None}
    return {name: value for name, value in said.items() if not name.startswith("image_url")}


def _told(title: str, what: str, status: int) -> Response:
    return HTMLResponse(pages.page(title, pages.sorry(what)), status)


app = Starlette(
    routes=[
        Route("/", search),
        Route("/photo", by_photo, methods=["POST"]),
        Route("/product/{product_id:path}", product, name="product"),
        Route("/back-office/{product_id:path}", office),
        Route("/back-office/{product_id:path}", change, methods=["POST"]),
    ],
    lifespan=_lifespan,
)
