"""Blob storage's own ways, against Microsoft's emulator, with Azure's own client beside ours."""

from __future__ import annotations

import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

import pytest

from core.errors import BucketUnavailable, InvalidRequest, PhotoNotFound
from core.facts import read_metadata
from core.ports import SignedUpload
from core.stores import blob
from core.stores.blob import BlobPhotos
from core.stores.blob_wire import VERSION
from tests.azurite import KEY, Azurite

ODD_KEYS = [
    "images/a b/ü +%41&c=d?e#f.jpg",
    "images/'quoted' \"twice\";v=1,2.jpg",
    "images/кружка/🫖 é.jpg",
    "images/tab\there/x.jpg",
    "images/<&>]]>.jpg",
]


@pytest.fixture
def url(azure: Azurite) -> str:
    return azure.container()


@pytest.fixture
def photos(url: str) -> Iterator[BlobPhotos]:
    with closing(BlobPhotos.connect(url, KEY, "/photos")) as photos:
        yield photos


@pytest.fixture
def theirs(url: str) -> Iterator[Any]:
    """The container, in the hands of Azure's own client."""
    client = pytest.importorskip("azure.storage.blob").ContainerClient
    with client.from_container_url(url, credential=KEY, api_version=VERSION) as container:
        yield container


def test_a_listing_goes_on_over_its_pages(
    photos: BlobPhotos, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blob, "PAGE", 2)
    keys = sorted(f"images/{name}" for name in ("a/1.jpg", "a/2 +%.jpg", "a/é.jpg", "a.jpg", "b"))
    for key in keys:
        photos.put(key, b"photo", "image/jpeg")
    assert [one.key for one in photos.list()] == keys
    assert len(photos.of_product("a")) == 4


@pytest.mark.parametrize("key", ODD_KEYS)
def test_what_their_client_writes_is_ours_to_read(
    photos: BlobPhotos, theirs: Any, key: str
) -> None:
    said = {"Name": "caf%C3%A9", "PRICE": "3"}
    theirs.upload_blob(key, b"photo", metadata=said)
    [listed] = photos.list()
    assert (listed.key, listed.size) == (key, 5)
    assert photos.read(key, 100) == b"photo"
    assert read_metadata(photos.metadata(key)) == {"name": "café", "price": 3.0}
    theirs.delete_blob(key)
    assert list(photos.list()) == []


@pytest.mark.parametrize("key", ODD_KEYS)
def test_what_we_write_is_theirs_to_read(photos: BlobPhotos, theirs: Any, key: str) -> None:
    put = photos.put(key, b"photo", "image/jpeg")
    [listed] = theirs.list_blobs()
    assert listed.name == key
    assert (listed.etag, listed.last_modified.timestamp()) == (put.version, put.modified)
    assert listed.content_settings.content_type == "image/jpeg"
    assert theirs.download_blob(key).readall() == b"photo"


def test_metadata_written_anew_make_a_new_version(photos: BlobPhotos, theirs: Any) -> None:
    before = photos.put("images/mug.jpg", b"photo", "image/jpeg")
    theirs.get_blob_client("images/mug.jpg").set_blob_metadata({"price": "4"})
    [after] = photos.list()
    assert before.version != after.version


def test_a_blob_with_snapshots_can_be_deleted(photos: BlobPhotos, theirs: Any) -> None:
    photos.put("images/mug.jpg", b"photo", "image/jpeg")
    theirs.get_blob_client("images/mug.jpg").create_snapshot()
    assert len(photos.of_product("mug")) == 1
    photos.delete("images/mug.jpg")
    assert photos.of_product("mug") == []


@pytest.mark.parametrize("key", ["x" * 1025, "/".join("x" * 255)])
def test_a_name_that_is_too_long_is_refused(photos: BlobPhotos, key: str) -> None:
    with pytest.raises(InvalidRequest):
        photos.put(key, b"photo", "image/jpeg")
    with pytest.raises(PhotoNotFound):
        photos.read(key, 100)


def troubled(photos: BlobPhotos) -> None:
    for ask in (
        lambda: list(photos.list()),
        lambda: photos.of_product("mug"),
        lambda: photos.read("images/mug.jpg", 100),
        lambda: photos.metadata("images/mug.jpg"),
        lambda: photos.put("images/mug.jpg", b"photo", "image/jpeg"),
        lambda: photos.delete("images/mug.jpg"),
    ):
        with pytest.raises(BucketUnavailable):
            ask()


def test_a_container_that_is_gone_is_no_shop_without_photos(
    photos: BlobPhotos, theirs: Any, caplog: pytest.LogCaptureFixture
) -> None:
    theirs.delete_container()
    troubled(photos)
    assert "ContainerNotFound" in caplog.text or "ContainerBeingDeleted" in caplog.text


def test_a_key_that_is_not_the_accounts_is_told_and_never_shown(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = "YW5vdGhlci1sb25nLWtleS0tLS0tLS0tLS0tLS0t"
    with closing(BlobPhotos.connect(url, wrong, "/photos")) as photos:
        troubled(photos)
    assert "403 Auth" in caplog.text
    assert wrong not in caplog.text and "SharedKey" not in caplog.text


def answer(url: str, data: bytes | None = None, headers: Mapping[str, str] | None = None) -> bytes:
    method = "GET" if data is None else "PUT"
    asked = urllib.request.Request(url, data, dict(headers or {}), method=method)
    with urllib.request.urlopen(asked, timeout=10) as told:
        body: bytes = told.read()
        return body


def refused(url: str, signed: SignedUpload | None = None) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        answer(url, b"photo" if signed else None, signed.headers if signed else None)
    assert caught.value.code == 403
    caught.value.close()


@pytest.mark.parametrize("key", ODD_KEYS)
def test_whoever_has_a_signed_address_may_use_it_for_a_while(photos: BlobPhotos, key: str) -> None:
    signed = photos.upload_url(key, "image/jpeg", 60)
    assert 50 < signed.expires_at - time.time() <= 60
    assert signed.url.startswith(f"{photos.origin()}/")
    answer(signed.url, b"photo", signed.headers)
    assert photos.read(key, 100) == b"photo"
    assert answer(photos.download_url(key, 60)) == b"photo"
    refused(photos.download_url(key, -60))


def test_a_signed_address_is_for_one_photo_and_one_use(photos: BlobPhotos) -> None:
    for name in ("mine", "other"):
        photos.put(f"images/{name}.jpg", b"photo", "image/jpeg")
    look, upload = (
        photos.download_url("images/mine.jpg", 60),
        photos.upload_url("images/mine.jpg", "image/jpeg", 60),
    )
    refused(look.replace("mine", "other"))
    refused(upload.url)  # which may be written to, and not be read
    refused(look, upload)
    refused(re.sub(r"sp=r", "sp=rwd", look))
