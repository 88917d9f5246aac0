"""Feeds of every kind, broken by chance: rows, bad rows, or a refusal that says why."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from itertools import islice

from hypothesis import strategies as st

from core.errors import InvalidRequest
from core.feeds import BadRow, Row
from core.feeds.reading import open_feed
from tests.fuzz.fuzzing import fuzz, mutated

_RSS = """<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "b"><!ENTITY c "&a;&a;&a;">]>
<rss xmlns:g="http://base.google.com/ns/1.0" version="2.0"><channel><item>
<g:id>m</g:id><title>Mug &c;</title><g:price>12.50 EUR</g:price><g:availability>in stock
</g:availability><g:image_link>https://x.example/a.jpg</g:image_link></item></channel></rss>"""
_TEXTS = [
    'id,name,price,attributes.colour\nm,"Mug, red",12.5,red\nn,Cup,,\n',
    "id\ttitle\tprice\tavailability\timage_link\nm\tMug\t12 EUR\tin stock\thttps://x.example/a\n",
    '{"id": "m", "name": "Mug", "price": 12.5, "attributes": {"a": ["b"]}}\n{"id": "n"}\n',
    "Handle,Title,Body (HTML),Vendor,Option1 Name,Option1 Value,Variant Price,Image Src\n"
    "mug,Mug,<p>A</p>,We,Size,L,12.5,https://x.example/a.jpg\nmug,,,,,S,13,\n",
    "ID,Type,SKU,Name,Published,Regular price,Images,Parent\n1,simple,m,Mug,1,12.5,https://x/a,\n",
    _RSS,
]
_SEEDS = [
    *(text.encode() for text in _TEXTS),
    *(text.encode("utf-16") for text in _TEXTS[:2]),
    *(gzip.compress(text.encode(), mtime=0) for text in _TEXTS),
    b"\xef\xbb\xbf" + _TEXTS[0].encode(),
    _TEXTS[0].replace("red", "größe").encode("latin-1"),
]
_MOST_ROWS = 10_000


def test_feeds(record_property: Callable[[str, object], None]) -> None:
    def check(data: bytes) -> None:
        try:
            rows = list(islice(open_feed(lambda: io.BytesIO(data)).rows(), _MOST_ROWS))
        except InvalidRequest as error:
            assert error.detail
        else:
            assert all(isinstance(row, Row | BadRow) for row in rows)
            assert len(rows) < _MOST_ROWS

    record_property("fuzzed feeds", fuzz(check, mutated(_SEEDS) | st.binary(max_size=200)))
