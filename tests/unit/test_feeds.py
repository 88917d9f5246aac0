"""What the rows of a feed tell, and which of them can't be taken."""

from __future__ import annotations

import gzip
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidRequest
from core.feeds import BadRow, Row, is_feed, source
from core.feeds.reading import open_feed

MUG = {"name": "Mug, red", "price": 12.5, "currency": "EUR", "in_stock": False}


def rows(data: bytes | str) -> list[Row | BadRow]:
    """What a file says, whatever its name would be."""
    raw = data.encode() if isinstance(data, str) else data
    try:
        return list(open_feed(lambda: io.BytesIO(raw)).rows())
    except InvalidRequest as error:
        return [BadRow(0, error.detail)]


def good(read: list[Row | BadRow]) -> dict[str, dict[str, object]]:
    assert all(isinstance(one, Row) for one in read), read
    return {one.product_id: dict(one.said) for one in read if isinstance(one, Row)}


def bad(read: list[Row | BadRow]) -> list[tuple[int, str]]:
    return [(one.line, one.reason) for one in read if isinstance(one, BadRow)]


@pytest.mark.parametrize(
    "data",
    [
        'id,name,price,currency,in_stock\nm,"Mug, red",12.5,EUR,false\n',
        '\ufeffprice,id,name,in_stock,currency\r\n12.5, m ,"Mug, red",0,EUR',
        "id\tname\tprice\tcurrency\tin_stock\nm\tMug, red\t12.5\tEUR\tfalse\n",
        "id;name;price;in_stock\nm;Mug, red;12,50 EUR;false\n",
        "\n" + json.dumps({"id": "m"} | MUG) + "\n\n",
    ],
)
def test_rows_are_read_in_every_form(data: str) -> None:
    for raw in (data.encode(), gzip.compress(data.encode()), data.encode("utf-16")):
        if raw.startswith(b"\xff\xfe\xff\xfe"):
            continue  # nobody marks the order of bytes twice
        assert good(rows(raw)) == {"m": MUG}


def test_an_empty_cell_says_nothing_and_an_unknown_column_is_left_alone() -> None:
    read = rows("id,name,price,margin\nm,,,3\n,,,\n\nn,Cup\n")
    assert good(read) == {"m": {}, "n": {"name": "Cup"}}


def test_attributes_have_columns_of_their_own_or_one_together() -> None:
    table = (
        'id,attributes,attributes.size\nm,"{""colour"": ""red"", ""tags"": [""a"", ""b""]}",XL\n'
    )
    attributes = {"colour": "red", "tags": ["a", "b"], "size": "XL"}
    assert good(rows(table)) == {"m": {"attributes": attributes}}


def test_cells_may_have_lines_and_the_first_one_is_told() -> None:
    table = 'id,description,price\nm,"one\ntwo\n\nthree",1\nn,,cheap\n'
    read = rows(table)
    assert isinstance(read[0], Row) and read[0].said["description"] == "one\ntwo\n\nthree"
    [(line, reason)] = bad(read)
    assert line == 6
    assert "price must be" in reason


@pytest.mark.parametrize(
    ("kind", "row", "reason"),
    [
        ("csv", ",Nameless,1", "id is required"),
        ("csv", "x,Cup,cheap", "price must be"),
        ("csv", "x,Cup,-1", "price must be"),
        ("csv", "x,Cup,1,2", "4 cells for 3 columns"),
        ("csv", f"{'x' * 129},Cup,1", "id must be"),
        ("csv", f"x,{'y' * 501},1", "name must be"),
        ("csv", 'x,"Cup"y,1', "no cells"),
        ("csv", "good,Cup,1", "in line 2 already"),
        ("jsonl", "{", "not valid JSON"),
        ("jsonl", "[]", "must be a JSON object"),
        ("jsonl", '{"id": 7}', "id must be"),
        ("jsonl", '{"name": "Cup"}', "id is required"),
        ("jsonl", '{"id": "x", "image_urls": 7}', "a list of them"),
        ("jsonl", '{"id": "x", "attributes": []}', "attributes must be"),
    ],
)
def test_a_bad_row_is_told_and_the_next_one_is_read(kind: str, row: str, reason: str) -> None:
    if kind == "csv":
        read = rows(f"id,name,price\ngood,Mug,1\n{row}\nlast,Pan,1\n")
    else:
        read = rows(f'\n{{"id": "good"}}\n{row}\n{{"id": "last"}}\n')
    assert [one.product_id for one in read if isinstance(one, Row)] == ["good", "last"]
    [(line, why)] = bad(read)
    assert line == 3
    assert reason in why


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "name the columns"),
        (b"name,price\nMug,1\n", "no column is named id"),
        (b'"id"x,name\nMug,1\n', "no cells"),
        (b"id,name\nm,\x81\xff\n", "no encoding that is known"),
        ("id,name\nm,Mug\n".encode("utf-16")[:-1], "no encoding that is known"),
        (gzip.compress(b"id,name\n" + b"m,Mug\n" * 9, mtime=0)[:-9], "cut off or damaged"),
        (b"\x1f\x8bid,name\nm,Mug\n", "cut off or damaged"),
        (b'{"id": "m", "name": "' + b"x" * (2**20), "more than is read"),
    ],
)
def test_a_file_that_can_not_be_read_says_so_in_the_end(data: bytes, reason: str) -> None:
    assert reason in bad(rows(data))[-1][1]


