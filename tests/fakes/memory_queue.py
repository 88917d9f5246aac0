"""A queue that lives in memory, and tells the time by whatever clock it is given."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from random import Random
from threading import Condition

from msgspec.structs import replace

from core.errors import Misconfigured
from core.ports import Message


@dataclass(slots=True)
class _Held:
    message: Message
    until: float = 0.0


@dataclass
class MemoryQueue:
    """A Queue. `dead` is where messages go that were given out `most` times."""

    holding: float = 0.0
    most: int | None = None
    dead: MemoryQueue | None = None
    clock: Callable[[], float] = time.monotonic
    _held: dict[str, _Held] = field(default_factory=dict)
    _ids: count[int] = field(default_factory=count)
    _changed: Condition = field(default_factory=Condition)

    def take(self, wait: int = 0, most: int = 10) -> list[Message]:
        ends = time.monotonic() + wait
        with self._changed:
            while not (taken := self._taken(most)) and time.monotonic() < ends:
                self._changed.wait(0.01)
        return taken

    def delete(self, messages: Sequence[Message]) -> None:
        with self._changed:
            for one in messages:
                self._held.pop(one.id, None)

    def hold(self, messages: Sequence[Message], seconds: float) -> None:
        with self._changed:
            for one in messages:
                if one.id in self._held:
                    self._held[one.id].until = self.clock() + seconds

    def is_last(self, message: Message) -> bool:
        return self.most is not None and message.times >= self.most

    def bury(self, message: Message, labels: Mapping[str, str]) -> None:
        self.dead_letters.put(message.body, labels)

    def send(self, body: str) -> str:
        return self.put(body)

    def waiting(self) -> int:
        with self._changed:
            now = self.clock()
            return sum(held.until <= now for held in self._held.values())

    @property
    def dead_letters(self) -> MemoryQueue:
        if self.dead is None:
            raise Misconfigured("The queue has no dead-letter queue.")
        return self.dead

    def put(self, body: str, labels: Mapping[str, str] | None = None) -> str:
        with self._changed:
            id_ = f"m{next(self._ids)}"
            self._held[id_] = _Held(Message(id_, body, "", 0, labels or {}))
            self._changed.notify_all()
            return id_

    def shuffle(self, order: Random) -> None:
        """Messages are given out in another order from now on: nobody promised one."""
        with self._changed:
            self._held = dict(order.sample(list(self._held.items()), len(self._held)))

    def __len__(self) -> int:
        return len(self._held)

    def _taken(self, most: int) -> list[Message]:
        now = self.clock()
        taken: list[Message] = []
        for id_, held in list(self._held.items()):
            if held.until > now:
                continue
            if self.is_last(held.message) and self.dead is not None:
                del self._held[id_]
                self.dead.put(held.message.body)
                continue
            if len(taken) == most:
                break
            times = held.message.times + 1
            held.message = replace(held.message, times=times, receipt=f"{id_} {times}")
            held.until = now + self.holding
            taken.append(held.message)
        return taken
