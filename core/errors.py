"""Everything that can go wrong, as one tree.

    LikenessError
    ├── BadInput                 the caller can put it right                      (4xx)
    │   ├── InvalidRequest       a field is missing, of the wrong kind, or out of bounds
    │   ├── QueryEmpty           a search with neither words, nor a photo, nor a product
    │   ├── ProductNotFound      no product has this id
    │   ├── ProductExists        a product of this id is there already
    │   ├── PhotoNotFound        the bucket has no such photo
    │   ├── ImageUnreadable      the bytes are no photo we can decode
    │   ├── ImageTooLarge        too many bytes or pixels
    │   ├── ImageUrlRefused      an address that we do not fetch photos from
    │   ├── ImageUrlFailed       the photo's server did not give it
    │   ├── BodyTooLarge         the request as a whole is more than we read
    │   ├── BodySlow             the request's body did not come in the time there is for it
    │   ├── AnswerTooLarge       what was asked for is more than can be given at once
    │   ├── RateLimited          more requests than one client may make
    │   ├── KeyMissing           a key is needed and none came
    │   ├── KeyRefused           a key came and it is not one of ours
    │   ├── SourceUnknown        no webhooks are taken from there
    │   └── SignatureRefused     a webhook that its source did not sign, or not just now
    ├── Unavailable              a part we depend on is down; worth trying again  (503)
    │   ├── IndexUnavailable     the vector index does not answer
    │   ├── IndexSlow            it would have, but later than we wait            (504)
    │   ├── ModelUnavailable     the model was loaded, and does not work now
    │   ├── OutOfTime            all of it together takes longer than we wait     (504)
    │   ├── Overloaded           more is asked of the model than it can answer now
    │   ├── BucketUnavailable    the photos' bucket does not answer, or does not let us in
    │   └── StorageFull          the disk has too little room left to write to it
    └── Misconfigured            the operator must act before we can start
        ├── SettingsInvalid      settings that are missing, unknown or contradictory
        ├── ModelRefused         a model file is missing, broken or not what it says
        └── IndexMismatch        the collection was made by another model

Each class carries its `code`: stable, snake_case, listed in docs/errors.md. Which status a
code becomes is the door's business (`handlers/problems.py`), not ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import msgspec


class FieldError(msgspec.Struct, frozen=True, order=True):
    """One field that is wrong: where it is and what is the matter."""

    field: str
    message: str


class LikenessError(Exception):
    """The root: whatever reaches a person from us is one of these."""

    code: ClassVar[str] = "internal_error"

    def __init__(self, detail: str, *, fields: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.fields = tuple(fields)


class BadInput(LikenessError):
    code = "bad_input"


class InvalidRequest(BadInput):
    code = "invalid_request"


class QueryEmpty(BadInput):
    code = "query_empty"


class ProductNotFound(BadInput):
    code = "product_not_found"


class ProductExists(BadInput):
    code = "product_exists"


class PhotoNotFound(BadInput):
    code = "photo_not_found"


class ImageUnreadable(BadInput):
    code = "image_unreadable"


class ImageTooLarge(BadInput):
    code = "image_too_large"


class ImageUrlRefused(BadInput):
    code = "image_url_refused"


class ImageUrlFailed(BadInput):
    code = "image_url_failed"


class BodyTooLarge(BadInput):
    code = "body_too_large"


class BodySlow(BadInput):
    code = "body_slow"


class AnswerTooLarge(BadInput):
    code = "answer_too_large"


class RateLimited(BadInput):
    code = "rate_limited"


class KeyMissing(BadInput):
    code = "key_missing"


class KeyRefused(BadInput):
    code = "key_refused"


class SourceUnknown(BadInput):
    code = "source_unknown"


class SignatureRefused(BadInput):
    code = "signature_refused"


class Unavailable(LikenessError):
    code = "unavailable"


class IndexUnavailable(Unavailable):
    code = "index_unavailable"


class BucketUnavailable(Unavailable):
    code = "bucket_unavailable"


class StorageFull(Unavailable):
    code = "storage_full"


class IndexSlow(Unavailable):
    code = "index_slow"


class ModelUnavailable(Unavailable):
    code = "model_unavailable"


class OutOfTime(Unavailable):
    code = "out_of_time"


class Overloaded(Unavailable):
    code = "overloaded"


class Misconfigured(LikenessError):
    code = "misconfigured"


class SettingsInvalid(Misconfigured):
    code = "settings_invalid"


class ModelRefused(Misconfigured):
    code = "model_refused"


class IndexMismatch(Misconfigured):
    code = "index_mismatch"
