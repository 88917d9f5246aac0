"""What messages about the bucket tell."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.bucket import place
from core.errors import InvalidRequest
from handlers.bucket_events import Change, changes
from tests.bucket_messages import notification, record

AT = datetime(2026, 11, 21, 10, tzinfo=UTC).timestamp()
ODD_KEYS = [
    "images/plain.jpg",
    "images/a b.jpg",
    "images/a+b.jpg",
    "images/50% off.jpg",
    "images/%2e%2e.jpg",
    "images/%41.jpg",
    "images/a&b=c?d#e.jpg",
    'images/it\'s "quoted".jpg',
    "images/back\\slash.jpg",
    "images/éclair.jpg",
    "images/e\u0301clair.jpg",
    "images/кружка 🫖/a+b %20.jpg",
    "images/mug/very/deep/er/ and deeper/x.webp",
]
JUNK = [
    *("", "{", "null", "[]", '"images/mug.jpg"', "7", "{}", '{"Records": {}}', '{"Records": [1]}'),
    *('{"Records": [{}]}', '{"Records": [{"s3": {"object": {}}}]}', '{"Event": 1}'),
    *('{"Records": [{"s3": {"object": {"key": 7}}}]}', '{"detail": {}}', '{"detail": 1}'),
    *('{"Records": [{"s3": {"object": {"key": "images/%FF.jpg"}}}]}', '{"Event": "s3:Other"}'),
]
KINDS = [
    *("ObjectCreated:Put", "ObjectCreated:Post", "ObjectCreated:Copy"),
    *("ObjectCreated:CompleteMultipartUpload", "ObjectRemoved:Delete"),
    *("ObjectRemoved:DeleteMarkerCreated", "ObjectRestore:Completed", "LifecycleExpiration:Delete"),
    *("ObjectTagging:Put", "SomethingNew:Next"),
]


def bridged(key: str, kind: str = "Object Created") -> str:
    """The event as EventBridge tells it: the key is plain."""
    return json.dumps(
        {
            "version": "0",
            "id": "17793124-05d4-b198-2fde-7ededc63b103",
            "detail-type": kind,
            "source": "aws.s3",
            "time": "2026-11-21T10:00:00Z",
            "resources": ["arn:aws:s3:::shop"],
            "detail": {
                "version": "0",
                "bucket": {"name": "shop"},
                "object": {"key": key, "size": 5, "etag": "0" * 32, "sequencer": "0A"},
                "reason": "PutObject",
            },
        }
    )


def ours(key: str) -> Change:
    where = place(key)
    assert where is not None
    return Change(where.product_id, key, AT)


@pytest.mark.parametrize("key", ODD_KEYS)
def test_a_key_is_told_as_it_is_in_the_bucket(key: str) -> None:
    assert changes(notification(key)) == changes(bridged(key)) == [ours(key)]


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=40).map("images/{}.jpg".format))
def test_any_key_is(key: str) -> None:
    told = [ours(key)] if place(key) else []
    assert changes(notification(key)) == changes(bridged(key)) == told


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_happened_the_product_wants_another_look(kind: str) -> None:
    assert changes(notification("images/mug.jpg", name=kind)) == [ours("images/mug.jpg")]


@pytest.mark.parametrize("key", ["feeds/all.csv", "feeds/a+b é/100%.jsonl.gz"])
def test_a_feed_is_told_by_its_key(key: str) -> None:
    assert changes(notification(key)) == changes(bridged(key)) == [Change(key, key, AT)]


@pytest.mark.parametrize("kind", ["Object Created", "Object Deleted", "Object Restore Completed"])
def test_so_it_does_by_way_of_eventbridge(kind: str) -> None:
    assert changes(bridged("images/mug.jpg", kind)) == [ours("images/mug.jpg")]


def test_a_message_may_tell_of_several_objects() -> None:
    keys = ["images/mug.jpg", "other/all.csv", "images/cup/a.jpg", "images/cup.json"]
    assert changes(notification(*keys)) == [ours(key) for key in keys if place(key)]


def test_the_bucket_says_hello_once() -> None:
    hello = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "shop", "HostId": "x"}
    assert changes(json.dumps(hello)) == []


@pytest.mark.parametrize(
    "key", ["feeds/all.xls", "feeds/", "images/mug.txt", "images/", "images/.hidden.jpg"]
)
def test_what_is_none_of_our_business_tells_nothing(key: str) -> None:
    assert changes(notification(key)) == changes(bridged(key)) == []


@pytest.mark.parametrize("body", JUNK)
def test_junk_is_refused(body: str) -> None:
    with pytest.raises(InvalidRequest, match="no event of a bucket"):
        changes(body)


@pytest.mark.parametrize("at", ["", "yesterday", "2026-13-41T99:00:00Z"])
def test_an_odd_time_does_not_hide_a_change(at: str) -> None:
    body = json.dumps({"Records": [record("images/mug.jpg", at=at)]})
    assert changes(body) == [Change("mug", "images/mug.jpg", None)]
