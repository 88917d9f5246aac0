"""Feeds of fifty thousand rows."""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.feeds import Row
from core.feeds.reading import open_feed
from tests.unit.feed_files import WEB


def google_table(count: int) -> Iterator[bytes]:
    yield b"id\ttitle\tdescription\timage_link\tavailability\tprice\n"
    for n in range(count):
        words = f"Product number {n} " * 20
        row = f'p{n}\tProduct {n}\t"{words}\n""second"" line"\t{WEB}{n}.jpg\tin_stock\t{n}.50 EUR\n'
        yield row.encode()


def google_xml(count: int) -> Iterator[bytes]:
    yield b'<rss xmlns:g="http://base.google.com/ns/1.0"><channel>'
    for n in range(count):
        words = f"Product number {n} " * 20
        item = (
            f"<item><g:id>p{n}</g:id><title>Product {n}</title><description>{words}</description>"
        )
        yield f"{item}<g:price>{n}.50 EUR</g:price></item>".encode()
    yield b"</channel></rss>"


def woocommerce(count: int) -> Iterator[bytes]:
    yield b"ID,Type,SKU,Name,Description,Regular price,Images,Parent\n"
    words = "A long description " * 60
    for n in range(0, count, 2):
        yield f'{n},variable,S{n},Product {n},"{words}",,{WEB}{n}.jpg,\n'.encode()
        yield f"{n + 1},variation,S{n + 1},,,5,{WEB}{n + 1}.jpg,id:{n}\n".encode()


@pytest.mark.parametrize(
    ("write", "products"), [(google_table, 50_000), (google_xml, 50_000), (woocommerce, 25_000)]
)
def test_fifty_thousand_rows_are_read_in_little_memory(
    tmp_path: Path,
    record_property: Callable[[str, object], None],
    write: Callable[[int], Iterator[bytes]],
    products: int,
) -> None:
    """What is held is an id and a line for each, and of WooCommerce what its variations tell."""
    path = tmp_path / "feed.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for part in write(50_000):
            file.write(part)
    with gzip.open(path) as file:
        size = sum(map(len, iter(lambda: file.read(2**20), b"")))
    tracemalloc.start()
    try:
        feed = open_feed(lambda: path.open("rb"))
        assert sum(isinstance(row, Row) for row in feed.rows()) == products
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    record_property("a feed's bytes, and what reading it held", f"{size:,} and {peak:,}")
    assert peak < 20 * 2**20 < size
