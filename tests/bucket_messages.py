"""Messages as a bucket's queue gives them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote_plus


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


def batch(bodies: Sequence[str]) -> dict[str, Any]:
    """What Lambda is called with; the messages are m0, m1, ..."""
    return {
        "Records": [
            {
                "messageId": f"m{number}",
                "receiptHandle": f"handle {number}",
                "body": body,
                "attributes": {"ApproximateReceiveCount": "1"},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:events",
                "awsRegion": "eu-west-1",
            }
            for number, body in enumerate(bodies)
        ]
    }
