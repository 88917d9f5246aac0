"""What the rows of a feed tell, and which of them can't be taken."""

from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import feeds
from core.feeds import BadRow, Row, is_feed, read_feed

MUG = {"name": "Mug, red", "price": 12.5, "currency": "EUR", "in_stock": False}


def rows(key: str, data: bytes | str) -> list[Row | BadRow]:
    return list(read_feed(key, data.encode() if isinstance(data, str) else data))


def good(read: list[Row | BadRow]) -> dict[str, dict[str, object]]:
    assert all(isinstance(one, Row) for one in read), read
    return {one.product_id: dict(one.said) for one in read if isinstance(one, Row)}


def bad(read: list[Row | BadRow]) -> list[tuple[int, str]]:
    return [(one.line, one.reason) for one in read if isinstance(one, BadRow)]


@pytest.mark.parametrize(
    ("key", "data"),
    [
        ("feeds/a.csv", 'id,name,price,currency,in_stock\nm,"Mug, red",12.5,EUR,false\n'),
        ("feeds/a.csv", '\ufeffprice,id,name,in_stock,currency\r\n12.5, m ,"Mug, red",0,EUR'),
        ("feeds/a.TSV", "id\tname\tprice\tcurrency\tin_stock\nm\tMug, red\t12.5\tEUR\tfalse\n"),
        ("feeds/deep/er.jsonl", "\n" + json.dumps({"id": "m"} | MUG) + "\n\n"),
    ],
)
def test_rows_are_read_in_every_form(key: str, data: str) -> None:
    assert good(rows(key, data)) == {"m": MUG}
    assert good(rows(f"{key}.gz", gzip.compress(data.encode()))) == {"m": MUG}


def test_an_empty_cell_says_nothing_and_an_unknown_column_is_left_alone() -> None:
    read = rows("feeds/a.csv", "id,name,price,margin\nm,,,3\n,,,\n\nn,Cup\n")
    assert good(read) == {"m": {}, "n": {"name": "Cup"}}


def test_attributes_have_columns_of_their_own_or_one_together() -> None:
    table = (
        'id,attributes,attributes.size\nm,"{""colour"": ""red"", ""tags"": [""a"", ""b""]}",XL\n'
    )
    attributes = {"colour": "red", "tags": ["a", "b"], "size": "XL"}
    assert good(rows("feeds/a.csv", table)) == {"m": {"attributes": attributes}}


def test_cells_may_have_lines_and_the_first_one_is_told() -> None:
    table = 'id,description,price\nm,"one\ntwo\n\nthree",1\nn,,cheap\n'
    read = rows("feeds/a.csv", table)
    assert isinstance(read[0], Row) and read[0].said["description"] == "one\ntwo\n\nthree"
    [(line, reason)] = bad(read)
    assert line == 6
    assert "price must be" in reason


@pytest.mark.parametrize(
    ("key", "row", "reason"),
    [
        ("feeds/a.csv", ",Nameless,1", "id is required"),
        ("feeds/a.csv", "x,Cup,cheap", "price must be"),
        ("feeds/a.csv", "x,Cup,-1", "price must be"),
        ("feeds/a.csv", "x,Cup,1,2", "4 cells for 3 columns"),
        ("feeds/a.csv", f"{'x' * 129},Cup,1", "id must be"),
        ("feeds/a.csv", f"x,{'y' * 501},1", "name must be"),
        ("feeds/a.csv", 'x,"Cup"y,1', "no cells"),
        ("feeds/a.csv", "good,Cup,1", "in line 2 already"),
        ("feeds/a.jsonl", "{", "not valid JSON"),
        ("feeds/a.jsonl", "[]", "must be a JSON object"),
        ("feeds/a.jsonl", '{"id": 7}', "id must be"),
        ("feeds/a.jsonl", '{"name": "Cup"}', "id is required"),
    ],
)
def test_a_bad_row_is_told_and_the_next_one_is_read(key: str, row: str, reason: str) -> None:
    if key.endswith("csv"):
        read = rows(key, f"id,name,price\ngood,Mug,1\n{row}\nlast,Pan,1\n")
    else:
        read = rows(key, f'\n{{"id": "good"}}\n{row}\n{{"id": "last"}}\n')
    assert [one.product_id for one in read if isinstance(one, Row)] == ["good", "last"]
    [(line, why)] = bad(read)
    assert line == 3
    assert reason in why


@pytest.mark.parametrize(
    ("key", "data", "reason"),
    [
        ("feeds/a.csv", b"", "name the columns"),
        ("feeds/a.csv", b"name,price\nMug,1\n", "no column is named id"),
        ("feeds/a.csv", b'"id"x,name\nMug,1\n', "no cells"),
        ("feeds/a.csv", "id,name\nm,Möbel\n".encode("latin-1"), "not UTF-8"),
        ("feeds/a.csv", "id,name\nm,Mug\n".encode("utf-16"), "not UTF-8"),
        ("feeds/a.csv.gz", b"id,name\nm,Mug\n", "cut off or damaged"),
        (
            "feeds/a.csv.gz",
            gzip.compress(b"id,name\n" + b"m,Mug\n" * 9, mtime=0)[:-9],
            "cut off or damaged",
        ),
        ("feeds/a.jsonl", b'{"id": "m", "name": "' + b"x" * (2**20), "more than is read"),
    ],
)
def test_a_file_that_can_not_be_read_says_so_in_the_end(key: str, data: bytes, reason: str) -> None:
    assert reason in bad(rows(key, data))[-1][1]


def test_what_swells_without_end_is_not_read_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "_MAX_TEXT", 10_000)
    bomb = gzip.compress(b"id\n" + b"\n" * 1_000_000)
    assert [reason for _, reason in bad(rows("feeds/a.csv.gz", bomb))] == [
        "from here on there is more than is read of a feed"
    ]


@given(st.sampled_from(["csv", "tsv", "jsonl", "csv.gz", "jsonl.gz"]), st.binary(max_size=300))
def test_nothing_else_comes_of_any_bytes(kind: str, data: bytes) -> None:
    for one in read_feed(f"feeds/a.{kind}", data):
        assert one.line >= 1


@given(st.text(max_size=200))
def test_nor_of_any_text(text: str) -> None:
    for one in read_feed("feeds/a.csv", f"id,name\n{text}".encode(errors="replace")):
        assert isinstance(one, BadRow) or one.product_id


@pytest.mark.parametrize(
    "key",
    [
        *("feeds/a.xls", "feeds/a.gz", "feeds/.a.csv", "feeds/.b/a.csv", "feeds//a.csv"),
        *("a.csv", "images/a.csv", "reports/feeds/a.csv.json", "feeds/", "feeds/csv"),
    ],
)
def test_what_is_no_feed(key: str) -> None:
    assert not is_feed(key)
