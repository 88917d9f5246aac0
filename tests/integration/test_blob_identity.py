"""Blob storage asked as the app's managed identity: over TLS, with tokens, and no key anywhere."""

from __future__ import annotations

import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import BucketUnavailable, SettingsInvalid
from core.stores.blob import BlobPhotos
from tests import certificates
from tests.azurite import Azurite, azurite
from tests.identity import SECRET, Identity, identity

pytestmark = pytest.mark.skipif(not certificates.CAN_BE_MADE, reason="there is no openssl")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificates.make(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def secured(certificate: tuple[Path, Path]) -> Iterator[Azurite]:
    with azurite(certificate) as server:
        yield server


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch, certificate: tuple[Path, Path]) -> Iterator[Identity]:
    """We are an app that has an identity."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with identity() as app:
        for name, value in app.environment().items():
            monkeypatch.setenv(name, value)
        yield app


@pytest.fixture
def photos(app: Identity, secured: Azurite) -> Iterator[BlobPhotos]:
    with closing(BlobPhotos.connect(secured.container(), None, "/photos")) as photos:
        yield photos


def test_photos_are_put_and_read_with_one_token(photos: BlobPhotos, app: Identity) -> None:
    key = "images/a b/é+%.jpg"
    photos.put(key, b"photo", "image/jpeg")
    assert photos.read(key, 100) == b"photo"
    assert [one.key for one in photos.list()] == [key]
    photos.delete(key)
    assert len(app.asked) == 1 and "client_id" not in app.asked[0]


def test_of_several_identities_one_is_named(
    app: Identity, secured: Azurite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_CLIENT_ID", "23657296-5cd5")
    with closing(BlobPhotos.connect(secured.container(), None, "/photos")) as photos:
        assert list(photos.list()) == []
    assert [asked["client_id"] for asked in app.asked] == [["23657296-5cd5"]]


def test_a_token_is_replaced_before_it_ends(photos: BlobPhotos, app: Identity) -> None:
    app.lasts = 60
    for _ in range(3):
        assert list(photos.list()) == []
    assert len(app.asked) == 3
    app.status = 500  # while it lasts, the one that is there will do
    assert list(photos.list()) == []


def test_without_a_token_photos_are_away_and_no_secret_is_told(
    photos: BlobPhotos, app: Identity, caplog: pytest.LogCaptureFixture
) -> None:
    app.status = 403
    with pytest.raises(BucketUnavailable):
        list(photos.list())
    assert "403" in caplog.text and SECRET not in caplog.text
    app.status, app.instead = 200, b'{"access_token": "\xff", "expires_on": "0"}'
    with pytest.raises(BucketUnavailable):
        list(photos.list())
    app.instead = b""
    assert list(photos.list()) == []


def test_where_there_is_neither_key_nor_identity_the_start_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("IDENTITY_ENDPOINT", raising=False)
    with pytest.raises(SettingsInvalid, match="BLOB_KEY"):
        BlobPhotos.connect("https://shop.blob.core.windows.net/photos", None, "/photos")


def test_addresses_are_signed_in_the_identitys_name(
    photos: BlobPhotos, certificate: tuple[Path, Path]
) -> None:
    key = "images/a b/é+%.jpg"
    tls = ssl.create_default_context(cafile=str(certificate[0]))

    def ask(url: str, data: bytes | None = None, **headers: str) -> bytes:
        method = "PUT" if data else "GET"
        asked = urllib.request.Request(url, data, headers, method=method)
        with urllib.request.urlopen(asked, timeout=10, context=tls) as told:
            body: bytes = told.read()
            return body

    upload = photos.upload_url(key, "image/jpeg", 60)
    ask(upload.url, b"photo", **upload.headers)
    look = photos.download_url(key, 60)
    assert ask(look) == b"photo"
    with pytest.raises(urllib.error.HTTPError) as refused:
        ask(look.replace("sp=r", "sp=rwd"))
    assert refused.value.code == 403
    refused.value.close()


def test_one_key_signs_many_addresses(photos: BlobPhotos, monkeypatch: pytest.MonkeyPatch) -> None:
    first = photos.download_url("images/a.jpg", 60)
    monkeypatch.setattr(photos._wire, "ask", None)  # the storage is asked no more
    assert photos.download_url("images/b.jpg", 60) != first
