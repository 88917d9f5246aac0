"""The bucket as one of S3: a shop drops its photos from wherever it is."""

from __future__ import annotations

import builtins
import logging
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from time import time
from typing import Any
from urllib.parse import quote, urlsplit

from botocore.exceptions import ClientError

from core.errors import (
    BucketUnavailable,
    ImageTooLarge,
    ImageUnreadable,
    InvalidRequest,
    PhotoNotFound,
)
from core.ports import SignedUpload, StoredObject
from core.stores.aws import NO_ANSWER, connect, in_time
from core.stores.prefixes import of_product

log = logging.getLogger(__name__)

MAX_KEY_BYTES = 1024
_NOT_THERE = frozenset({"NoSuchKey", "404"})
_ARCHIVED = "InvalidObjectState"


class S3Photos:
    """A PhotoStore, with SignedAddresses, on a bucket of S3, or of whatever speaks its protocol.

    What we may not see is an error and never an absence: a permission that was taken away must
    not look like a shop that deleted its photos.
    """

    def __init__(self, client: Any, bucket: str, base_url: str) -> None:
        """`base_url`: where browsers find the photos. The index keeps addresses for as long as
        it keeps photos, so they can't be signed ones, which end within hours."""
        self._client = client
        self._bucket = bucket
        self._base_url = base_url.rstrip("/")

    @classmethod
    def connect(cls, bucket: str, base_url: str) -> S3Photos:
        return cls(connect("s3"), bucket, base_url)

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """In the order of the keys."""
        page: dict[str, Any] = {}
        while True:
            next_page = page.get("NextContinuationToken")
            token = {"ContinuationToken": next_page} if next_page else {}
            with self._asking(prefix):
                page = self._client.list_objects_v2(Bucket=self._bucket, Prefix=prefix, **token)
                found = [_stored(one["Key"], one["Size"], one) for one in page.get("Contents", ())]
                more = page["IsTruncated"]
            yield from found
            if not more:
                return

    def of_product(self, product_id: str) -> builtins.list[StoredObject]:
        return of_product(self.list, product_id)

    def read(self, key: str, max_bytes: int) -> bytes:
        with self._asking(key):
            answer = self._client.get_object(Bucket=self._bucket, Key=_checked(key))
            with closing(answer["Body"]) as body:
                if answer["ContentLength"] > max_bytes:
                    raise ImageTooLarge(
                        f"{key!r} has more than the {max_bytes} bytes that are read."
                    )
                data: bytes = in_time(body.read)
                return data

    def metadata(self, key: str) -> Mapping[str, str]:
        with self._asking(key):
            answer = self._client.head_object(Bucket=self._bucket, Key=_checked(key))
            return {name.lower(): value for name, value in answer["Metadata"].items()}

    def put(self, key: str, data: bytes, content_type: str) -> StoredObject:
        try:
            there = {"Bucket": self._bucket, "Key": _checked(key)}
        except PhotoNotFound as error:
            raise InvalidRequest(f"{key!a} can't be the name of a photo.") from error
        with self._asking(key):
            self._client.put_object(**there, Body=data, ContentType=content_type)
            # Only now it is known what time S3 has given it.
            answer = self._client.head_object(**there)
            return _stored(key, answer["ContentLength"], answer)

    def delete(self, key: str) -> None:
        try:
            with self._asking(key):
                self._client.delete_object(Bucket=self._bucket, Key=_checked(key))
        except PhotoNotFound:
            return

    def url(self, key: str) -> str:
        return f"{self._base_url}/{quote(key)}"

    def download_url(self, key: str, seconds: int) -> str:
        return self._signed("get_object", _checked(key), seconds)

    def upload_url(self, key: str, content_type: str, seconds: int) -> SignedUpload:
        url = self._signed("put_object", _checked(key), seconds, ContentType=content_type)
        return SignedUpload(url, {"Content-Type": content_type}, time() + seconds)

    def close(self) -> None:
        self._client.close()

    def origin(self) -> str:
        return "{0.scheme}://{0.netloc}".format(urlsplit(self.download_url("_", 1)))

    def _signed(self, operation: str, key: str, seconds: int, **also: str) -> str:
        with self._asking(key):
            url: str = self._client.generate_presigned_url(
                operation, Params={"Bucket": self._bucket, "Key": key, **also}, ExpiresIn=seconds
            )
        return url

    @contextmanager
    def _asking(self, key: str) -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code in _NOT_THERE:
                raise PhotoNotFound(_no_such(key)) from error
            if code == _ARCHIVED:
                raise ImageUnreadable(f"{key!r} is archived; restore it to use it.") from error
            raise self._trouble(error) from error
        except NO_ANSWER as error:
            raise self._trouble(error) from error

    def _trouble(self, error: Exception) -> BucketUnavailable:
        log.error("the bucket %s: %r", self._bucket, error)
        return BucketUnavailable("The photos' bucket can't be used at the moment.")


def _stored(key: str, size: int, told: Mapping[str, Any]) -> StoredObject:
    modified = told["LastModified"].timestamp()
    # The ETag speaks for the content alone; metadata change by writing the object again.
    version = f"{told['ETag'].strip(chr(34))}-{int(modified):x}"
    return StoredObject(key, version, size, modified)


def _checked(key: str) -> str:
    """The key, if there can be an object of this name."""
    try:
        if 1 <= len(key.encode()) <= MAX_KEY_BYTES:
            return key
    except UnicodeEncodeError:
        pass
    raise PhotoNotFound(_no_such(key))


def _no_such(key: str) -> str:
    return f"There is no {key!a} in the bucket."
