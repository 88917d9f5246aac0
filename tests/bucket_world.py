"""A shop's bucket, the queue of its events and a Lambda that indexes them, made to misbehave.

Two worlds alike: one in memory, where the queue gives what a test wants in the order it wants,
and one on the local AWS, where S3 and SQS are what they are.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from random import Random
from typing import Any

from core.errors import IndexUnavailable
from core.indexing import Indexing
from core.ports import Cache, Message, PhotoStore, Queue, VectorIndex
from core.stores.memory_cache import MemoryCache
from handlers.aws_batch import answer
from tests.aws_bucket import RECEIVES, AwsBucket
from tests.bucket_messages import batch, notification
from tests.fakes.memory_photos import MemoryPhotos
from tests.fakes.memory_queue import MemoryQueue
from tests.fakes.toy_embedder import ToyEmbedder
from tests.photos import jpeg


class Killed(BaseException):
    """The process ended at this very moment."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One call to an index, a bucket, a cache, a queue or a model that goes wrong."""

    call: int
    error: type[BaseException] = IndexUnavailable
    after: bool = False
    """The call did what it should, and its caller never learnt of it."""


class Faulty:
    """Passes every call on, but one."""

    def __init__(self, real: Any, fault: Fault, calls: count[int]) -> None:
        self._real, self._fault, self._calls = real, fault, calls

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        if not callable(found):
            return found

        def call(*args: Any, **named: Any) -> Any:
            wrong = next(self._calls) == self._fault.call
            if wrong and not self._fault.after:
                raise self._fault.error("injected")
            result = found(*args, **named)
            if wrong:
                raise self._fault.error("injected")
            return result

        return call


@dataclass(frozen=True, slots=True)
class Content:
    """What is put under a key, and what a shopper should get to know of it."""

    data: bytes = field(repr=False)
    metadata: Mapping[str, str]
    says: Mapping[str, Any]
    usable: bool = True
    facts_usable: bool = True


def photo(number: int, metadata: Mapping[str, str] | None = None, **says: Any) -> Content:
    return Content(jpeg(number, (24, 24)), metadata or {}, says)


def unusable(content: Content) -> Content:
    """What claims to be this photo and is none."""
    return replace(content, data=b"no photo", says={}, usable=False)


def sidecar(**says: Any) -> Content:
    return Content(json.dumps(says).encode(), {}, says)


def broken_facts(content: Content) -> Content:
    """The same, but that what it says of the product can't be understood."""
    if content.metadata:
        return replace(content, metadata={"price": "cheap"}, says={}, facts_usable=False)
    return replace(content, data=b'{"price": "cheap"}', says={}, facts_usable=False)


class World(ABC):
    photos: PhotoStore
    queue: Queue
    dead: Queue
    buries_alone = True
    """No good message lies among the dead letters for the sake of a bad one."""

    def __init__(self, index: VectorIndex) -> None:
        self.index = index
        self.cache: Cache = MemoryCache()
        """Shared by every process, as a table is."""
        self.bucket: dict[str, Content] = {}
        self._letters: list[Message] = []
        self.restart()

    def restart(self) -> None:
        """A new process: what it knew, but for the index and the cache, is lost."""
        self._known: Indexing | None = None

    def turn(self, size: int, order: Random, fault: Fault | None) -> bool:
        """One batch of so many messages at most for the Lambda; False when there are none."""
        self._shuffle(order)
        taken = list(self.queue.take(most=size))
        if not taken:
            return False
        order.shuffle(taken)
        indexing, queue = self._process(fault)
        try:
            self._deliver(taken, indexing, queue)
        except Killed:
            self.restart()
        return True

    def _deliver(self, taken: list[Message], indexing: Indexing, queue: Queue) -> None:
        told = answer(batch(taken), indexing.settle, queue, "products", lambda: 900)
        failed = {one["itemIdentifier"] for one in told["batchItemFailures"]}
        self.queue.delete([one for one in taken if one.id not in failed])

    def _process(self, fault: Fault | None) -> tuple[Indexing, Queue]:
        """This one, or another in which something goes wrong."""
        parts: list[Any] = [ToyEmbedder(), self.index, self.photos, self.cache, self.queue]
        if fault is not None:
            calls = count()
            embedder, index, photos, cache, queue = (Faulty(one, fault, calls) for one in parts)
            return Indexing(embedder, index, photos, cache, "products"), queue
        embedder, index, photos, cache, queue = parts
        self._known = self._known or Indexing(embedder, index, photos, cache, "products")
        return self._known, queue

    def drain(self) -> None:
        """Nothing misbehaves any more, and every message is given out until it is done or dead."""
        while self.turn(10, Random(0), None):
            pass

    def shop(self, look: Callable[[], Any]) -> bytes | None:
        """What a shopper is told, of whom nobody knows but the cache; None when that is the truth
        at this moment."""
        found = self.cache.get("answer", "products")
        if found.value is None:
            made = json.dumps(look(), default=repr).encode()
            self.cache.put("answer", made, 900, "products", found.generation)
        return found.value

    def letters(self) -> list[Message]:
        """The dead letters."""
        while taken := self.dead.take():
            self._letters += taken
            self.dead.delete(taken)
        return list(self._letters)

    def replay(self) -> None:
        """Give the dead letters another life."""
        for letter in self.letters():
            self.queue.send(letter.body)
        self._letters = []

    def put(self, key: str, content: Content, twice: bool = False) -> None:
        self.bucket[key] = content
        self._put(key, content)
        self._happened(key, twice)

    def delete(self, key: str, twice: bool = False) -> None:
        self.bucket.pop(key, None)
        self.photos.delete(key)
        self._happened(key, twice)

    @abstractmethod
    def _shuffle(self, order: Random) -> None:
        """Messages come in any order."""

    @abstractmethod
    def _put(self, key: str, content: Content) -> None: ...

    @abstractmethod
    def _happened(self, key: str, twice: bool) -> None: ...


class MemoryWorld(World):
    def __init__(self, index: VectorIndex) -> None:
        self.photos = self._photos = MemoryPhotos()
        self.dead = MemoryQueue()
        self.queue = self._queue = MemoryQueue(most=RECEIVES, dead=self.dead)
        super().__init__(index)

    def _shuffle(self, order: Random) -> None:
        self._queue.shuffle(order)

    def _put(self, key: str, content: Content) -> None:
        self._photos.put(key, content.data, "application/octet-stream", content.metadata)

    def _happened(self, key: str, twice: bool) -> None:
        for _ in range(1 + twice):
            self.queue.send(self._told(key))

    def _told(self, key: str) -> str:
        return notification(key)


class AwsWorld(World):
    def __init__(self, index: VectorIndex, on: AwsBucket) -> None:
        self.photos, self.queue, self.dead = on.photos, on.queue, on.dead
        self._on = on
        self._puts = count()
        super().__init__(index)

    def _shuffle(self, order: Random) -> None:
        """Events come when and as S3 and SQS give them."""

    def _put(self, key: str, content: Content) -> None:
        # S3 tells the time in seconds, so two puts of one content within one would be one.
        mark = b"\n" * next(self._puts) if key.endswith(".json") else b"%d" % next(self._puts)
        self._on.put(key, content.data + mark, content.metadata)

    def _happened(self, key: str, twice: bool) -> None:
        if twice:
            self.queue.send(notification(key))
