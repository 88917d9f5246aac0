"""A queue of SQS: what is taken from it comes back after a while, unless it is deleted."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from core.errors import Unavailable
from core.stores.aws import connect

log = logging.getLogger(__name__)

MOST = 10
"""Messages a call, by SQS's own limit."""
LONGEST_WAIT = 20


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that is ours for the queue's visibility timeout."""

    id: str
    body: str
    receipt: str


class SqsQueue:
    def __init__(self, client: Any, url: str) -> None:
        self._client = client
        self._url = url

    @classmethod
    def connect(cls, url: str) -> SqsQueue:
        return cls(connect("sqs", waiting=LONGEST_WAIT), url)

    def take(self, wait: int = 0) -> list[Taken]:
        """At most ten messages; with none there, one is waited for, so many seconds."""
        with self._asking():
            answer = self._client.receive_message(
                QueueUrl=self._url, MaxNumberOfMessages=MOST, WaitTimeSeconds=wait
            )
        return [
            Taken(one["MessageId"], one["Body"], one["ReceiptHandle"])
            for one in answer.get("Messages", ())
        ]

    def delete(self, messages: Sequence[Taken]) -> None:
        """Done with. Those that can't be deleted come again, which harms nothing."""
        if not messages:
            return
        entries = [
            {"Id": str(number), "ReceiptHandle": message.receipt}
            for number, message in enumerate(messages)
        ]
        with self._asking():
            answer = self._client.delete_message_batch(QueueUrl=self._url, Entries=entries)
        for failed in answer.get("Failed", ()):
            log.warning("a message could not be deleted: %s", failed.get("Message"))

    def send(self, body: str) -> None:
        with self._asking():
            self._client.send_message(QueueUrl=self._url, MessageBody=body)

    def move_to(self, other: SqsQueue) -> int:
        """Send everything that lies here to another queue: how a dead-letter queue is replayed.

        Killed in between, a message may lie in both, but never in none.
        """
        moved = 0
        while messages := self.take():
            for message in messages:
                other.send(message.body)
                self.delete([message])
                moved += 1
        return moved

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except (BotoCoreError, ClientError) as error:
            log.error("the queue %s: %s", self._url, error)
            raise Unavailable("The queue can't be used at the moment.") from error
