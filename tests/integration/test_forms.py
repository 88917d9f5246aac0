"""Forms: where their photos are kept while they are read, and what of them is not believed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from core.settings import Settings
from handlers.api import create_app
from handlers.compose import open_shop
from tests.photos import noisy_jpeg

BOUNDARY = "between-the-parts"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with open_shop(Settings(data_dir=tmp_path)) as shop:
        yield TestClient(create_app(shop), base_url="http://testserver/api/v1")


def form(*parts: tuple[str, bytes]) -> bytes:
    said = b"".join(
        f"--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + body + b"\r\n"
        for head, body in parts
    )
    return said + f"--{BOUNDARY}--\r\n".encode()


def test_a_photo_in_a_form_never_lies_on_the_disk(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shopper's photo is nobody's business there, and the disk may be full."""
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere/at/all")
    answer = client.post("/search/by-image", files={"file": noisy_jpeg()})
    assert answer.status_code == 200


@pytest.mark.parametrize("charset", ["undefined", "idna", "punycode", "utf-7", "hex", "\x01"])
def test_a_form_is_utf_8_whatever_it_says(client: TestClient, charset: str) -> None:
    """In some encodings it takes minutes to read a megabyte, and in some it fails."""
    kind = f'multipart/form-data; charset="{charset}"; boundary={BOUNDARY}'
    words = "größe".encode() + b"-a" * 200_000
    body = form(('name="text_query"', words), ('name="file"; filename="a.jpg"', noisy_jpeg()))
    answer = client.post("/search/by-image", content=body, headers={"content-type": kind})
    assert answer.json()["code"] == "invalid_request"  # for the length of its words


@pytest.mark.parametrize("missing", [1, 10, 500])
def test_a_form_that_breaks_off_is_refused_and_not_told_of_in_the_log(
    missing: int, client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    body = form(('name="text_query"', b"mug"), ('name="file"; filename="a.jpg"', noisy_jpeg()))
    body = body.rstrip()[: -2 - missing]
    answer = client.post("/search/by-image", content=body, headers={"content-type": kind})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")
    answer = client.post("/search/by-image", content=b"\0" * 99, headers={"content-type": kind})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")
    assert [one for one in caplog.records if one.name.startswith("python_multipart")] == []


@pytest.mark.parametrize("boundary", ["", "boundary=", 'boundary="', "boundary=\xe9\xe8"])
def test_a_form_without_a_boundary_is_told_so(client: TestClient, boundary: str) -> None:
    kind = f"multipart/form-data; {boundary}".encode("latin-1")
    answer = client.post("/search/by-image", content=form(), headers={b"content-type": kind})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")
