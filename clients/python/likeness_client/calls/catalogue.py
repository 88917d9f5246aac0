"""The catalogue: products as the shop tells them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypedDict, Unpack
from urllib.parse import quote

from likeness_client.answers import Attribute, Outcome, Product
from likeness_client.call import Answer, Call, Page, Plan, lists, posted, sent

_AT_ONCE = 100
_PAGE = 200


class _Facts(TypedDict, total=False):
    external_id: str | None
    description: str | None
    category: str | None
    price: float | Decimal | None
    currency: str | None
    attributes: Mapping[str, Attribute | None] | None
    in_stock: bool | None
    image_url: str | None
    """Where its photo is fetched from, once. Photos that were there stay where none is named."""
    image_urls: Sequence[str] | None


class Facts(_Facts):
    """What may be said of a product."""

    name: str


class Changes(_Facts, total=False):
    """The same, and none of it must be. None takes away what was said."""

    name: str


def products(category: str | None = None) -> Call[Page[Product]]:
    """All products, or those of a category, one after the other, fetched as they are needed."""
    return _page({"category": category} if category else {})


def product(product_id: str) -> Call[Product]:
    """One product. `NotFound` where there is none."""
    return Call(method="GET", path=_path(product_id), read=_product)


def create_product(product_id: str, **facts: Unpack[Facts]) -> Call[Product]:
    """Add a product. `Conflict` where the id is taken: `put_product` does not mind."""
    body = {"id": product_id} | _said(facts)
    return posted("/products", body, _product, repeatable=False)


def put_product(product_id: str, **facts: Unpack[Facts]) -> Call[Product]:
    """Add a product, or say one anew as a whole."""
    return sent("PUT", _path(product_id), _said(facts), _product)


def change_product(product_id: str, **changes: Unpack[Changes]) -> Call[Product]:
    """Change what is said here and leave the rest; None takes a fact away."""
    return sent("PATCH", _path(product_id), changes, _product)


def delete_product(product_id: str) -> Call[None]:
    """Forget a product and its photos. It does no harm where there is none."""
    return Call(method="DELETE", path=_path(product_id), read=lambda _: None)


def put_products(products: Iterable[Mapping[str, object]]) -> Plan[list[Outcome]]:
    """Add or say anew many products, each a dict with `id`, `name` and what else `put_product`
    takes. What became of each is told in their order: one that is wrong harms no other."""
    outcomes: list[Outcome] = []
    for some in lists("products", map(_said, products), _AT_ONCE):
        outcomes += yield posted("/products/batch", some, _outcomes)
    return outcomes


def _page(query: dict[str, str]) -> Call[Page[Product]]:
    def read(answer: Answer) -> Page[Product]:
        said = answer.fields()
        found = [Product.told(one, answer.at) for one in said["products"]]
        cursor = said.get("next_cursor")
        return Page(found, _page(query | {"cursor": cursor}) if cursor else None)

    asked = (("limit", str(_PAGE)), *query.items())
    return Call(method="GET", path="/products", query=asked, read=read)


def _path(product_id: str) -> str:
    return f"/products/{quote(product_id, safe='')}"


def _said(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}


def _product(answer: Answer) -> Product:
    return Product.told(answer.fields(), answer.at)


def _outcomes(answer: Answer) -> list[Outcome]:
    return [Outcome.told(one) for one in answer.fields()["results"]]
