"""Which messages are buried, when, and what is said of them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from core.errors import BucketUnavailable, Unavailable
from core.ports import Message, Queue
from tests.bucket_door import Door
from tests.bucket_messages import notification
from tests.fakes.memory_queue import MemoryQueue
from tests.photos import jpeg


@pytest.fixture
def bench() -> Door:
    return Door()


@pytest.fixture
def dead() -> MemoryQueue:
    return MemoryQueue()


@pytest.fixture
def queue(dead: MemoryQueue) -> MemoryQueue:
    return MemoryQueue(most=3, dead=dead)


def test_what_can_never_succeed_is_buried_at_once_with_its_reason(
    bench: Door, queue: MemoryQueue, dead: MemoryQueue
) -> None:
    bench.drop("images/mug/bad.jpg", b"no photo")
    bench.drop("images/cup.json", b"{")
    bench.drop("images/pan.jpg", jpeg(1))
    keys = ["images/mug/bad.jpg", "images/cup.json", "images/pan.jpg"]
    told = [*map(notification, keys), "junk"]
    done = bench.process(told, queue=queue)
    assert (done.failed, sorted(done.dead), bench.found()) == ({}, ["m0", "m1", "m3"], {"pan"})
    letters = {one.body: one.labels for one in dead.take()}
    assert letters.keys() == {told[0], told[1], "junk"}
    of_mug = letters[told[0]]
    assert of_mug["Reason"].startswith("images/mug/bad.jpg: ")
    assert (of_mug["Key"], of_mug["ProductId"]) == ("images/mug/bad.jpg", "mug")
    assert of_mug["FirstMessageId"] == "m0"
    assert letters[told[1]]["Key"] == "images/cup.json"
    assert (letters["junk"]["Key"], letters["junk"]["ProductId"]) == ("", "")


@pytest.mark.parametrize("name", ["IMG_0001.HEIC", "scan.tif", "scan.tiff", "old.bmp", "new.jxl"])
def test_photos_of_a_kind_that_we_do_not_read_are_not_passed_over(
    bench: Door, queue: MemoryQueue, dead: MemoryQueue, name: str
) -> None:
    bench.drop(f"images/mug/{name}", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    assert list(bench.process([notification(f"images/mug/{name}")], queue=queue).dead) == ["m0"]
    [letter] = dead.take()
    assert "we can't read: please save it as JPEG" in letter.labels["Reason"]


@pytest.mark.parametrize("error", [BucketUnavailable("The bucket is down."), ValueError("a bug")])
def test_what_may_yet_succeed_is_buried_when_it_is_given_out_for_the_last_time(
    bench: Door, queue: MemoryQueue, dead: MemoryQueue, error: Exception
) -> None:
    bench.drop("images/mug.jpg", jpeg(1))

    def fails(product_id: str) -> None:
        raise error

    bench.fails = fails
    told = [notification("images/mug.jpg")]
    for times in (1, 2):
        done = bench.process(told, queue=queue, times=times)
        assert (list(done.failed), done.dead) == (["m0"], {})
    assert len(dead) == 0
    done = bench.process(told, queue=queue, times=3)
    assert (done.failed, list(done.dead)) == ({}, ["m0"])
    [letter] = dead.take()
    assert (letter.labels["Key"], letter.labels["ProductId"]) == ("images/mug.jpg", "mug")
    assert letter.labels["Reason"] == done.dead["m0"] != ""


def test_a_message_that_is_hopeless_in_part_waits_for_the_rest(
    bench: Door, queue: MemoryQueue, dead: MemoryQueue
) -> None:
    bench.drop("images/mug.jpg", b"no photo")
    bench.drop("images/cup.jpg", jpeg(1))

    def fails(product_id: str) -> None:
        if product_id == "cup":
            raise BucketUnavailable("The bucket is down.")

    bench.fails = fails
    told = [notification("images/mug.jpg", "images/cup.jpg")]
    assert list(bench.process(told, queue=queue).failed) == ["m0"]
    bench.fails = lambda product_id: None
    done = bench.process(told, queue=queue, times=2)
    assert (list(done.dead), bench.found()) == (["m0"], {"cup"})
    assert [one.labels["Key"] for one in dead.take()] == ["images/mug.jpg"]


class Unburiable(MemoryQueue):
    def bury(self, message: Message, labels: Mapping[str, str]) -> None:
        raise Unavailable("The queue can't be used at the moment.")


@pytest.mark.parametrize("queue", [None, MemoryQueue(most=3), Unburiable(most=3)])
def test_what_can_not_be_buried_comes_again(bench: Door, queue: Queue | None) -> None:
    """No queue, one without a place for dead letters, one that is away: nothing is lost."""
    bench.drop("images/mug.jpg", b"no photo")
    for times in (1, 3):
        done = bench.process([notification("images/mug.jpg")], queue=queue, times=times)
        assert (list(done.failed), done.dead) == (["m0"], {})
