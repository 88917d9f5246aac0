"""Messages as a bucket's queue gives them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote_plus

from core.ports import Message


def record(key: str, name: str = "ObjectCreated:Put", at: str = "2026-11-21T10:00:00.000Z") -> Any:
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "eu-west-1",
        "eventTime": at,
        "eventName": name,
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "likeness",
            "bucket": {"name": "shop", "arn": "arn:aws:s3:::shop"},
            "object": {"key": quote_plus(key), "size": 9, "eTag": "0" * 32, "sequencer": "0A"},
        },
    }


def notification(*keys: str, name: str = "ObjectCreated:Put") -> str:
    return json.dumps({"Records": [record(key, name) for key in keys]})


def messages(bodies: Sequence[str], times: int = 1) -> list[Message]:
    """m0, m1, ..., each given out so many times."""
    return [
        Message(f"m{number}", body, f"handle {number}", times) for number, body in enumerate(bodies)
    ]


def batch(of: Iterable[Message]) -> dict[str, Any]:
    """What Lambda is called with."""
    return {
        "Records": [
            {
                "messageId": one.id,
                "receiptHandle": one.receipt,
                "body": one.body,
                "attributes": {"ApproximateReceiveCount": str(one.times)},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:events",
                "awsRegion": "eu-west-1",
            }
            for one in of
        ]
    }
