"""Feeds of fifty thousand rows.

Each is read in a process of its own, which is asked for the most memory it had: to follow every
allocation takes four times as long as reading.
"""

from __future__ import annotations

import gzip
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.unit.feed_files import WEB

ROOT = Path(__file__).resolve().parents[2]
MEGABYTE = 2**20

_READ = """
import sys
from pathlib import Path
from core.feeds import Row
from core.feeds.reading import open_feed

def peak():
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) * 1024

def products(path):
    return sum(isinstance(row, Row) for row in open_feed(lambda: path.open("rb")).rows())

few, many = map(Path, sys.argv[1:])
products(few)
Path("/proc/self/clear_refs").write_text("5")
before = peak()
print(products(many), peak() - before)
"""


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
    few, many = tmp_path / "few.gz", tmp_path / "many.gz"
    written(write(10), few)
    size = written(write(50_000), many)
    ran = subprocess.run(
        [sys.executable, "-c", _READ, few, many], cwd=ROOT, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    count, peak = map(int, ran.stdout.split())
    record_property("a feed's bytes, and what reading it held", f"{size:,} and {peak:,}")
    assert count == products
    assert peak < 22 * MEGABYTE < size


def written(parts: Iterator[bytes], path: Path) -> int:
    """How many bytes they are, unpacked."""
    with gzip.open(path, "wb", compresslevel=1) as file:
        return sum(map(file.write, parts))
