"""What events of Blob storage tell, in both of Event Grid's schemas."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.bucket import place
from core.errors import BadInput, InvalidRequest
from handlers.blob_events import events_of
from handlers.bucket_events import Change, changes
from tests.blob_messages import SCHEMAS, address, body, event, subject, wrapped
from tests.unit.test_bucket_events import JUNK, ODD_KEYS

WHEN = datetime(2026, 11, 21, 10, 0, 0, 123456, tzinfo=UTC).timestamp()
KINDS = ["BlobCreated", "BlobDeleted", "BlobRenamed", "BlobTierChanged", "BlobInventedNextYear"]

in_both = pytest.mark.parametrize("schema", SCHEMAS)


def ours(key: str) -> Change:
    where = place(key)
    assert where is not None
    return Change(where.product_id, key, WHEN)


@in_both
@pytest.mark.parametrize("key", ODD_KEYS)
def test_a_key_is_told_as_it_is_in_the_container(schema: str, key: str) -> None:
    assert changes(json.dumps(event(schema, key))) == [ours(key)]


@in_both
@given(
    key=st.text(st.characters(codec="utf-8"), min_size=1, max_size=40).map("images/{}.jpg".format)
)
def test_any_key_is(schema: str, key: str) -> None:
    assert changes(json.dumps(event(schema, key))) == ([ours(key)] if place(key) else [])


@in_both
@pytest.mark.parametrize("kind", KINDS)
def test_whatever_happened_the_product_wants_another_look(schema: str, kind: str) -> None:
    assert changes(json.dumps(event(schema, "images/mug.jpg", kind))) == [ours("images/mug.jpg")]


@in_both
def test_a_subject_whose_emoji_is_broken_is_not_believed(schema: str) -> None:
    told = event(schema, "images/🫖.jpg")
    told["subject"] = subject("images/\ufffd\ufffd.jpg")
    assert changes(json.dumps(told)) == [ours("images/🫖.jpg")]
    del told["data"]["url"]
    assert changes(json.dumps(told)) == [ours("images/\ufffd\ufffd.jpg")]


@in_both
def test_an_address_that_is_not_encoded_does_no_harm(schema: str) -> None:
    told = event(schema, "images/50%41 off.jpg")
    told["data"]["url"] = address("").rstrip("/") + "/images/50%41 off.jpg"
    found = changes(json.dumps(told))
    assert ours("images/50%41 off.jpg") in found and len(found) == 2


@in_both
def test_of_a_photo_that_was_renamed_both_names_are_looked_at(schema: str) -> None:
    old, new = "images/a b.jpg", "images/mug/ü.jpg"
    data = {"api": "RenameFile", "sourceUrl": address(old), "destinationUrl": address(new)}
    told = changes(json.dumps(event(schema, new, "BlobRenamed", **data)))
    assert told == [ours(old), ours(new)]


@in_both
def test_a_products_folder_that_is_moved_or_deleted_is_both_products(schema: str) -> None:
    data = {"api": "RenameDirectory", "sourceUrl": address("images/mug")}
    data["destinationUrl"] = address("images/cup/more")
    moved = changes(json.dumps(event(schema, "images/cup/more", "DirectoryRenamed", **data)))
    assert [one.subject for one in moved] == ["mug", "cup"]
    gone = event(schema, "images/mug", "DirectoryDeleted", url=address("images/mug"))
    assert [one.subject for one in changes(json.dumps(gone))] == ["mug"]
    made = event(schema, "images/mug", "DirectoryCreated", url=address("images/mug"))
    assert changes(json.dumps(made)) == []


@in_both
@pytest.mark.parametrize("folder", ["images", "images/", "feeds", "feeds/2027"])
def test_a_folder_of_many_is_for_a_person(schema: str, folder: str) -> None:
    gone = event(schema, folder, "DirectoryDeleted", url=address(folder))
    with pytest.raises(InvalidRequest, match=r"scripts\.sync"):
        changes(json.dumps(gone))


@in_both
def test_a_feed_is_told_by_its_key(schema: str) -> None:
    for key in ("feeds/all.csv", "feeds/a+b é/100%.jsonl.gz"):
        assert changes(json.dumps(event(schema, key))) == [Change(key, key, WHEN)]


@in_both
def test_what_is_none_of_our_business_tells_nothing(schema: str) -> None:
    for key in ("feeds/all.xls", "images/mug.txt", "dead-letters/1.json", "reports/x.json"):
        assert changes(json.dumps(event(schema, key))) == []
    for kind in ("Microsoft.EventGrid.SubscriptionDeletedEvent", "Microsoft.Storage.Lifecycle"):
        assert changes(json.dumps(wrapped(schema, kind, "", {}))) == []


@in_both
def test_a_file_that_was_only_begun_is_left_alone_until_it_is_whole(schema: str) -> None:
    key = "images/mug.jpg"
    for begun, done in ("CreateFile", "FlushWithClose"), ("SftpCreate", "SftpCommit"):
        where = address(key)
        assert changes(json.dumps(event(schema, key, api=begun, url=where))) == []
        assert changes(json.dumps(event(schema, key, api=done, url=where))) == [ours(key)]


@in_both
def test_an_event_that_names_no_blob_is_refused(schema: str) -> None:
    for about, data in [("", {}), ("/blobServices/default", {"url": "https://myshop"})]:
        with pytest.raises(InvalidRequest, match="no event of a bucket"):
            changes(json.dumps(wrapped(schema, "Microsoft.Storage.BlobCreated", about, data)))
    with pytest.raises(InvalidRequest, match="no event of a bucket"):
        changes(json.dumps(wrapped(schema, "Microsoft.Storage.BlobCreated", "", {"url": 1})))


@in_both
def test_a_request_has_one_event_or_several(schema: str) -> None:
    told = [event(schema, f"images/{name}.jpg") for name in "abc"]
    for some in (told, told[:1], []):
        found = events_of(body(schema, some))
        assert [json.loads(one.body) for one in found] == some
        assert [one.code for one in found] == [""] * len(some)


@in_both
def test_one_that_is_broken_spoils_no_other(schema: str) -> None:
    good = event(schema, "images/a.jpg")
    first, *broken = events_of(json.dumps([good, 7, {"data": 1}, {"id": [], "type": "x"}]).encode())
    assert changes(first.body) == [ours("images/a.jpg")]
    for one in broken:
        with pytest.raises(InvalidRequest):
            changes(one.body)


def test_a_code_is_that_of_a_question_alone() -> None:
    question = wrapped(SCHEMAS[0], "Microsoft.EventGrid.SubscriptionValidationEvent", "", {})
    question["data"] = {"validationCode": "512d38b6", "validationUrl": "https://x.example/?id=1"}
    [told] = events_of(json.dumps([question]).encode())
    assert told.code == "512d38b6"
    question["eventType"] = "Microsoft.Storage.BlobCreated"
    [told] = events_of(json.dumps([question]).encode())
    assert told.code == ""


@pytest.mark.parametrize("junk", [*JUNK, "[" * 100_000, "\udcff"])
def test_whatever_comes_it_is_events_or_refused(junk: str) -> None:
    try:
        for one in events_of(junk.encode(errors="surrogateescape")):
            with pytest.raises(InvalidRequest):
                changes(one.body)
    except BadInput:
        pass


@given(st.binary(max_size=200))
def test_so_it_is_with_any_bytes(junk: bytes) -> None:
    with suppress(BadInput):
        events_of(junk)


@given(st.text(max_size=300))
def test_an_id_fits_in_a_line_of_the_log(said: str) -> None:
    [told] = events_of(json.dumps([{"id": said}]).encode())
    assert told.id.isascii() and told.id.isprintable() and len(told.id) <= 1100
