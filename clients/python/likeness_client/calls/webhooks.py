"""Events of a shop's back office, signed with the secret that it shares with the service."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from hashlib import sha256
from time import time
from typing import Literal
from urllib.parse import quote
from uuid import uuid4

from likeness_client.answers import Receipt, WebhooksHealth
from likeness_client.call import JSON, Answer, Call, encoded, sent

Event = Literal["product.created", "product.updated", "product.deleted", "product.image.updated"]


def send_event(
    source: str,
    secret: str,
    event: Event,
    data: Mapping[str, object],
    *,
    event_id: str | None = None,
) -> Call[Receipt]:
    """Tell of a product that was created, updated or deleted. Who keeps an event to send it again
    later names it, so that it is worked once however often it is sent."""
    body = encoded({"event": event, "data": data})
    named = event_id or uuid4().hex

    def headers() -> dict[str, str]:
        now = str(int(time()))
        return {
            **JSON,
            "X-Webhook-Id": named,
            "X-Webhook-Timestamp": now,
            "X-Webhook-Signature": signature(secret, now, body),
        }

    return sent("POST", f"/webhooks/{quote(source, safe='')}", body, _receipt, headers=headers)


def send_test_event(event: Event, data: Mapping[str, object]) -> Call[Receipt]:
    """The same without a signature, where the service allows it."""
    headers = {**JSON, "X-Webhook-Id": uuid4().hex}
    body = {"event": event, "data": data}
    return sent("POST", "/webhooks/test", body, _receipt, headers=lambda: headers)


def webhooks_health() -> Call[WebhooksHealth]:
    """Can an event be worked, and how many may send them?"""

    def read(answer: Answer) -> WebhooksHealth:
        return WebhooksHealth.told(answer.fields(), answer.at)

    return Call(method="GET", path="/webhooks/health", read=read)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Of one try: the moment is part of what is signed."""
    signed = timestamp.encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), signed, sha256).hexdigest()


def _receipt(answer: Answer) -> Receipt:
    return Receipt.told(answer.fields(), answer.at)
