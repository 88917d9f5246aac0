"""Events that come as requests: what they wait for, and what ends with the shop."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from threading import Event, Thread
from time import sleep

import pytest

from core import budget
from core.errors import Unavailable
from core.indexing import Settled
from core.ports import Message
from handlers import listening as door
from handlers.listening import Listening
from tests.blob_messages import EVENT_GRID, event

FEED = "feeds/all.csv"
WELL = Settled(changed=True, rejected=())


class Feeds:
    """A feed that takes until it may end, or until it is no longer to go on."""

    def __init__(self) -> None:
        self.may_end = Event()
        self.began: list[str] = []
        self.ended: list[str] = []

    def settle(self, subject: str, goes_on: Callable[[], bool]) -> Settled:
        if subject != FEED:
            return WELL
        self.began.append(subject)
        while not self.may_end.is_set():
            if not goes_on():
                self.ended.append("early")
                raise Unavailable("The rest is to come.")
            sleep(0.001)
        self.ended.append("well")
        return WELL


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "_FEED_SECONDS", 0.05)


@pytest.fixture
def feeds() -> Feeds:
    return Feeds()


@pytest.fixture
def listening(feeds: Feeds) -> Iterator[Listening]:
    with closing(Listening(feeds.settle)) as listening:
        yield listening


def told(listening: Listening, *keys: str) -> dict[str, str]:
    """What of it has to be told again, by key."""
    bodies = {key: json.dumps(event(EVENT_GRID, key)) for key in keys}
    messages = [Message(key, text, "", 1) for key, text in bodies.items()]
    return asyncio.run(listening.work(messages)).failed


def test_a_feed_is_begun_once_and_put_off_until_it_is_done(
    listening: Listening, feeds: Feeds
) -> None:
    for _ in range(3):
        assert list(told(listening, FEED)) == [FEED]
    assert feeds.began == [FEED]
    feeds.may_end.set()
    while told(listening, FEED):
        pass
    assert len(feeds.began) >= 2  # the first may not have seen what the last event told of


def test_photos_do_not_wait_for_a_feed(listening: Listening) -> None:
    assert list(told(listening, FEED, "images/mug.jpg")) == [FEED]
    assert told(listening, "images/mug.jpg") == {}


def test_what_goes_wrong_with_a_feed_is_told_and_it_can_be_tried_again(
    listening: Listening, feeds: Feeds, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(subject: str, goes_on: Callable[[], bool]) -> Settled:
        raise Unavailable("The index is away.")

    with monkeypatch.context() as patch:
        patch.setattr(listening, "_settle", broken)
        assert told(listening, FEED) == {FEED: "The index is away."}
    feeds.may_end.set()
    assert told(listening, FEED) == {}


def test_at_the_end_a_feed_is_left_where_it_is(listening: Listening, feeds: Feeds) -> None:
    assert told(listening, FEED)
    listening.close()
    assert feeds.ended == ["early"]


def test_no_look_is_begun_for_whom_there_is_no_time() -> None:
    looks: list[str] = []

    def settle(subject: str, goes_on: Callable[[], bool]) -> Settled:
        looks.append(subject)
        sleep(1.2)
        return WELL

    def in_time() -> None:
        budget.waits(2.0)
        keys = [f"images/{number}.jpg" for number in range(20)]
        with closing(Listening(settle)) as listening:
            failed.update(told(listening, *keys))

    failed: dict[str, str] = {}
    thread = Thread(target=in_time)  # whose time is its own
    thread.start()
    thread.join()
    assert 0 < len(looks) < 20 and len(failed) == 20 - len(looks)
    assert set(failed.values()) == {"There was no time left for it."}
