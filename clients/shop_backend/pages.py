"""The shop's pages, as text. Whatever comes from elsewhere is escaped on its way in."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from urllib.parse import quote, urlencode

from likeness_client import Hit, Product, SearchAnswer

_STYLE = """
body { font: 1rem/1.5 system-ui; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: 1rem;
     padding: 0; list-style: none }
img { width: 100%; aspect-ratio: 1; object-fit: cover; border-radius: .5rem }
form { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0 }
"""


def page(title: str, *parts: str) -> str:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
        f'<p><a href="/">The shop</a><h1>{escape(title)}</h1>{"".join(parts)}</html>'
    )


def search_form(words: str = "") -> str:
    return f"""
<form action="/"><input name="q" value="{escape(words)}" aria-label="Search" size="30">
<button>Search</button></form>
<form action="/photo" method="post" enctype="multipart/form-data">
<input type="file" name="photo" accept="image/*" aria-label="Photo" required>
<button>Search by photo</button></form>"""


def found(answer: SearchAnswer, words: str = "") -> str:
    if not answer.results:
        return "<p>Nothing like it. Fewer words may find more."
    categories = "".join(
        f'<a href="/?{escape(urlencode({"q": words, "category": name}))}">{escape(name)}</a> {n} '
        for name, n in answer.facets.get("category", {}).items()
        if words
    )
    return f"<p>{categories}{grid(answer)}"


def grid(hits: Iterable[Hit]) -> str:
    return f"<ul>{''.join(map(_card, hits))}</ul>"


def _card(hit: Hit) -> str:
    return (
        f'<li><a href="/product/{quote(hit.product_id, safe="")}">{_picture(hit.image_url)}'
        f"{escape(hit.name)}</a> {_price(hit.price, hit.currency)}"
    )


def facts(product: Product) -> str:
    stock = "in stock" if product.in_stock else "sold out"
    return (
        f'<div style="max-width: 20rem">{_picture(product.image_url)}</div>'
        f"<p>{escape(product.description)}<p>{_price(product.price, product.currency)}, {stock}"
    )


def office_form(product: Product) -> str:
    price = "" if product.price is None else f"{product.price:g}"
    checked = "checked" if product.in_stock else ""
    return f"""
<form method="post"><label>Price <input name="price" type="number" step="0.01" min="0"
value="{price}" required></label>
<label><input name="in_stock" type="checkbox" {checked}> in stock</label>
<button>Change</button></form>"""


def sorry(what: str) -> str:
    return f'<p role="status">{escape(what)}'


def _picture(url: str | None) -> str:
    if url is None or not url.startswith(("https://", "http://")):
        return ""
    return f'<img src="{escape(url)}" alt="" loading="lazy">'


def _price(price: float | None, currency: str | None) -> str:
    return "" if price is None else escape(f"{price:.2f} {currency or ''}".strip())
