"""Google Merchant Center's product data: tables, and items of RSS and Atom.

Each variant is an item, and a product of its own: a shopper who looks for red finds the red one.
Those of one `item_group_id` have it as an attribute.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from core.errors import InvalidRequest
from core.facts import read_row
from core.feeds import Row
from core.feeds.words import (
    addresses,
    categories,
    is_between,
    money,
    one_or_all,
    plain_text,
    unique,
)

_NEEDED = {"id", "title"}
_SIGNS = {"image_link", "availability", "google_product_category"}
_ATTRIBUTES = (
    *("brand", "gtin", "mpn", "condition", "color", "size", "material", "pattern", "gender"),
    *("age_group", "size_type", "size_system", "item_group_id", "link"),
    *(f"custom_label_{number}" for number in range(5)),
)
_AVAILABILITY = {"in_stock": True, "out_of_stock": False, "preorder": False, "backorder": False}

Values = Mapping[str, Sequence[str]]


def name_of(column: str) -> str:
    """Columns may be written with spaces, as `image link`, or with the prefix that XML has."""
    return "_".join(column.lower().removeprefix("g:").replace("_", " ").split())


def is_it(columns: Sequence[str]) -> bool:
    names = set(map(name_of, columns))
    return names >= _NEEDED and bool(names & _SIGNS)


def read(line: int, values: Values, now: datetime) -> Row:
    """Raises InvalidRequest."""
    first = {name: many[0] for name, many in values.items()}
    said: dict[str, object] = {"id": first.get("id", "")}
    if "title" in first:
        said["name"] = plain_text(first["title"])
    if text := first.get("description") or first.get("summary"):
        said["description"] = plain_text(text)
    said |= _price(first, now)
    if "availability" in first:
        said["in_stock"] = _in_stock(first["availability"])
    attributes: dict[str, object] = {
        name: one_or_all(values[name]) for name in _ATTRIBUTES if name in values
    }
    category, ways = categories(_ways(values))
    if category:
        said["category"] = category
        attributes["categories"] = ways
    if attributes:
        said["attributes"] = attributes
    product_id, facts = read_row(said)
    return Row(line, product_id, facts, _photos(values))


def _price(first: Mapping[str, str], now: datetime) -> dict[str, object]:
    begins, _, ends = first.get("sale_price_effective_date", "").partition("/")
    on_sale = "sale_price" in first and is_between(now, begins, ends)
    name = "sale_price" if on_sale else "price"
    if name not in first:
        return {}
    amount, currency = money(first[name], name)
    return {"price": amount, **({"currency": currency} if currency else {})}


def _in_stock(raw: str) -> bool:
    word = "_".join(raw.lower().replace("_", " ").split())
    if word not in _AVAILABILITY:
        known = ", ".join(_AVAILABILITY)
        raise InvalidRequest(f"availability must be one of {known}, not {raw!r}")
    return _AVAILABILITY[word]


def _ways(values: Values) -> Sequence[str]:
    """The shop's own categories. Google's, which may be a mere number, where there are none."""
    own = values.get("product_type", ())
    return own or [one for one in values.get("google_product_category", ()) if not one.isdigit()]


def _photos(values: Values) -> tuple[str, ...] | None:
    told = [*values.get("image_link", ()), *values.get("additional_image_link", ())]
    return unique(one for cell in told for one in addresses(cell)) or None
