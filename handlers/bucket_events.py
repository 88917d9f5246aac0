"""Events of the bucket, in whichever form: which products and feeds want another look.

An event says no more than "look at this again", so neither its kind nor its age matter.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import unquote_plus

import msgspec

from core.bucket import place
from core.errors import InvalidRequest
from core.feeds import is_feed
from handlers.blob_events import told_keys


class Change(msgspec.Struct, frozen=True):
    """An object of a product, or a feed, was put, deleted, restored: something happened to it."""

    subject: str
    """The product's id, or the feed's key."""
    key: str
    at: float | None
    """When, in seconds since the epoch, where the event says."""


class _Object(msgspec.Struct):
    key: str


class _S3(msgspec.Struct):
    object: _Object


class _Record(msgspec.Struct):
    s3: _S3
    time: str = msgspec.field(name="eventTime", default="")


class _Event(msgspec.Struct):
    """As S3 sends it to a queue, or as EventBridge passes it on."""

    records: list[_Record] = msgspec.field(name="Records", default_factory=list)
    detail: _S3 | None = None
    time: str = ""
    event: str = msgspec.field(name="Event", default="")


def changes(body: str) -> list[Change]:
    """What a message tells of what is ours. Raises InvalidRequest for what is no event."""
    try:
        event = msgspec.json.decode(body, type=_Event)
        # S3 encodes keys as in an HTML form; EventBridge leaves them as they are.
        told = [(unquote_plus(r.s3.object.key, errors="strict"), r.time) for r in event.records]
        of_blobs = told_keys(body)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise InvalidRequest(f"This is no event of a bucket: {error}.") from error
    if event.detail is not None:
        told.append((event.detail.object.key, event.time))
    if of_blobs is not None:
        told += [(key, of_blobs[1]) for key in of_blobs[0]]
    elif not told and event.event != "s3:TestEvent":  # which S3 sends as it is tied to a queue
        raise InvalidRequest("This is no event of a bucket: it names no object.")
    return [
        Change(subject, key, _seconds(when))
        for key, when in told
        if (subject := _subject(key)) is not None
    ]


def _subject(key: str) -> str | None:
    if is_feed(key):
        return key
    where = place(key)
    return where.product_id if where is not None else None


def _seconds(when: str) -> float | None:
    try:
        return datetime.fromisoformat(when).timestamp()
    except ValueError:
        return None
