"""`scripts.imports` and photos that the shop fetches from somewhere on the web."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from core.errors import Unavailable
from core.feeds import BadRow, Row
from core.feeds.reading import open_feed
from scripts.imports.sending import send
from scripts.imports.shop import RemoteShop
from tests import certificates
from tests.integration.surrounded import Surrounded, listening, surrounded
from tests.internet import answer, moved
from tests.photos import jpeg

needs_certificates = pytest.mark.skipif(
    not certificates.CAN_BE_MADE, reason="openssl makes the certificate"
)
GOOGLE = Path(__file__).parents[1] / "fixtures" / "feeds" / "google.tsv"


@pytest.fixture
def around(tmp_path: Path) -> Iterator[Surrounded]:
    with surrounded(tmp_path) as around:
        inside = f"https://127.0.0.1:{around.internet.inside_port}/"
        ways = {
            "/shirt-red.jpg": answer(jpeg(40)),
            "/shirt-red-back.jpg": answer(b"<html>"),
            "/w_300,h_200/shirt-red.jpg": answer(jpeg(42)),
            "/shirt-blue.jpg": moved(inside),
        }
        lost = answer(b"", 404)
        around.internet.safe.serve = lambda sock, head: ways.get(head.split()[1], lost)(sock, head)
        yield around


def rows(around: Surrounded) -> list[Row]:
    table = GOOGLE.read_text().replace("https://photos.example/", around.internet.url("/"))
    path = around.shop.settings.data_dir / "feed.tsv"
    path.write_text(table)
    found = list(open_feed(lambda: path.open("rb")).rows())
    assert any(isinstance(row, BadRow) for row in found)
    return [row for row in found if isinstance(row, Row)]


def taken(shop: RemoteShop, told: list[Row]) -> dict[str, str]:
    outcomes: dict[str, str] = {}
    send(shop, told, 2, lambda outcome: outcomes.update({outcome[0].product_id: outcome[1]}))
    return outcomes


@needs_certificates
def test_links_that_are_dead_are_told_and_all_else_is_taken(around: Surrounded) -> None:
    told = rows(around)
    with listening(around) as url:
        wrong = taken(RemoteShop(url, "", None), told)
        again = taken(RemoteShop(url, "", None), told)
    assert wrong == again
    assert {id_: bool(why) for id_, why in wrong.items()} == {
        **{"SKU-1-red": True, "SKU-1-blue": True},
        **{"SKU-2": True, "SKU-3": False},
    }
    assert "shirt-red-back.jpg: " in wrong["SKU-1-red"]
    assert "answered 404" in wrong["SKU-2"]
    assert around.internet.visits_inside == 0
    products = around.client.get("/products", params={"limit": 200}).json()["products"]
    shown = {one["id"]: len(one["image_urls"]) for one in products}
    assert {id_: shown[id_] for id_ in wrong} == {
        **{"SKU-1-red": 2, "SKU-1-blue": 0},
        **{"SKU-2": 0, "SKU-3": 0},
    }
    assert around.client.get("/products/SKU-2").json()["price"] == 1299.0
    for number in (40, 42):
        found = around.client.post("/search/by-image", files={"file": jpeg(number)}).json()
        assert found["results"][0]["product_id"] == "SKU-1-red"


class Stub:
    """An API that answers what it is told to, one after the other."""

    def __init__(self, *answers: tuple[int, bytes, str], pause: float = 0) -> None:
        left = iter(answers)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                time.sleep(pause)
                status, body, retry_after = next(left)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                if retry_after:
                    self.send_header("Retry-After", retry_after)
                self.end_headers()
                with suppress(OSError):
                    self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever).start()
        self.waits: list[float] = []
        url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.shop = RemoteShop(url, "", None, self.waits.append)

    def __enter__(self) -> Stub:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


ROW = Row(2, "mug", {"name": "Mug"})
TAKEN = (200, b'{"results": [{"id": "mug", "status": 200}]}', "")
AWAY = b'{"code": "index_unavailable", "detail": "The vector index does not answer."}'


def test_what_is_away_for_a_while_is_waited_for_as_long_as_it_says() -> None:
    item = b'{"results": [{"id": "mug", "status": 503, "error": ' + AWAY + b"}]}"
    with Stub((503, AWAY, "3"), (429, b"{}", ""), (207, item, ""), TAKEN) as stub:
        assert stub.shop.take([ROW]) == [""]
    assert len(stub.waits) == 3
    assert 3 <= stub.waits[0] <= 3.6


def test_what_stays_away_is_given_up() -> None:
    with (
        Stub(*[(503, AWAY, "9999")] * 6) as stub,
        pytest.raises(Unavailable, match="in 6 tries: The vector index does not answer"),
    ):
        stub.shop.take([ROW])
    assert len(stub.waits) == 5
    assert max(stub.waits) <= 36
    with pytest.raises(Unavailable, match="it does not answer"):  # there is nobody any more
        stub.shop.take([ROW])


def test_a_batch_that_takes_too_long_is_made_smaller() -> None:
    slow = (504, b'{"code": "out_of_time", "detail": "It took too long."}', "")
    with Stub(slow, TAKEN, TAKEN) as stub:
        assert stub.shop.take([ROW, ROW]) == ["", ""]


def test_an_api_that_says_nothing_is_not_waited_for_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("scripts.api._SECONDS", 0.1)
    with (
        Stub(*[TAKEN] * 6, pause=0.5) as stub,
        pytest.raises(Unavailable, match="timed out"),
    ):
        stub.shop.take([ROW])
