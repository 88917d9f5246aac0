"""A Blob storage that has bad days: asked again a few times, waited for so long and no longer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from core import budget
from core.errors import BucketUnavailable, ImageUnreadable, OutOfTime, PhotoNotFound
from core.stores import attempts, blob
from core.stores.blob import BlobPhotos
from tests.azurite import KEY

FINE = (200, {"ETag": '"0x1"', "Last-Modified": "Sat, 21 Nov 2026 10:00:00 GMT"})
BUSY = (503, {"x-ms-error-code": "ServerBusy"})


class Storage:
    """Gives the answers it is told to, and then all is well."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.asked: list[str] = []
        self.hangs = threading.Event()
        self.hangs.set()


@pytest.fixture
def storage() -> Storage:
    return Storage()


@pytest.fixture
def photos(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> Iterator[BlobPhotos]:
    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            storage.asked.append(f"{self.command} {self.path}")
            storage.hangs.wait(30)
            status, headers = storage.answers.pop(0) if storage.answers else FINE
            self.send_response(status)
            for name, value in {**headers, "Content-Length": "0"}.items():
                self.send_header(name, value)
            self.end_headers()

        do_GET = do_HEAD = do_PUT = do_DELETE = _answer  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    monkeypatch.setattr(attempts, "sleep", lambda seconds: None)
    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/shop/photos"
        with closing(BlobPhotos.connect(url, KEY, "/photos")) as photos:
            yield photos
        storage.hangs.set()
        server.shutdown()


def test_who_is_busy_is_asked_again(photos: BlobPhotos, storage: Storage) -> None:
    storage.answers = [BUSY, (500, {})]
    assert photos.put("images/mug.jpg", b"photo", "image/jpeg").version == "0x1"
    assert storage.asked == ["PUT /shop/photos/images/mug.jpg"] * 3


def test_but_not_for_ever(photos: BlobPhotos, storage: Storage) -> None:
    storage.answers = [BUSY] * 100
    for _ in range(3):
        with pytest.raises(BucketUnavailable):
            photos.read("images/mug.jpg", 100)
    assert len(storage.asked) == 9
    with pytest.raises(BucketUnavailable):  # and is left in peace for a while
        photos.read("images/mug.jpg", 100)
    assert len(storage.asked) == 9


def test_a_refusal_is_no_trouble_and_is_not_tried_again(
    photos: BlobPhotos, storage: Storage
) -> None:
    for status, code, meant in [
        (404, "BlobNotFound", PhotoNotFound),
        (400, "InvalidUri", PhotoNotFound),
        (409, "BlobArchived", ImageUnreadable),
        (404, "ContainerNotFound", BucketUnavailable),
        (404, "", BucketUnavailable),
        (403, "AuthorizationPermissionMismatch", BucketUnavailable),
        (409, "LeaseIdMissing", BucketUnavailable),
    ] * 2:
        storage.answers = [(status, {"x-ms-error-code": code})]
        with pytest.raises(meant):
            photos.metadata("images/mug.jpg")
    assert len(storage.asked) == 14


def test_nobody_waits_for_one_that_hangs(
    photos: BlobPhotos, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.hangs.clear()
    monkeypatch.setattr(blob, "TRANSFER_SECONDS", 0.2)
    with pytest.raises(OutOfTime):
        photos.read("images/mug.jpg", 100)


def test_nor_longer_than_whoever_asked(photos: BlobPhotos, storage: Storage) -> None:
    storage.hangs.clear()

    def asked() -> None:
        budget.waits(0.2)
        with pytest.raises(OutOfTime):
            photos.metadata("images/mug.jpg")

    thread = threading.Thread(target=asked)  # whose time is its own
    thread.start()
    thread.join(timeout=8)
    assert not thread.is_alive()


def test_a_listing_that_is_none_is_trouble(photos: BlobPhotos, storage: Storage) -> None:
    with pytest.raises(BucketUnavailable):
        list(photos.list())
