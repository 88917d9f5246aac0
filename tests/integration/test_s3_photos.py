"""S3's own ways, against a server that has them and one that misbehaves."""

from __future__ import annotations

import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from core.errors import (
    BucketUnavailable,
    ImageTooLarge,
    ImageUnreadable,
    InvalidRequest,
    PhotoNotFound,
    SettingsInvalid,
)
from core.stores import aws as patience
from core.stores.s3 import S3Photos
from tests.aws import LocalAws
from tests.aws_bucket import BUCKET, AwsBucket, bucket_on

NO_NAMES = ["", "x" * 1025, "é" * 513, "\udcff"]


@pytest.fixture
def bucket(aws: LocalAws) -> AwsBucket:
    return bucket_on(aws)


def small_pages(bucket: AwsBucket) -> Callable[[], None]:
    """From now on a listing has two keys a page; gives what puts an end to it."""

    def two(params: dict[str, Any], **about: Any) -> None:
        params["MaxKeys"] = 2

    event = "provide-client-params.s3.ListObjectsV2"
    bucket.s3.meta.events.register(event, two)
    return lambda: bucket.s3.meta.events.unregister(event, two)


def test_a_listing_goes_on_over_its_pages(bucket: AwsBucket) -> None:
    keys = sorted(f"images/{name}" for name in ("a/1.jpg", "a/2 +%.jpg", "a/é.jpg", "a.jpg", "b"))
    for key in keys:
        bucket.put(key, b"photo")
    end = small_pages(bucket)
    try:
        assert [one.key for one in bucket.photos.list()] == keys
        assert len(bucket.photos.of_product("a")) == 4
    finally:
        end()


def test_a_products_neighbours_are_not_its_own(bucket: AwsBucket) -> None:
    for key in ("a.jpg", "a.b.jpg", "a.b/c.jpg", "a.json", "a.b.json", "a.jpg/x.png"):
        bucket.put(f"images/{key}", b"photo")
    found = {
        name: [one.key for one in bucket.photos.of_product(name)] for name in ("a", "a.b", "a.jpg")
    }
    assert found == {
        "a": ["images/a.jpg", "images/a.json"],
        "a.b": ["images/a.b.jpg", "images/a.b.json", "images/a.b/c.jpg"],
        "a.jpg": ["images/a.jpg/x.png"],
    }


def test_metadata_come_as_they_were_written(bucket: AwsBucket) -> None:
    said = {"Name": "=?UTF-8?Q?caf=C3=A9?=", "PRICE": "3"}
    bucket.put("images/mug.jpg", b"photo", said)
    told = bucket.photos.metadata("images/mug.jpg")
    assert told == {"name": "=?UTF-8?Q?caf=C3=A9?=", "price": "3"}


def test_metadata_written_anew_make_a_new_version(bucket: AwsBucket) -> None:
    bucket.put("images/mug.jpg", b"photo", {"price": "3"})
    [before] = bucket.photos.list()
    time.sleep(1.1)  # S3 tells the time in seconds
    key = {"Bucket": BUCKET, "Key": "images/mug.jpg"}
    bucket.s3.copy_object(
        **key, CopySource=key, Metadata={"price": "4"}, MetadataDirective="REPLACE"
    )
    [after] = bucket.photos.list()
    assert before.version != after.version


def test_in_a_bucket_with_versions_the_deleted_is_gone(bucket: AwsBucket) -> None:
    bucket.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    for data in (b"one", b"two"):
        bucket.put("images/mug.jpg", data)
    assert bucket.photos.read("images/mug.jpg", 100) == b"two"
    bucket.photos.delete("images/mug.jpg")
    assert bucket.photos.of_product("mug") == []
    with pytest.raises(PhotoNotFound):
        bucket.photos.read("images/mug.jpg", 100)


@pytest.mark.parametrize("key", NO_NAMES)
def test_what_can_be_no_objects_name_is_not_found(bucket: AwsBucket, key: str) -> None:
    with pytest.raises(PhotoNotFound):
        bucket.photos.read(key, 100)
    with pytest.raises(PhotoNotFound):
        bucket.photos.metadata(key)
    with pytest.raises(InvalidRequest):
        bucket.photos.put(key, b"photo", "image/jpeg")
    bucket.photos.delete(key)