@pytest.mark.parametrize("last", ["Möbel – 5 €", "x" * 200_000 + "Möbel – 5 €"])
def test_what_is_not_utf_8_is_read_as_windows_writes_it_and_that_is_told(last: str) -> None:
    """The letter that tells may be the last one of the file."""
    data = "id,description\n" + "".join(f"{n},plain\n" for n in range(9)) + f"m,{last}\n"
    feed = open_feed(lambda: io.BytesIO(data.encode("cp1252")))
    assert "Windows-1252" in feed.note
    read = list(feed.rows())
    if len(last) < 10_000:
        assert good(read)["m"] == {"description": last}
    assert open_feed(lambda: io.BytesIO(data.encode())).note == ""


@pytest.mark.parametrize(
    ("data", "photos"),
    [
        ("id,image_url,image_urls\nm,https://a.example/1.jpg,\n", ["https://a.example/1.jpg"]),
        (
            'id,image_urls\nm,"https://a.example/w_1,h_2/1.jpg, https://a.example/2.jpg"\n',
            ["https://a.example/w_1,h_2/1.jpg", "https://a.example/2.jpg"],
        ),
        ("id,image_urls\nm,one.jpg|two 2.jpg\n", ["one.jpg", "two 2.jpg"]),
        ('{"id": "m", "image_urls": ["a.jpg", "b.jpg"], "image_url": "b.jpg"}', ["b.jpg", "a.jpg"]),
        ('{"id": "m", "image_urls": []}', []),
    ],
)
def test_photos_are_told_by_their_addresses(data: str, photos: list[str]) -> None:
    [row] = rows(data)
    assert isinstance(row, Row) and row.photos == tuple(photos)


def test_who_says_nothing_of_photos_says_so() -> None:
    assert [row.photos for row in rows("id,image_url\nm,\n") if isinstance(row, Row)] == [None]


def test_what_swells_without_end_is_not_read_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MAX_TEXT", 10_000)
    bomb = gzip.compress(b"id\n" + b"\n" * 1_000_000)
    assert [reason for _, reason in bad(rows(bomb))] == [
        "from here on there is more than is read of a feed"
    ]


@given(
    st.sampled_from([b"", b"{", b"<rss>", b"id,name\n", b"Handle,Title,Published\n", b"\xff\xfe"]),
    st.binary(max_size=300),
    st.booleans(),
)
def test_nothing_else_comes_of_any_bytes(head: bytes, data: bytes, packed: bool) -> None:
    for one in rows(gzip.compress(head + data) if packed else head + data):
        assert isinstance(one, BadRow) or (one.product_id and one.line >= 1)


@given(st.text(max_size=200))
def test_nor_of_any_text(text: str) -> None:
    for one in rows(f"id,name\n{text}".encode(errors="replace")):
        assert isinstance(one, BadRow) or one.product_id


@pytest.mark.parametrize("key", ["feeds/a.csv", "feeds/b/a.TSV.gz", "feeds/a.jsonl", "feeds/a.xml"])
def test_what_is_a_feed(key: str) -> None:
    assert is_feed(key)


@pytest.mark.parametrize(
    "key",
    [
        *("feeds/a.xls", "feeds/a.gz", "feeds/.a.csv", "feeds/.b/a.csv", "feeds//a.csv"),
        *("a.csv", "images/a.csv", "reports/feeds/a.csv.json", "feeds/", "feeds/csv"),
    ],
)
def test_what_is_no_feed(key: str) -> None:
    assert not is_feed(key)
