"""A page in a browser, and all that went wrong or further than it should while it was open."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request

from tests.e2e.running import RunningShop


def at(shop: RunningShop, path: str) -> str:
    return str(shop.client.base_url.join(path))


@contextmanager
def visit(
    browser: Browser,
    url: str,
    forgiven: Collection[str] = (),
    *,
    before: str = "",
    **manner: Any,
) -> Iterator[Page]:
    """Errors on the console (which tells of all that the page's policy stops, too), exceptions, and
    requests to anywhere else fail the visit, but for those that say something that is `forgiven`.
    The script `before` runs before those of the page. `manner` is what the browser can be told of a
    visitor, such as `color_scheme="dark"`."""
    wrong: list[str] = []
    page = browser.new_page(**{"viewport": {"width": 1280, "height": 900}} | manner)
    page.set_default_timeout(20_000)
    page.add_init_script(before)

    def on_console(said: ConsoleMessage) -> None:
        if said.type == "error":
            wrong.append(said.text)

    def on_request(request: Request) -> None:
        if not _is_of(url, request.url):
            wrong.append(f"{request.url} is elsewhere")

    def on_failure(request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # which is the page's own wish
            wrong.append(f"{request.url} failed")

    page.on("console", on_console)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", on_request)
    page.on("requestfailed", on_failure)
    try:
        page.goto(url)
        yield page
        told = [said for said in wrong if not any(words in said for words in forgiven)]
        assert not told, "\n".join(told)
    finally:
        page.close()


def _is_of(url: str, other: str) -> bool:
    """Data is in the page already, and a blob was made by it."""
    other = other.removeprefix("blob:")
    return other.startswith("data:") or urlsplit(other)[:2] == urlsplit(url)[:2]
