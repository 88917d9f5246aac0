"""The folder's indexer, of which some things can't be done for a while."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from core.errors import StorageFull
from handlers.folder_index import FolderIndexer, now_and_then
from tests.e2e.running import eventually


class Bucket:
    """What is in it, and what was looked at; nothing can be settled while it is `full`."""

    def __init__(self, *unsettled: str) -> None:
        self.left = set(unsettled)
        self.looks: list[str] = []
        self.full = True
        self.error: Exception = StorageFull("The disk has 3 MB left.")

    def settle(self, subject: str) -> None:
        self.looks.append(subject)
        if self.full:
            raise self.error
        self.left.discard(subject)

    def unsettled(self) -> list[str]:
        return sorted(self.left)


@pytest.fixture
def bucket() -> Bucket:
    return Bucket("mug", "cup")


@pytest.fixture
def indexer(bucket: Bucket) -> Iterator[FolderIndexer]:
    indexer = FolderIndexer(bucket.settle, bucket.unsettled)
    yield indexer
    indexer.close()


def test_it_is_tried_a_few_times_and_then_put_off(
    indexer: FolderIndexer, bucket: Bucket, caplog: pytest.LogCaptureFixture
) -> None:
    indexer.catch_up()
    assert sorted(bucket.looks) == ["cup"] * 3 + ["mug"] * 3
    assert sorted(one.message for one in caplog.records) == [
        f"{name} is put off for 1 s: The disk has 3 MB left." for name in ("cup", "mug")
    ]
    assert indexer.catch_up() == 0, "those are seen to already"
    assert indexer.settle({"mug"}) == 1, "something happened to it"
    assert bucket.looks.count("mug") == 4
    assert caplog.messages[-1].startswith("mug is put off for 2 s")


def test_it_is_done_by_itself_once_it_can_be(
    indexer: FolderIndexer, bucket: Bucket, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        indexer.follow(lambda stop: iter([None]))
        eventually(lambda: bucket.looks.count("mug") >= 4, 20)
        bucket.full = False
        eventually(lambda: not bucket.left, 20)
        eventually(lambda: "mug is done with after all" in caplog.messages, 5)


def test_a_bug_is_told_with_where_it_is(
    indexer: FolderIndexer, bucket: Bucket, caplog: pytest.LogCaptureFixture
) -> None:
    bucket.error = KeyError("a bug")
    indexer.catch_up()
    assert "Traceback" in caplog.text


def test_what_is_looked_at_all_the_time_is_not_tried_all_the_time(
    indexer: FolderIndexer, bucket: Bucket, caplog: pytest.LogCaptureFixture
) -> None:
    """As feeds are, every second."""
    indexer.follow(now_and_then)
    eventually(lambda: "mug is put off for 4 s: The disk has 3 MB left." in caplog.messages, 30)
    assert bucket.looks.count("mug") == 5
    assert len(caplog.records) <= 6, "a line for each pause of each of the two"


def test_the_end_is_not_told_as_a_trouble(
    indexer: FolderIndexer, bucket: Bucket, caplog: pytest.LogCaptureFixture
) -> None:
    def ends(subject: str) -> None:
        indexer._stop.set()
        raise StorageFull("The rest is to come.")

    indexer._look = ends
    indexer.catch_up()
    assert caplog.records == []
