"""A shop's bucket, the queue of its events and a Lambda that indexes them, made to misbehave.

Two worlds alike: one in memory, where the queue gives what a test wants in the order it wants,
and one on the local AWS, where S3 and SQS are what they are.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from random import Random
from typing import Any

from core.errors import IndexUnavailable
from core.indexing import Indexing
from core.ports import PhotoStore, VectorIndex
from core.stores.memory_cache import MemoryCache
from handlers.aws_batch import answer
from tests.aws_bucket import RECEIVES, AwsBucket
from tests.bucket_messages import batch, notification
from tests.fakes.memory_photos import MemoryPhotos
from tests.fakes.toy_embedder import ToyEmbedder
from tests.photos import jpeg


class Killed(BaseException):
    """The process ended at this very moment."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One call to an index, a bucket or a model that goes wrong."""

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


def _indexing(embedder: Any, index: Any, photos: Any) -> Indexing:
    return Indexing(embedder, index, photos, MemoryCache(), "products")


class World(ABC):
    photos: PhotoStore

    def __init__(self, index: VectorIndex) -> None:
        self.index = index
        self.bucket: dict[str, Content] = {}
        self.restart()

    def restart(self) -> None:
        """A new process: what it knew, but for the index, is lost."""
        self._known: Indexing | None = None

    def indexing(self, fault: Fault | None) -> Indexing:
        """This process's, or another's in which something goes wrong."""
        parts: list[Any] = [ToyEmbedder(), self.index, self.photos]
        if fault is not None:
            calls = count()
            return _indexing(*[Faulty(part, fault, calls) for part in parts])
        self._known = self._known or _indexing(*parts)
        return self._known

    def deliver(self, messages: Sequence[tuple[str, str]], fault: Fault | None) -> set[str]:
        """Give the Lambda these messages; the ids of those that may be deleted."""
        event = batch([body for _, body in messages])
        try:
            told = answer(event, self.indexing(fault), "products", lambda: 900)
        except Killed:
            self.restart()
            return set()
        failed = {one["itemIdentifier"] for one in told["batchItemFailures"]}
        return {id_ for n, (id_, _) in enumerate(messages) if f"m{n}" not in failed}

    def drain(self) -> None:
        """Nothing misbehaves any more, and every message is given out until it is done or dead."""
        while self.turn(10, Random(0), None):
            pass

    def put(self, key: str, content: Content, twice: bool = False) -> None:
        self.bucket[key] = content
        self._put(key, content)
        self._happened(key, twice)

    def delete(self, key: str, twice: bool = False) -> None:
        self.bucket.pop(key, None)
        self.photos.delete(key)
        self._happened(key, twice)

    @abstractmethod
    def turn(self, size: int, order: Random, fault: Fault | None) -> bool:
        """One batch of so many messages at most; False when there are none."""

    @abstractmethod
    def dead(self) -> list[str]:
        """The bodies of the dead letters."""

    @abstractmethod
    def replay(self) -> None:
        """Give the dead letters another life."""

    @abstractmethod
    def _put(self, key: str, content: Content) -> None: ...

    @abstractmethod
    def _happened(self, key: str, twice: bool) -> None: ...


class MemoryWorld(World):
    def __init__(self, index: VectorIndex) -> None:
        self.photos = self._photos = MemoryPhotos()
        self._queue: list[tuple[str, str, int]] = []
        """Id, body, and how often it was given out."""
        self._dead: list[str] = []
        self._ids = map(str, count())
        super().__init__(index)

    def turn(self, size: int, order: Random, fault: Fault | None) -> bool:
        taken = order.sample(self._queue, min(size, len(self._queue)))
        done = self.deliver([(id_, body) for id_, body, _ in taken], fault)
        given = {id_ for id_, _, _ in taken}
        queue = [(i, body, n + (i in given)) for i, body, n in self._queue if i not in done]
        self._dead += [body for _, body, n in queue if n >= RECEIVES]
        self._queue = [one for one in queue if one[2] < RECEIVES]
        return bool(self._queue)

    def dead(self) -> list[str]:
        return list(self._dead)

    def replay(self) -> None:
        self._queue += [(next(self._ids), body, 0) for body in self._dead]
        self._dead = []

    def _put(self, key: str, content: Content) -> None:
        self._photos.put(key, content.data, "application/octet-stream", content.metadata)

    def _happened(self, key: str, twice: bool) -> None:
        for _ in range(1 + twice):
            self._queue.append((next(self._ids), notification(key), 0))


class AwsWorld(World):
    """Events come when and as S3 and SQS give them; a test can shuffle a batch and no more."""

    def __init__(self, index: VectorIndex, on: AwsBucket) -> None:
        self.photos = on.photos
        self._on = on
        self._puts = count()
        self._letters: list[str] = []
        super().__init__(index)

    def turn(self, size: int, order: Random, fault: Fault | None) -> bool:
        taken = self._on.queue.take()
        order.shuffle(taken)
        done = self.deliver([(one.id, one.body) for one in taken], fault)
        self._on.queue.delete([one for one in taken if one.id in done])
        return bool(taken)

    def dead(self) -> list[str]:
        while taken := self._on.dead.take():
            self._letters += [one.body for one in taken]
            self._on.dead.delete(taken)
        return list(self._letters)

    def replay(self) -> None:
        for body in self.dead():
            self._on.queue.send(body)
        self._letters = []

    def _put(self, key: str, content: Content) -> None:
        # S3 tells the time in seconds, so two puts of one content within one would be one.
        mark = b"\n" * next(self._puts) if key.endswith(".json") else b"%d" % next(self._puts)
        self._on.put(key, content.data + mark, content.metadata)

    def _happened(self, key: str, twice: bool) -> None:
        if twice:
            self._on.queue.send(notification(key))
