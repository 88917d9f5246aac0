"""A shop's own pages with the components in them: served from one address, the API from another."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.browser.elsewhere import served
from tests.browser.visit import visit
from tests.e2e.running import RunningShop, eventually, free_port, running_shop
from tests.photos import jpeg

COUNT = 30
KEPT = """
  window.told = [];
  for (const type of ["likeness-select", "likeness-search", "likeness-error"]) {
    addEventListener(type, ({ target, detail }) => told.push({ type, id: target.id, ...detail }));
  }
"""


@dataclass
class Site:
    url: str
    """Of the pages."""
    api: str
    shop: RunningShop
    pages: dict[str, str] = field(repr=False)

    def policy(self, **also: str) -> str:
        """As docs/components.md has it, and nothing else."""
        rules = {f"{kind}-src": self.api for kind in ("script", "connect", "img")}
        rules |= {"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'"}
        rules |= {name.replace("_", "-"): value for name, value in also.items()}
        return "; ".join(f"{name} {value}" for name, value in rules.items())

    def page(self, body: str, name: str = "index.html", css: str = "", **policy: str) -> str:
        """Makes a page of the shop; gives its address."""
        style = f"{name.removesuffix('.html')}.css"
        link = f'<link rel="stylesheet" href="{style}">' if css else ""
        policy["style_src"] = "'self'" if css else "'none'"
        self.pages[style] = css
        self.pages[name] = f"""<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta http-equiv="Content-Security-Policy" content="{self.policy(**policy)}">
  <title>A shop</title>
  {link}
  <script type="module" src="{self.api}/likeness.js"></script>
</head>
<body><main><h1>A shop</h1>{body}</main></body>
</html>"""
        return self.url + name


@contextmanager
def open_site(folder: Path, *, lets_in: bool = True, **settings: str) -> Iterator[Site]:
    """Without `lets_in` the API knows nothing of the pages' origin."""
    images = folder / "data" / "bucket" / "images"
    images.mkdir(parents=True)
    for number in range(COUNT):
        (images / f"p{number}.jpg").write_bytes(jpeg(number))
        facts = {"name": f"Thing {number}", "price": number, "currency": "EUR"}
        (images / f"p{number}.json").write_text(json.dumps(facts))
    pages: dict[str, str] = {}
    with served(pages) as url:
        settings |= {"CORS_ORIGINS": url.rstrip("/")} if lets_in else {}
        with running_shop(folder / "data", PORT=str(free_port()), **settings) as shop:
            shop.client.headers["X-API-Key"] = settings.get("ADMIN_KEYS", "")
            eventually(lambda: len(shop.catalogue()) == COUNT, 60)
            yield Site(url, str(shop.client.base_url.join("/")).rstrip("/"), shop, pages)


@contextmanager
def visit_site(browser: Browser, url: str, *forgiven: str, **manner: Any) -> Iterator[Page]:
    """What the components tell the page is kept in `told`."""
    with visit(browser, url, ["is elsewhere", *forgiven], before=KEPT, **manner) as page:
        yield page


def told(page: Page, kind: str) -> list[dict[str, Any]]:
    """What the components have told the page, of one kind."""
    every: list[dict[str, Any]] = page.evaluate("told")
    return [one for one in every if one["type"] == f"likeness-{kind}"]
