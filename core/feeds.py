"""Feeds: files of the bucket that tell of many products, a row each.

feeds/<anything>.csv, .tsv or .jsonl, each also compressed as .gz. A row has the fields of a
product under their own names; in tables the first line names the columns, an attribute may have
its own (`attributes.colour`), and an empty cell says nothing.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import msgspec

from core.errors import InvalidRequest
from core.facts import Facts, json_object, read_row

FEEDS = "feeds/"
MAX_FEED_BYTES = 100 * 2**20
_MAX_LINE = 2**20
_MAX_TEXT = 20 * MAX_FEED_BYTES
"""Characters of all lines: a small file can be compressed from one that never ends."""
_DELIMITERS = {"csv": ",", "tsv": "\t"}
_ATTRIBUTE = "attributes."


class Row(msgspec.Struct, frozen=True):
    line: int
    product_id: str
    said: Facts


class BadRow(msgspec.Struct, frozen=True):
    """A row that can't be taken, or the place from which the file can't be read on."""

    line: int
    reason: str


def is_feed(key: str) -> bool:
    hidden = any(not part or part.startswith(".") for part in key.split("/"))
    return key.startswith(FEEDS) and not hidden and _kind(key) in {*_DELIMITERS, "jsonl"}


def read_feed(key: str, data: bytes) -> Iterator[Row | BadRow]:
    """The rows one after the other; a bad one does not keep the next from coming."""
    file = io.BytesIO(data)
    plain = gzip.GzipFile(fileobj=file) if key.lower().endswith(".gz") else file
    text = io.TextIOWrapper(plain, encoding="utf-8-sig", newline="")
    delimiter = _DELIMITERS.get(_kind(key))
    seen: dict[str, int] = {}
    line = 1
    try:
        rows = _objects(text) if delimiter is None else _table(text, delimiter)
        for line, read in rows:
            try:
                product_id, said = read_row(read())
            except InvalidRequest as error:
                yield BadRow(line, error.detail)
                continue
            if (first := seen.setdefault(product_id, line)) != line:
                yield BadRow(line, f"the product {product_id!r} is told of in line {first} already")
            else:
                yield Row(line, product_id, said)
    except InvalidRequest as error:
        yield BadRow(line, error.detail)
    except UnicodeDecodeError:
        yield BadRow(line, "from here on the file is not UTF-8")
    except (EOFError, OSError, zlib.error):
        yield BadRow(line, "from here on the file is cut off or damaged")


Rows = Iterator[tuple[int, Callable[[], Mapping[str, Any]]]]
"""Line numbers, and what reads the row; it raises InvalidRequest."""


def _table(text: io.TextIOWrapper, delimiter: str) -> Rows:
    reader = csv.reader(_lines(text), delimiter=delimiter, strict=True)
    columns: list[str] = []
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            if not columns:
                raise InvalidRequest("the first line does not name the columns") from None
            return
        except csv.Error as error:
            why = f"these are no cells: {error}"
            if not columns:
                raise InvalidRequest(why) from error
            yield line, partial(_refuse, why)
            continue
        if not columns:
            columns = [cell.strip() for cell in cells]
            if "id" not in columns:
                raise InvalidRequest("no column is named id; the first line names the columns")
        elif any(cell.strip() for cell in cells):
            yield line, partial(_from_cells, columns, cells)


def _from_cells(columns: list[str], cells: list[str]) -> Mapping[str, Any]:
    if len(cells) > len(columns):
        raise InvalidRequest(f"there are {len(cells)} cells for {len(columns)} columns")
    said: dict[str, Any] = {
        name: cell.strip() for name, cell in zip(columns, cells, strict=False) if cell.strip()
    }
    attributes = json_object(said["attributes"], "attributes") if "attributes" in said else {}
    for name in [name for name in said if name.startswith(_ATTRIBUTE)]:
        attributes[name.removeprefix(_ATTRIBUTE)] = said.pop(name)
    return said | ({"attributes": attributes} if attributes else {})


def _objects(text: io.TextIOWrapper) -> Rows:
    for line, raw in enumerate(_lines(text), start=1):
        if raw.strip():
            yield line, partial(json_object, raw, "The line")


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    left = _MAX_TEXT
    while line := text.readline(_MAX_LINE + 1):
        left -= len(line)
        if len(line) > _MAX_LINE or left < 0:
            raise InvalidRequest("from here on there is more than is read of a feed")
        yield line


def _refuse(why: str) -> Mapping[str, Any]:
    raise InvalidRequest(why)


def _kind(key: str) -> str:
    return key.lower().removesuffix(".gz").rpartition(".")[2]
