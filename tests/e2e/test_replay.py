"""`scripts.replay`: dead letters go back to the queue, and none is ever in neither."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.indexing import Indexing
from core.ports import Message
from core.stores.memory_cache import MemoryCache
from handlers.bucket_batch import process
from handlers.bucket_events import changes
from tests.aws import LocalAws
from tests.bucket_messages import notification
from tests.e2e.deployed import Deployed, deployed
from tests.fakes.memory_index import MemoryIndex
from tests.fakes.toy_embedder import ToyEmbedder
from tests.photos import jpeg


@pytest.fixture
def shop(aws: LocalAws, tmp_path: Path) -> Iterator[Deployed]:
    with deployed(aws, tmp_path) as shop:
        while hello := shop.bucket.queue.take():
            shop.bucket.queue.delete(hello)
        yield shop


def bury(shop: Deployed, key: str, reason: str) -> None:
    message = Message(id="m", body=notification(key), receipt="", times=1)
    shop.bucket.queue.bury(message, {"Reason": f"{key}: {reason}", "Key": key})


def keys(messages: list[Message]) -> set[str]:
    """Of the files they tell of."""
    return {change.key for one in messages for change in changes(one.body)}


def waiting(shop: Deployed) -> set[str]:
    """What lies in the queue, taken from it."""
    found: set[str] = set()
    while taken := shop.bucket.queue.take():
        found |= keys(list(taken))
        shop.bucket.queue.delete(taken)
    return found


def dead(shop: Deployed) -> set[str]:
    """What lies among the dead letters and can be had at once, taken from there."""
    found: set[str] = set()
    while taken := shop.bucket.dead.take():
        found |= keys(list(taken))
        shop.bucket.dead.delete(taken)
    return found


@pytest.fixture
def letters(shop: Deployed) -> set[str]:
    bury(shop, "images/shoe-1.jpg", "This is not a JPEG.")
    bury(shop, "images/shoe-2.jpg", "It has too many pixels.")
    bury(shop, "images/mug.jpg", "This is not a JPEG.")
    shop.bucket.dead.send(notification("images/moved.jpg"))  # as SQS moves one
    return {"images/shoe-1.jpg", "images/shoe-2.jpg", "images/mug.jpg", "images/moved.jpg"}


def test_a_dry_run_lists_them_with_their_reasons_and_leaves_them(
    shop: Deployed, letters: set[str]
) -> None:
    told = shop.run("replay", "--dry-run")
    assert told.code == 0, told.err
    assert len(told.out.splitlines()) == 4
    assert "images/shoe-2.jpg: It has too many pixels." in told.out
    assert re.search(r"images/moved\.jpg +no reason was told", told.out)
    assert "4 would be sent back" in told.err
    assert waiting(shop) == set()
    assert dead(shop) == letters  # at once


def test_all_of_them_are_sent_back(shop: Deployed, letters: set[str]) -> None:
    done = shop.run("replay")
    assert done.code == 0, done.err
    assert "4 sent back, 0 left" in done.err
    assert dead(shop) == set()
    assert waiting(shop) == letters
    again = shop.run("replay")
    assert (again.code, "0 sent back, 0 left" in again.err) == (0, True)


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        (["--prefix", "images/shoe-"], {"images/shoe-1.jpg", "images/shoe-2.jpg"}),
        (["--reason", "not a jpeg"], {"images/shoe-1.jpg", "images/mug.jpg"}),
        (["--prefix", "images/shoe-", "--reason", "JPEG"], {"images/shoe-1.jpg"}),
        (["--older-than", "1h"], set()),
        (["--newer-than", "1h", "--prefix", "images/mug"], {"images/mug.jpg"}),
    ],
)
def test_what_a_filter_leaves_is_there_for_others_at_once(
    shop: Deployed, letters: set[str], options: list[str], sent: set[str]
) -> None:
    done = shop.run("replay", *options)
    assert done.code == 0, done.err
    assert waiting(shop) == sent
    assert dead(shop) == letters - sent


def test_stopped_at_any_moment_each_is_in_one_of_the_queues_at_least(shop: Deployed) -> None:
    buried = {f"images/p{number}.jpg" for number in range(60)}
    for key in sorted(buried):
        bury(shop, key, "bad")
    stopped = shop.interrupted("replay", when=lambda: shop.bucket.queue.waiting() > 5)
    assert stopped.code == 130, stopped.err
    assert "all else lies where it lay" in stopped.err
    sent, left = waiting(shop), dead(shop)  # at once, though some had been taken
    assert 5 < len(sent) < 60
    assert sent | left == buried

    for key in sorted(left):
        bury(shop, key, "bad")
    assert shop.run("replay").code == 0
    assert waiting(shop) == left


def test_killed_none_is_lost(shop: Deployed) -> None:
    buried = {f"images/p{number}.jpg" for number in range(60)}
    for key in sorted(buried):
        bury(shop, key, "bad")
    with shop.started("replay") as process:
        while shop.bucket.queue.waiting() <= 5:
            assert process.poll() is None
        process.kill()
    sent = waiting(shop)
    # Some were held by the one that was killed; they come again when their time is over.
    attributes = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    url = shop.bucket.sqs.get_queue_url(QueueName="dead")["QueueUrl"]
    told = shop.bucket.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=attributes)
    left = sum(int(count) for count in told["Attributes"].values())
    assert len(sent) + left >= 60


def test_what_comes_back_at_once_is_told_and_not_sent_again_and_again(shop: Deployed) -> None:
    for number in range(30):
        bury(shop, f"images/p{number}.jpg", "bad")
    with shop.started("replay") as process:
        while process.poll() is None:  # an indexer, for which nothing was put right
            for message in shop.bucket.queue.take():
                [key] = keys([message])
                labels = {"Reason": f"{key}: still bad", "Key": key, "FirstMessageId": message.id}
                shop.bucket.queue.bury(message, labels)
                shop.bucket.queue.delete([message])
        out, err = process.communicate()
    assert process.returncode == 1, err
    assert "30 sent back" in err
    assert "came back" in err
    assert "still bad" in out


def test_what_was_put_right_is_found_after_the_replay(shop: Deployed) -> None:
    index = MemoryIndex(ToyEmbedder.model, ToyEmbedder.dimension)
    parts = ToyEmbedder(), index, shop.bucket.photos, MemoryCache()

    def drain() -> None:
        while taken := shop.bucket.queue.take():
            look = Indexing(*parts, "products").settle
            process(look, taken, shop.bucket.queue, lambda: 900)
            shop.bucket.queue.delete(taken)

    shop.bucket.put("images/mug.jpg", b"no photo")
    drain()
    told = shop.run("replay", "--dry-run")
    assert "images/mug.jpg: " in told.out
    shop.bucket.photos.put("images/mug.jpg", jpeg(1), "image/jpeg")
    while taken := shop.bucket.queue.take():
        shop.bucket.queue.delete(taken)  # the event of that was lost
    assert shop.run("replay", "--prefix", "images/mug").code == 0
    drain()
    assert index.get("mug") is not None
    assert dead(shop) == set()


def test_without_a_queue_or_a_place_for_the_dead_it_says_so(shop: Deployed, aws: LocalAws) -> None:
    nothing = shop.run("replay", INDEX_QUEUE_URL="")
    assert nothing.code == 2
    assert "INDEX_QUEUE_URL" in nothing.err
    alone = shop.bucket.sqs.create_queue(QueueName="alone")["QueueUrl"]
    no_place = shop.run("replay", INDEX_QUEUE_URL=alone)
    assert no_place.code == 2
    assert "RedrivePolicy" in no_place.err