def test_an_upload_may_be_made_with_a_signed_address(bucket: AwsBucket) -> None:
    key = "images/a b/é+%.jpg"
    signed = bucket.photos.upload_url(key, "image/jpeg", 60)
    assert 50 < signed.expires_at - time.time() <= 60
    assert signed.url.startswith(f"{bucket.photos.origin()}/")
    query = parse_qs(urlsplit(signed.url).query)
    assert query["X-Amz-Expires"] == ["60"]
    assert query["X-Amz-SignedHeaders"] == ["content-type;host"]
    request = urllib.request.Request(signed.url, b"photo", dict(signed.headers), method="PUT")
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200
    assert bucket.photos.read(key, 100) == b"photo"
    with urllib.request.urlopen(bucket.photos.download_url(key, 60)) as answer:
        assert (answer.read(), answer.headers["Content-Type"]) == (b"photo", "image/jpeg")


def test_a_bucket_that_is_not_there_is_no_empty_bucket(aws: LocalAws) -> None:
    photos = S3Photos.connect("nowhere", "/photos")
    for look in (lambda: photos.of_product("mug"), lambda: photos.read("images/mug.jpg", 9)):
        with pytest.raises(BucketUnavailable):
            look()


def test_a_region_must_be_known(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    with pytest.raises(SettingsInvalid, match="AWS_REGION"):
        patience.connect("sqs")


class Misbehaving(BaseHTTPRequestHandler):
    """Answers every request in the one way a test asks for."""

    protocol_version = "HTTP/1.1"
    status, code, length, body, hold = 200, "", 0, b"", 0.0
    asked = 0
    sent = 0

    def do_GET(self) -> None:
        kind = type(self)
        kind.asked += 1
        time.sleep(self.hold)
        body = f"<Error><Code>{self.code}</Code></Error>".encode() if self.code else self.body
        self.close_connection = True
        try:
            self.send_response(self.status)
            self.send_header("Content-Length", str(self.length or len(body)))
            self.send_header("Last-Modified", "Sat, 21 Nov 2026 10:00:00 GMT")
            self.end_headers()
            self.wfile.write(body)
            while self.length and not body:  # more than anybody should take
                kind.sent += self.wfile.write(b"x" * 65536)
        except OSError:
            pass  # the client has had enough

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def misbehaving(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Misbehaving]]:
    kind = type("Kind", (Misbehaving,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setattr(patience, "READ_SECONDS", 0.3)
    yield kind
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "code", "error", "times"),
    [
        (403, "AccessDenied", BucketUnavailable, 1),
        (403, "InvalidAccessKeyId", BucketUnavailable, 1),
        (403, "InvalidObjectState", ImageUnreadable, 1),
        (404, "NoSuchKey", PhotoNotFound, 1),
        (404, "NoSuchBucket", BucketUnavailable, 1),
        (503, "SlowDown", BucketUnavailable, patience.ATTEMPTS),
        (500, "InternalError", BucketUnavailable, patience.ATTEMPTS),
    ],
)
def test_a_refusal_is_told_for_what_it_is(
    misbehaving: type[Misbehaving], status: int, code: str, error: type[Exception], times: int
) -> None:
    misbehaving.status, misbehaving.code = status, code
    with pytest.raises(error):
        S3Photos.connect(BUCKET, "/photos").read("images/mug.jpg", 100)
    assert misbehaving.asked == times


def test_patience_with_silence_ends(misbehaving: type[Misbehaving]) -> None:
    misbehaving.hold = 1.0
    with pytest.raises(BucketUnavailable):
        S3Photos.connect(BUCKET, "/photos").read("images/mug.jpg", 100)
    assert misbehaving.asked == patience.ATTEMPTS


def test_half_an_answer_is_no_photo(misbehaving: type[Misbehaving]) -> None:
    misbehaving.length, misbehaving.body = 100, b"half of it"
    with pytest.raises(BucketUnavailable):
        S3Photos.connect(BUCKET, "/photos").read("images/mug.jpg", 100)


def test_more_than_is_wanted_is_not_read(misbehaving: type[Misbehaving]) -> None:
    misbehaving.length = 10**12
    with pytest.raises(ImageTooLarge):
        S3Photos.connect(BUCKET, "/photos").read("images/mug.jpg", 1000)
    assert misbehaving.sent < 20_000_000  # what the sockets of both sides hold
