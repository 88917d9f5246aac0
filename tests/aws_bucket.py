"""A bucket on the local AWS, and the queues its events go through, as a deployed shop has them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from core.bucket import IMAGES
from core.feeds import FEEDS
from core.stores import aws as ours
from core.stores.s3 import S3Photos
from core.stores.sqs import SqsQueue
from tests.aws import REGION, LocalAws

BUCKET = "shop"
RECEIVES = 3
"""How often a message is given out before it goes to the dead-letter queue."""
_EVENTS = {
    IMAGES: ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"],
    FEEDS: ["s3:ObjectCreated:*"],
}


@dataclass(frozen=True, slots=True)
class AwsBucket:
    photos: S3Photos
    queue: SqsQueue
    dead: SqsQueue
    queue_url: str
    s3: Any
    """A client, for what a shop does with its bucket and we never do."""
    sqs: Any

    def send_back(self) -> int:
        """Every dead letter that can be had, to the queue; how many they were."""
        letters = self.dead.take()
        for letter in letters:
            self.queue.send(letter.body)
        self.dead.delete(letters)
        return len(letters)

    def put(self, key: str, data: bytes, metadata: Mapping[str, str] | None = None) -> None:
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=data, Metadata=dict(metadata or {}))

    def messages(self) -> int:
        """How many there are in the queue: waiting, given out, and not yet due."""
        return self._count("", "NotVisible", "Delayed")

    def given_out(self) -> int:
        return self._count("NotVisible")

    def _count(self, *states: str) -> int:
        names = [f"ApproximateNumberOfMessages{state}" for state in states]
        told = self.sqs.get_queue_attributes(QueueUrl=self.queue_url, AttributeNames=names)
        return sum(int(told["Attributes"][name]) for name in names)


@cache
def _client(service: str, url: str) -> Any:
    """Ours, made once a run: to make a client takes longer than most tests."""
    return ours.connect(service)


def photos_on(aws: LocalAws) -> S3Photos:
    s3 = _client("s3", aws.url)
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    return S3Photos(s3, BUCKET, "https://photos.example")


@dataclass(frozen=True, slots=True)
class AwsQueues:
    queue: SqsQueue
    dead: SqsQueue
    url: str
    arn: str


def queues_on(aws: LocalAws, holding: int = 0, receives: int = RECEIVES) -> AwsQueues:
    """The events' queue and its dead-letter queue. What fails comes again after `holding`."""
    sqs = _client("sqs", aws.url)
    dead, dead_arn = _queue(sqs, "dead", {})
    redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": receives})
    terms = {"VisibilityTimeout": str(holding), "RedrivePolicy": redrive}
    url, arn = _queue(sqs, "events", terms)
    return AwsQueues(SqsQueue(sqs, url), SqsQueue(sqs, dead), url, arn)


def bucket_on(aws: LocalAws, holding: int = 0, receives: int = RECEIVES) -> AwsBucket:
    """The bucket with its events delivered."""
    photos, s3, queues = photos_on(aws), _client("s3", aws.url), queues_on(aws, holding, receives)
    s3.put_bucket_notification_configuration(
        Bucket=BUCKET,
        NotificationConfiguration={
            "QueueConfigurations": [
                {
                    "QueueArn": queues.arn,
                    "Events": events,
                    "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": prefix}]}},
                }
                for prefix, events in _EVENTS.items()
            ]
        },
    )
    return AwsBucket(photos, queues.queue, queues.dead, queues.url, s3, _client("sqs", aws.url))


def _queue(sqs: Any, name: str, attributes: dict[str, str]) -> tuple[str, str]:
    """Its address and its name among all resources."""
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return url, told["Attributes"]["QueueArn"]
