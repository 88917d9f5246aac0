"""Events of Blob storage, as Event Grid sends them in each of its schemas."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote
from uuid import uuid4

EVENT_GRID, CLOUD_EVENTS = "Event Grid's", "CloudEvents"
SCHEMAS = [EVENT_GRID, CLOUD_EVENTS]
ACCOUNT = "https://myshop.blob.core.windows.net"
AT = "2026-11-21T10:00:00.1234567Z"
TOPIC = (
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/shop/providers/"
    "Microsoft.Storage/storageAccounts/myshop"
)


def subject(key: str) -> str:
    return f"/blobServices/default/containers/photos/blobs/{key}"


def address(key: str) -> str:
    return f"{ACCOUNT}/photos/{quote(key)}"


def event(schema: str, key: str, kind: str = "BlobCreated", **data: Any) -> dict[str, Any]:
    """The storage's own account of it is the same in both."""
    told = data or {
        "api": "DeleteBlob" if kind == "BlobDeleted" else "PutBlob",
        "clientRequestId": str(uuid4()),
        "requestId": str(uuid4()),
        "eTag": "0x8D4BCC2E4835CD0",
        "contentType": "image/jpeg",
        "contentLength": 524288,
        "blobType": "BlockBlob",
        "url": address(key),
        "sequencer": "00000000000004420000000000028963",
        "storageDiagnostics": {"batchId": str(uuid4())},
    }
    return wrapped(schema, f"Microsoft.Storage.{kind}", subject(key), told)


def wrapped(schema: str, kind: str, about: str, data: Any) -> dict[str, Any]:
    if schema == CLOUD_EVENTS:
        return {
            "source": TOPIC,
            "subject": about,
            "type": kind,
            "time": AT,
            "id": str(uuid4()),
            "specversion": "1.0",
            "data": data,
        }
    return {
        "topic": TOPIC,
        "subject": about,
        "eventType": kind,
        "eventTime": AT,
        "id": str(uuid4()),
        "data": data,
        "dataVersion": "",
        "metadataVersion": "1",
    }


def body(schema: str, events: Sequence[Any]) -> bytes:
    """Event Grid's own come in a list, be it of one; a CloudEvent that is alone comes bare."""
    bare = schema == CLOUD_EVENTS and len(events) == 1
    return json.dumps(events[0] if bare else events).encode()
