"""A queue of SQS, and the dead-letter queue that its redrive policy names."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import msgspec
from botocore.exceptions import ClientError

from core.errors import Misconfigured, Unavailable
from core.ports import Message
from core.stores.aws import NO_ANSWER, connect

log = logging.getLogger(__name__)

LONGEST_WAIT = 20
_MOST = 10
"""Messages a call, by SQS's own limit."""
_LONGEST_LABEL = 2000
_NOT_IN_A_LABEL = re.compile(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _Terms(msgspec.Struct, frozen=True):
    """What the queue's owner decided."""

    visibility: int
    most_receives: int | None
    dead_letters: str | None
    """The name of the dead-letter queue among all resources; None without one."""


class SqsQueue:
    """A Queue. Of what it needs to know of itself it asks once, when that is first of use."""

    def __init__(self, client: Any, url: str) -> None:
        self._client = client
        self._url = url

    @classmethod
    def connect(cls, url: str) -> SqsQueue:
        return cls(connect("sqs", waiting=LONGEST_WAIT), url)

    @property
    def holding(self) -> float:
        return self._terms.visibility

    def take(self, wait: int = 0, most: int = _MOST) -> list[Message]:
        with self._asking():
            answer = self._client.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=most,
                WaitTimeSeconds=wait,
                AttributeNames=["ApproximateReceiveCount", "SentTimestamp"],
                MessageAttributeNames=["All"],
            )
            return [_message(one) for one in answer.get("Messages", ())]

    def delete(self, messages: Sequence[Message]) -> None:
        self._each(self._client.delete_message_batch, messages)

    def hold(self, messages: Sequence[Message], seconds: float) -> None:
        self._each(
            self._client.change_message_visibility_batch, messages, VisibilityTimeout=int(seconds)
        )

    def is_last(self, message: Message) -> bool:
        most = self._terms.most_receives
        return most is not None and message.times >= most

    def bury(self, message: Message, labels: Mapping[str, str]) -> None:
        with self._asking():
            self._client.send_message(
                QueueUrl=self.dead_letters._url,
                MessageBody=message.body,
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": _label(text)}
                    for name, text in labels.items()
                    if text  # SQS knows no empty ones
                },
            )

    def send(self, body: str) -> str:
        with self._asking():
            sent = self._client.send_message(QueueUrl=self._url, MessageBody=body)
            message_id: str = sent["MessageId"]
        return message_id

    def waiting(self) -> int:
        name = "ApproximateNumberOfMessages"
        with self._asking():
            told = self._client.get_queue_attributes(QueueUrl=self._url, AttributeNames=[name])
            return int(told["Attributes"][name])

    @cached_property
    def _terms(self) -> _Terms:
        with self._asking():
            told = self._client.get_queue_attributes(
                QueueUrl=self._url, AttributeNames=["VisibilityTimeout", "RedrivePolicy"]
            )["Attributes"]
            redrive = json.loads(told.get("RedrivePolicy", "{}"))
            most = redrive.get("maxReceiveCount")
            return _Terms(
                visibility=int(told["VisibilityTimeout"]),
                most_receives=int(most) if most is not None else None,
                dead_letters=redrive.get("deadLetterTargetArn"),
            )

    @cached_property
    def dead_letters(self) -> SqsQueue:
        if self._terms.dead_letters is None:
            raise Misconfigured(
                f"The queue {self._url} has no dead-letter queue: give it a RedrivePolicy."
            )
        *_, account, name = self._terms.dead_letters.split(":")
        with self._asking():
            url: str = self._client.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)[
                "QueueUrl"
            ]
        return SqsQueue(self._client, url)

    def _each(self, ask: Callable[..., Any], messages: Sequence[Message], **said: Any) -> None:
        """One of the calls that take several messages at once. That one failed is no error: it
        comes again, which harms nothing."""
        for start in range(0, len(messages), _MOST):
            entries = [
                {"Id": str(number), "ReceiptHandle": message.receipt, **said}
                for number, message in enumerate(messages[start : start + _MOST])
            ]
            with self._asking():
                answer = ask(QueueUrl=self._url, Entries=entries)
            for failed in answer.get("Failed", ()):
                log.warning("the queue %s refused: %s", self._url, failed.get("Message"))

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except (ClientError, *NO_ANSWER) as error:
            log.error("the queue %s: %r", self._url, error)
            raise Unavailable("The queue can't be used at the moment.") from error


def _message(told: Mapping[str, Any]) -> Message:
    return Message(
        id=told["MessageId"],
        body=told["Body"],
        receipt=told["ReceiptHandle"],
        times=int(told["Attributes"]["ApproximateReceiveCount"]),
        sent=int(told["Attributes"].get("SentTimestamp", 0)) / 1000,
        labels={
            name: one["StringValue"]
            for name, one in told.get("MessageAttributes", {}).items()
            if "StringValue" in one
        },
    )


def _label(text: str) -> str:
    """The text as far as SQS carries it. Keys may have characters that it refuses."""
    return _NOT_IN_A_LABEL.sub("\ufffd", text)[:_LONGEST_LABEL]
