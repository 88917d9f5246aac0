"""A feed's rows, whichever of the formats it is in. Which one, its own beginning says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import msgspec

from core.errors import InvalidRequest
from core.facts import json_object
from core.feeds import BadRow, Row, google, plain, shopify, woocommerce
from core.feeds.items import items
from core.feeds.source import Kind, Opener, Source, look_at
from core.feeds.tables import Table, cells_of, lists_of


class Format(StrEnum):
    GOOGLE = "google"
    SHOPIFY = "shopify"
    WOOCOMMERCE = "woocommerce"
    PLAIN = "plain"


class Wanted(msgspec.Struct, frozen=True):
    """What the shop says of its file, where that does not speak for itself."""

    format: Format | None = None
    columns: Mapping[str, str] = {}
    """Its own names for our fields."""
    currency: str | None = None
    """Of prices without one."""


class Feed(msgspec.Struct, frozen=True):
    source: Source
    format: Format
    wanted: Wanted
    now: datetime

    @property
    def note(self) -> str:
        return self.source.note

    def rows(self) -> Iterator[Row | BadRow]:
        """One after the other; a bad one does not keep the next from coming."""
        first: dict[str, int] = {}
        line = 1
        try:
            for row in self._rows():
                line = row.line
                if isinstance(row, BadRow):
                    yield row
                elif row.product_id in first:
                    why = f"this product is told of in line {first[row.product_id]} already"
                    yield BadRow(line, why, row.product_id)
                else:
                    first[row.product_id] = line
                    yield self._priced(row)
        except InvalidRequest as error:
            yield BadRow(line, error.detail)

    def _rows(self) -> Iterator[Row | BadRow]:
        if self.format is Format.SHOPIFY:
            return shopify.read(self._table())
        if self.format is Format.WOOCOMMERCE:
            return woocommerce.read(self._table, self.now)
        if self.source.kind is Kind.XML:
            return self._items()
        if self.source.kind is Kind.OBJECTS:
            return self._objects()
        return self._lines()

    def _table(self) -> Table:
        return Table(self.source.lines())

    def _lines(self) -> Iterator[Row | BadRow]:
        table = self._table()
        names = [google.name_of(column) for column in table.columns]
        for line in table:
            try:
                if self.format is Format.GOOGLE:
                    yield google.read(line.number, lists_of(names, line), self.now)
                else:
                    yield self._plain(line.number, cells_of(table.columns, line))
            except InvalidRequest as error:
                yield BadRow(line.number, error.detail)

    def _objects(self) -> Iterator[Row | BadRow]:
        for number, raw in enumerate(self.source.lines(), start=1):
            if raw.strip():
                try:
                    yield self._plain(number, json_object(raw, "The line"))
                except InvalidRequest as error:
                    yield BadRow(number, error.detail)

    def _items(self) -> Iterator[Row | BadRow]:
        with self.source.data() as file:
            for item in items(file):
                try:
                    yield google.read(item.number, item.values, self.now)
                except InvalidRequest as error:
                    yield BadRow(item.number, error.detail, item.values.get("id", [""])[0])

    def _plain(self, line: int, said: Mapping[str, Any]) -> Row:
        return plain.read(line, said, self.wanted.columns)

    def _priced(self, row: Row) -> Row:
        currency = self.wanted.currency
        if currency and "price" in row.said and "currency" not in row.said:
            return msgspec.structs.replace(row, said={**row.said, "currency": currency})
        return row


AS_IT_SAYS = Wanted()


def open_feed(open_file: Opener, wanted: Wanted = AS_IT_SAYS, now: datetime | None = None) -> Feed:
    """Raises InvalidRequest for a file that is none."""
    source = look_at(open_file)
    return Feed(source, _format(source, wanted), wanted, now or datetime.now(UTC))


def _format(source: Source, wanted: Wanted) -> Format:
    if source.kind is Kind.XML:
        return _fits(Format.GOOGLE, wanted)
    if source.kind is Kind.OBJECTS:
        return _fits(Format.PLAIN, wanted)
    columns = Table(source.lines()).columns
    found = wanted.format or (None if wanted.columns else _told_by(columns))
    if found is not None and found is not Format.PLAIN:
        return found
    id_column = wanted.columns.get("id", "id")
    if id_column not in columns:
        raise InvalidRequest(f"no column is named {id_column}; the first line names the columns")
    return Format.PLAIN


def _told_by(columns: list[str]) -> Format | None:
    signs = (
        (shopify.is_it, Format.SHOPIFY),
        (woocommerce.is_it, Format.WOOCOMMERCE),
        (google.is_it, Format.GOOGLE),
    )
    return next((one for is_it, one in signs if is_it(columns)), None)


def _fits(found: Format, wanted: Wanted) -> Format:
    if wanted.format not in (None, found):
        raise InvalidRequest(f"this file is not in the format {wanted.format}, but {found}")
    return found
