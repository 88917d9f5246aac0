"""What every Queue does."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Timer

import pytest

from core.errors import Misconfigured
from core.ports import Message, Queue
from tests.aws_bucket import RECEIVES, queues_on
from tests.fakes.memory_queue import MemoryQueue


@dataclass
class Queues:
    queue: Queue
    dead: Queue


def memory(ask: pytest.FixtureRequest, holding: int) -> Queues:
    dead = MemoryQueue()
    return Queues(MemoryQueue(holding, RECEIVES, dead), dead)


def sqs(ask: pytest.FixtureRequest, holding: int) -> Queues:
    queues = queues_on(ask.getfixturevalue("aws"), holding)
    return Queues(queues.queue, queues.dead)


MAKERS: dict[str, Callable[[pytest.FixtureRequest, int], Queues]] = {"memory": memory, "sqs": sqs}


@pytest.fixture(params=MAKERS)
def make(request: pytest.FixtureRequest) -> Callable[[int], Queues]:
    return lambda holding: MAKERS[request.param](request, holding)


@pytest.fixture
def at_once(make: Callable[[int], Queues]) -> Queues:
    """What is taken comes again at once."""
    return make(0)


@pytest.fixture
def held(make: Callable[[int], Queues]) -> Queues:
    """What is taken comes again in a while: too long for a test to wait."""
    return make(60)


def bodies(messages: list[Message]) -> list[str]:
    return [one.body for one in messages]


def test_an_empty_queue_gives_nothing(at_once: Queues) -> None:
    assert list(at_once.queue.take()) == []


def test_what_is_sent_is_given_out_as_it_is(held: Queues) -> None:
    body = '{"key": "images/кружка 🫖/a+b %20.jpg"}\n'
    held.queue.send(body)
    [message] = held.queue.take()
    assert (message.body, message.times, message.labels) == (body, 1, {})
    assert list(held.queue.take()) == []


def test_ten_at_most_or_as_many_as_are_wanted(held: Queues) -> None:
    for number in range(25):
        held.queue.send(str(number))
    taken = [held.queue.take(most=most) for most in (3, 10, 10, 10)]
    assert [len(one) for one in taken] == [3, 10, 10, 2]
    assert sorted(int(one.body) for some in taken for one in some) == list(range(25))


def test_what_is_not_deleted_comes_again_and_is_counted(at_once: Queues) -> None:
    at_once.queue.send("again")
    [first] = at_once.queue.take()
    [again] = at_once.queue.take()
    assert (first.id, first.times) == (again.id, again.times - 1)
    at_once.queue.delete([again])
    assert list(at_once.queue.take()) == []


def test_many_are_deleted(held: Queues) -> None:
    for number in range(25):
        held.queue.send(str(number))
    taken = [one for _ in range(3) for one in held.queue.take()]
    held.queue.delete(taken)
    held.queue.hold(taken, 0)  # which is of no use any more, and no error
    assert list(held.queue.take()) == []
    held.queue.delete([])


def test_what_is_let_go_of_comes_again_at_once(held: Queues) -> None:
    held.queue.send("a")
    taken = held.queue.take()
    held.queue.hold(taken, 0)
    [again] = held.queue.take()
    assert again.times == 2


def test_what_is_held_does_not_come_again_until_then(make: Callable[[int], Queues]) -> None:
    queue = make(1).queue
    assert queue.holding == 1
    queue.send("held")
    held = queue.take()
    queue.hold(held, 60)
    queue.send("not held")
    assert bodies(list(queue.take())) == ["not held"]
    time.sleep(1.1)
    assert bodies(list(queue.take())) == ["not held"]


def test_a_message_is_waited_for(held: Queues) -> None:
    late = Timer(0.3, held.queue.send, ["late"])
    late.start()
    assert bodies(list(held.queue.take(wait=20))) == ["late"]
    late.join()


def test_what_came_too_often_is_a_dead_letter_by_itself(at_once: Queues) -> None:
    at_once.queue.send("bad")
    lasts = []
    while taken := at_once.queue.take():
        lasts.append(at_once.queue.is_last(taken[0]))
    assert lasts == [False] * (RECEIVES - 1) + [True]
    [letter] = at_once.dead.take()
    assert (letter.body, letter.labels) == ("bad", {})


def test_what_is_buried_lies_among_the_dead_with_its_labels(held: Queues) -> None:
    held.queue.send("bad")
    [message] = held.queue.take()
    labels = {"Reason": "кружка.jpg: no photo", "Key": "images/кружка.jpg", "ProductId": ""}
    held.queue.bury(message, labels)
    [letter] = held.dead.take()
    assert letter.body == "bad"
    assert {name: text for name, text in letter.labels.items() if text} == {
        "Reason": "кружка.jpg: no photo",
        "Key": "images/кружка.jpg",
    }
    held.queue.hold([message], 0)  # a copy was buried; it is still to be deleted here
    assert bodies(list(held.queue.take())) == ["bad"]


def test_the_dead_have_no_last_time(at_once: Queues) -> None:
    at_once.dead.send("dead")
    for _ in range(RECEIVES + 2):
        [message] = at_once.dead.take()
        assert not at_once.dead.is_last(message)
        at_once.dead.hold([message], 0)


def test_a_message_is_known_by_the_id_it_was_sent_as(held: Queues) -> None:
    sent = held.queue.send("a")
    [message] = held.queue.take()
    assert message.id == sent


def test_how_many_wait_to_be_taken(held: Queues) -> None:
    for number in range(3):
        held.queue.send(str(number))
    assert held.queue.waiting() == 3
    taken = held.queue.take(most=2)
    assert held.queue.waiting() == 1
    held.queue.hold(taken, 0)
    assert held.queue.waiting() == 3


def test_the_dead_letters_are_a_queue_of_their_own(held: Queues) -> None:
    held.queue.send("bad")
    [message] = held.queue.take()
    held.queue.bury(message, {"Reason": "bad"})
    [letter] = held.queue.dead_letters.take()
    assert (letter.body, letter.labels["Reason"]) == ("bad", "bad")
    with pytest.raises(Misconfigured):
        _ = held.dead.dead_letters
