"""The file that is imported and what lies beside it: fetched, written down, read."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from core.errors import InvalidRequest
from core.feeds import Row
from core.feeds.reading import open_feed
from scripts.imports.journal import Journal
from scripts.imports.shop import RemoteShop
from scripts.imports.source import at_hand, name_of

FEED = gzip.compress(b"id,name\nmug,Mug\n")


@contextmanager
def served(body: bytes, length: int | None = None, status: int = 200) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body) if length is None else length))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/out/all%20products.csv.gz?day=1"
    finally:
        server.shutdown()
        server.server_close()


def test_a_feed_of_the_web_is_fetched_first() -> None:
    with served(FEED) as url, at_hand(url) as file:
        assert name_of(url) == "all products.csv.gz"
        assert file.folder is None
        [row] = open_feed(lambda: file.path.open("rb")).rows()
        assert row == Row(2, "mug", {"name": "Mug"})
    assert not file.path.exists()


@pytest.mark.parametrize(
    ("length", "status", "why"),
    [(len(FEED) + 5, 200, "broke off|could not be fetched"), (None, 404, "404")],
)
def test_one_that_is_not_to_be_had_is_told(length: int | None, status: int, why: str) -> None:
    with (
        served(FEED, length, status) as url,
        pytest.raises(InvalidRequest, match=why),
        at_hand(url),
    ):
        pass
    with pytest.raises(InvalidRequest, match="could not be fetched"), at_hand(url):
        pass
    with pytest.raises(InvalidRequest, match="There is no file"), at_hand("nowhere.csv"):
        pass


def test_what_was_taken_is_known_by_what_was_said_and_by_its_photos(tmp_path: Path) -> None:
    photo = tmp_path / "1.jpg"
    photo.write_bytes(b"one")
    row = Row(2, "mug", {"name": "Mug"}, ("1.jpg", "https://photos.example/2.jpg"))
    with Journal(tmp_path / "journal", tmp_path) as journal:
        assert not journal.has(row)
        journal.add(row)
    fresh = Journal(tmp_path / "journal", tmp_path)
    assert fresh.has(row)
    assert fresh.has(Row(9, "mug", {"name": "Mug"}, row.photos))  # its line may be another
    for other in (
        Row(2, "mug", {"name": "Cup"}, row.photos),
        Row(2, "mug", {"name": "Mug"}, None),
        Row(2, "mug", {"name": "Mug"}, row.photos, withdrawn=True),
        Row(2, "cup", {"name": "Mug"}, row.photos),
    ):
        assert not fresh.has(other)
    photo.write_bytes(b"another")
    assert not fresh.has(row)


@pytest.mark.parametrize("cut", range(1, 30, 5))
def test_a_journal_that_was_cut_off_says_no_more_than_it_has(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "journal"
    one, two, three = (Row(n, f"p{n}", {"name": "P"}) for n in range(3))
    journal = Journal(path, None)
    with pytest.raises(KeyboardInterrupt), journal:
        journal.add(one)
        journal.add(two)
        raise KeyboardInterrupt
    path.write_bytes(path.read_bytes()[:-cut])
    with Journal(path, None) as again:
        assert (again.has(one), again.has(two)) == (True, False)
        again.add(three)
    whole = Journal(path, None)
    assert [whole.has(row) for row in (one, two, three)] == [True, False, False]


def test_a_product_that_is_in_the_feed_no_more_is_forgotten_in_the_end(tmp_path: Path) -> None:
    one, two = (Row(n, f"p{n}", {"name": "P"}) for n in range(2))
    for rows in ((one, two), (two,)):
        with Journal(tmp_path / "journal", None) as journal:
            for row in rows:
                if not journal.has(row):
                    journal.add(row)
    assert len(Journal(tmp_path / "journal", None)) == 1


def test_a_key_is_not_sent_in_the_clear() -> None:
    RemoteShop("http://127.0.0.1:8000", "key", None)
    RemoteShop("http://shop.example", "", None)
    with pytest.raises(InvalidRequest, match="in the clear"):
        RemoteShop("http://shop.example", "key", None)
