"""WooCommerce's product CSV: a variable product and its variations are one product.

Variations may stand anywhere in the file, and without their prices the variable product has none.
So the table is read twice: for them, and for the products.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from core.errors import InvalidRequest
from core.facts import read_row
from core.feeds import BadRow, Row
from core.feeds.tables import Cells, Table, cells_of
from core.feeds.words import (
    addresses,
    categories,
    flag,
    is_between,
    listed,
    money,
    one_or_all,
    plain_text,
    unique,
)

_NEEDED = {"type", "sku", "name", "regular price"}
_VARIATION, _VARIABLE = "variation", "variable"
_ATTRIBUTE = re.compile(r"attribute (\d+) name")
_SHOWN = {"visible", "search"}


class Family(msgspec.Struct):
    """What is told of a variable product by its variations."""

    known: bool = False
    """Whether the file has the product itself."""
    prices: list[str] = []
    in_stock: list[bool] = []
    photos: list[str] = []


Families = Mapping[str, Family]
"""By each name that a variation may call its parent."""


def is_it(columns: Sequence[str]) -> bool:
    return {column.lower() for column in columns} >= _NEEDED


def read(opened: Callable[[], Table], now: datetime) -> Iterator[Row | BadRow]:
    families = _families(opened(), now)
    for number, cells in _lines(opened()):
        if isinstance(cells, str):
            yield BadRow(number, cells)
            continue
        product_id = cells.get("id") or cells.get("sku", "")
        try:
            if _is(cells, _VARIATION):
                _check_variation(cells, families, now)
                continue
            family = next((families[name] for name in _names(cells) if name in families), Family())
            said = {"id": product_id, **_said(cells, family, now)}
            _, facts = read_row(said)
            photos = unique(addresses(cells.get("images", "")) + family.photos) or None
            yield Row(number, product_id, facts, photos, _is_withdrawn(cells))
        except InvalidRequest as error:
            yield BadRow(number, error.detail, product_id)


def _lines(table: Table) -> Iterator[tuple[int, Cells | str]]:
    columns = [column.lower() for column in table.columns]
    for line in table:
        try:
            yield line.number, cells_of(columns, line)
        except InvalidRequest as error:
            yield line.number, error.detail


def _families(table: Table, now: datetime) -> Families:
    families: dict[str, Family] = {}
    for _, cells in _lines(table):
        if isinstance(cells, str):
            continue
        if _is(cells, _VARIABLE):
            names = _names(cells)
            family = next((families[name] for name in names if name in families), Family())
            family.known = True
            families |= dict.fromkeys(names, family)
        elif _is(cells, _VARIATION) and "parent" in cells:
            family = families.setdefault(cells["parent"], Family())
            try:
                price, stock = _price(cells, now), _in_stock(cells)
            except InvalidRequest:
                continue  # it is told of when its own row is read
            family.prices += [price] if price is not None else []
            family.in_stock += [stock] if stock is not None else []
            family.photos += addresses(cells.get("images", ""))
    return families


def _check_variation(cells: Cells, families: Families, now: datetime) -> None:
    parent = cells.get("parent", "")
    if parent not in families or not families[parent].known:
        raise InvalidRequest(f"the file has no variable product {parent!r}, its parent")
    _price(cells, now)
    _in_stock(cells)


def _is(cells: Cells, kind: str) -> bool:
    return kind in (one.lower() for one in listed(cells.get("type", "")))


def _names(cells: Cells) -> list[str]:
    by_id = [f"id:{cells['id']}"] if "id" in cells else []
    return by_id + ([cells["sku"]] if "sku" in cells else [])


def _said(cells: Cells, family: Family, now: datetime) -> Mapping[str, object]:
    said: dict[str, object] = {}
    if "name" in cells:
        said["name"] = plain_text(cells["name"])
    if "sku" in cells:
        said["external_id"] = cells["sku"]
    text = [plain_text(cells[one]) for one in ("short description", "description") if one in cells]
    if text:
        said["description"] = plain_text("\n".join(unique(text)))
    own = _price(cells, now)
    if prices := family.prices or ([own] if own is not None else []):
        said["price"] = min(prices, key=float)
    stock = [one for one in (_in_stock(cells),) if one is not None]
    if stock := family.in_stock or stock:
        said["in_stock"] = any(stock)
    attributes = _attributes(cells)
    category, ways = categories(listed(cells.get("categories", "")))
    if category:
        said["category"] = category
        attributes["categories"] = ways
    if attributes:
        said["attributes"] = attributes
    return said


def _attributes(cells: Cells) -> dict[str, object]:
    found: dict[str, object] = {"tags": tags} if (tags := listed(cells.get("tags", ""))) else {}
    for column, name in cells.items():
        if numbered := _ATTRIBUTE.fullmatch(column):
            values = listed(cells.get(f"attribute {numbered[1]} value(s)", ""))
            if values:
                found[name.lower()] = one_or_all(values)
    return found


def _price(cells: Cells, now: datetime) -> str | None:
    dates = cells.get("date sale price starts", ""), cells.get("date sale price ends", "")
    for column in ("sale price", "regular price"):
        if column in cells and (column != "sale price" or is_between(now, *dates)):
            return money(cells[column], column.capitalize())[0]
    return None


def _in_stock(cells: Cells) -> bool | None:
    said = cells.get("in stock?")
    if said is None:
        return None
    return said.lower() != "backorder" and flag(said, "In stock?")


def _is_withdrawn(cells: Cells) -> bool:
    shown = cells.get("visibility in catalog", "visible").lower() in _SHOWN
    return not shown or not flag(cells.get("published", "1"), "Published")
