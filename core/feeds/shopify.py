"""Shopify's product CSV: the rows of one handle, variants and photos, are one product.

Its columns have had two sets of names; both are read, capitals or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from core.errors import InvalidRequest
from core.facts import read_row
from core.feeds import BadRow, Row
from core.feeds.tables import Cells, Table, cells_of
from core.feeds.words import categories, flag, listed, money, one_or_all, plain_text, unique

_OLDER = {
    "url handle": "handle",
    "description": "body (html)",
    "published on online store": "published",
    "sku": "variant sku",
    "price": "variant price",
    "inventory tracker": "variant inventory tracker",
    "inventory quantity": "variant inventory qty",
    "continue selling when out of stock": "variant inventory policy",
    "product image url": "image src",
    "image position": "image position",
    "variant image url": "variant image",
}
_SIGNS = {"body (html)", "variant price", "image src", "published", "option1 name"}
_NO_OPTION = ("title", "default title")

Lines = Sequence[tuple[int, Cells]]


def is_it(columns: Sequence[str]) -> bool:
    names = set(_names(columns))
    return "handle" in names and "title" in names and bool(names & _SIGNS)


def read(table: Table) -> Iterator[Row | BadRow]:
    columns = _names(table.columns)
    handle = ""
    rows: list[tuple[int, Cells]] = []
    for line in table:
        try:
            cells = cells_of(columns, line)
        except InvalidRequest as error:
            yield BadRow(line.number, error.detail)
            continue
        own = cells.get("handle", handle)
        if own != handle:
            if rows:
                yield _product(rows)
            handle, rows = own, []
        rows.append((line.number, cells))
    if rows:
        yield _product(rows)


def _names(columns: Sequence[str]) -> list[str]:
    lower = [column.lower() for column in columns]
    return [_OLDER.get(name, name) for name in lower] if "url handle" in lower else lower


def _product(rows: Lines) -> Row | BadRow:
    number, first = rows[0]
    handle = first.get("handle", "")
    try:
        product_id, facts = read_row({"id": handle, **_said(rows)})
        return Row(number, product_id, facts, _photos(rows) or None, _is_withdrawn(first))
    except InvalidRequest as error:
        return BadRow(number, error.detail, handle)


def _said(rows: Lines) -> Mapping[str, object]:
    first = rows[0][1]
    said: dict[str, object] = {}
    attributes: dict[str, object] = {}
    for field, column in (("name", "title"), ("external_id", "variant sku")):
        if column in first:
            said[field] = first[column]
    if "body (html)" in first:
        said["description"] = plain_text(first["body (html)"])
    if "vendor" in first:
        attributes["brand"] = first["vendor"]
    if "tags" in first:
        attributes["tags"] = listed(first["tags"])
    category, ways = categories([first["product category"]] if "product category" in first else [])
    if ways:
        attributes["categories"] = ways
    if category := first.get("type") or category:
        said["category"] = category
    attributes |= _options(rows)
    if attributes:
        said["attributes"] = attributes
    return said | _price(rows) | _stock(rows)


def _options(rows: Lines) -> Mapping[str, str | list[str]]:
    """What the variants differ in: its name stands in the first row alone."""
    found: dict[str, str | list[str]] = {}
    for number in (1, 2, 3):
        name = rows[0][1].get(f"option{number} name", "").lower()
        values = [row[f"option{number} value"] for _, row in rows if f"option{number} value" in row]
        if name and values and (name, values[0].lower()) != _NO_OPTION:
            found[name] = one_or_all(unique(values))
    return found


def _price(rows: Lines) -> dict[str, object]:
    """That of the cheapest variant: what shops write as "from 19.99"."""
    told = [(number, row["variant price"]) for number, row in rows if "variant price" in row]
    if not told:
        return {}
    amounts = [money(raw, f"Variant Price in line {number}")[0] for number, raw in told]
    return {"price": min(amounts, key=float)}


def _stock(rows: Lines) -> dict[str, object]:
    """One that can be bought is enough. Nothing is said by a file without inventory."""
    variants = [row for _, row in rows if "variant price" in row or "variant inventory qty" in row]
    if not any("variant inventory qty" in row for row in variants):
        return {}
    return {"in_stock": any(map(_can_be_bought, variants))}


def _can_be_bought(row: Cells) -> bool:
    policy = row.get("variant inventory policy", "deny").lower()
    if "variant inventory tracker" not in row or policy in ("continue", "true"):
        return True
    try:
        return float(row.get("variant inventory qty", "0")) > 0
    except ValueError:
        raise InvalidRequest("Variant Inventory Qty must be a number") from None


def _photos(rows: Lines) -> tuple[str, ...]:
    own = [row for _, row in rows if "image src" in row]
    own.sort(key=_position)
    variants = [row["variant image"] for _, row in rows if "variant image" in row]
    return unique([row["image src"] for row in own] + variants)


def _position(row: Cells) -> int:
    position = row.get("image position", "")
    return int(position) if position.isascii() and position.isdigit() else 1_000_000


def _is_withdrawn(first: Cells) -> bool:
    status = first.get("status", "active").lower()
    return status != "active" or not flag(first.get("published", "true"), "Published")
