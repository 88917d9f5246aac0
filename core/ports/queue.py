"""Messages that come again until they are done with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec


class Message(msgspec.Struct, frozen=True):
    """A message of a queue, ours for a while."""

    id: str
    body: str
    receipt: str
    """By which it is deleted or held; another one each time it is given out."""
    times: int
    """How often it was given out, this time included."""
    labels: Mapping[str, str] = {}
    """What was said of it as it was buried; empty for one that was not."""
    sent: float = 0.0
    """When it was put here, in seconds since the epoch; 0 where that is not told."""


class Queue(Protocol):
    """Messages that come again until they are deleted. One that came too often ends in a second
    queue, that of the dead letters. All calls raise Unavailable when the queue does not answer.
    """

    @property
    def holding(self) -> float:
        """For how many seconds a message is ours once it is taken."""
        ...

    def take(self, wait: int = 0, most: int = 10) -> Sequence[Message]:
        """At most ten messages; with none there, one is waited for, so many seconds."""
        ...

    def delete(self, messages: Sequence[Message]) -> None:
        """Done with. Those that can't be deleted come again."""
        ...

    def hold(self, messages: Sequence[Message], seconds: float) -> None:
        """Ours for so many seconds from now on; with none, they come again at once."""
        ...

    def is_last(self, message: Message) -> bool:
        """Whether it was given out for the last time: not deleted, it becomes a dead letter."""
        ...

    def bury(self, message: Message, labels: Mapping[str, str]) -> None:
        """Put a copy among the dead letters, its body as it is, with what there is to say of it.
        Raises Misconfigured where there is no place for dead letters."""
        ...

    def send(self, body: str) -> str:
        """The id of the message, as which it is given out."""
        ...

    def waiting(self) -> int:
        """About how many messages lie here, to be taken."""
        ...

    @property
    def dead_letters(self) -> Queue:
        """Raises Misconfigured where there is no place for them."""
        ...
