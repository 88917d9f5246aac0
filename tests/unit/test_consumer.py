"""A consumer of the bucket's queue: what it takes, holds, finishes and lets go of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from threading import Event
from unittest.mock import patch

import pytest

from core.errors import BucketUnavailable, Unavailable
from core.ports import Message
from handlers import consumer as door
from handlers.consumer import Consumer
from tests.bucket_door import Door
from tests.bucket_messages import notification
from tests.fakes.memory_queue import MemoryQueue
from tests.photos import jpeg


class Queue(MemoryQueue):
    """Tells when it is empty, which is when a test is over, and lets things happen on the way."""

    def __init__(self, holding: float, dead: MemoryQueue) -> None:
        super().__init__(holding, most=3, dead=dead)
        self.when_empty: Callable[[], None] = lambda: None
        self.when_held: Callable[[], None] = lambda: None
        self.troubles: Iterator[Exception] = iter(())

    def take(self, wait: int = 0, most: int = 10) -> list[Message]:
        for trouble in self.troubles:
            raise trouble
        taken = super().take(0, most)
        if not taken and wait:
            self.when_empty()
        return taken

    def hold(self, messages: Sequence[Message], seconds: float) -> None:
        super().hold(messages, seconds)
        self.when_held()


@pytest.fixture
def bench() -> Door:
    return Door()


@pytest.fixture
def dead() -> MemoryQueue:
    return MemoryQueue()


@pytest.fixture
def queue(dead: MemoryQueue) -> Queue:
    return Queue(60, dead)


def drop(bench: Door, queue: Queue, count: int) -> set[str]:
    names = {f"p{number:02}" for number in range(count)}
    for number, name in enumerate(sorted(names)):
        bench.drop(f"images/{name}.jpg", jpeg(number))
        queue.send(notification(f"images/{name}.jpg"))
    return names


def run_until_empty(bench: Door, queue: Queue) -> None:
    consumer = Consumer(bench.indexing.settle, queue, pause=0.001)
    queue.when_empty = consumer.end
    with pytest.raises(SystemExit) as ended:
        consumer.run()
    assert ended.value.code == 0


def test_everything_is_indexed_and_deleted(bench: Door, queue: Queue) -> None:
    names = drop(bench, queue, 25)
    run_until_empty(bench, queue)
    assert (bench.found(), len(queue)) == (names, 0)


def test_what_can_not_be_indexed_is_a_dead_letter(
    bench: Door, queue: Queue, dead: MemoryQueue
) -> None:
    names = drop(bench, queue, 3)
    bench.drop("images/bad.jpg", b"no photo")
    queue.send(notification("images/bad.jpg"))
    run_until_empty(bench, queue)
    assert (bench.found(), len(queue)) == (names, 0)
    [letter] = dead.take()
    assert letter.labels["Key"] == "images/bad.jpg"


def test_what_failed_comes_again_when_it_is_held_no_more(bench: Door, queue: Queue) -> None:
    drop(bench, queue, 1)

    def fails(product_id: str) -> None:
        raise BucketUnavailable("The bucket is down.")

    bench.fails = fails
    run_until_empty(bench, queue)
    assert len(queue) == 1
    assert list(queue.take()) == []


def test_a_queue_that_is_away_is_waited_for(bench: Door, queue: Queue) -> None:
    names = drop(bench, queue, 1)
    queue.troubles = iter([Unavailable("The queue can't be used at the moment.")] * 3)
    run_until_empty(bench, queue)
    assert bench.found() == names


def test_messages_are_held_for_as_long_as_a_batch_takes(bench: Door, dead: MemoryQueue) -> None:
    queue = Queue(0.02, dead)
    names = drop(bench, queue, 1)
    held, holds = Event(), iter(range(1, 4))

    def holding() -> None:
        if next(holds, 3) == 3:
            held.set()

    def slow(product_id: str) -> None:
        assert held.wait(30)

    queue.when_held, bench.fails = holding, slow
    run_until_empty(bench, queue)
    assert (bench.found(), len(queue)) == (names, 0)


def test_asked_to_end_it_finishes_what_it_took_and_takes_no_more(bench: Door, queue: Queue) -> None:
    names = drop(bench, queue, 25)
    consumer = Consumer(bench.indexing.settle, queue)
    bench.fails = lambda product_id: consumer.end()
    consumer.run()
    assert bench.found() == set(sorted(names)[:10])
    assert len(queue) == 15


def test_without_the_time_to_finish_it_lets_go_of_the_rest(bench: Door, queue: Queue) -> None:
    names = drop(bench, queue, 10)
    consumer = Consumer(bench.indexing.settle, queue)
    bench.fails = lambda product_id: consumer.end()
    with patch.object(door, "GRACE_SECONDS", 0):
        consumer.run()
    done = bench.found()
    assert 1 <= len(done) < 10
    left = {one.body for one in queue.take()}  # at once, though they were taken for a minute
    assert left == {notification(f"images/{name}.jpg") for name in names - done}


def test_idle_it_ends_at_once(bench: Door, queue: Queue) -> None:
    run_until_empty(bench, queue)
