"""A shop's back office that sends webhooks."""

from __future__ import annotations

import json
from time import time
from typing import Any
from uuid import uuid4

import msgspec
from starlette.testclient import TestClient

from handlers.api import create_app
from handlers.endpoint import API
from handlers.shop import Shop
from handlers.signatures import signature

SECRET, NEXT_SECRET = "the-secret-of-the-shop", "the-secret-to-come-of-it"
SOURCES = (("shop", SECRET), ("shop", NEXT_SECRET), ("erp", "the-secret-of-the-erp"))
LAMP = {"id": "lamp", "name": "Brass lamp", "price": 79}


def client_of(shop: Shop, **settings: Any) -> TestClient:
    told = msgspec.structs.replace(shop.settings, webhook_secrets=SOURCES, **settings)
    app = create_app(msgspec.structs.replace(shop, settings=told))
    return TestClient(app, base_url="http://shop" + API)


def send(
    client: TestClient,
    event: str = "product.created",
    data: Any = LAMP,
    *,
    source: str = "shop",
    body: bytes | None = None,
    secret: str = SECRET,
    off: int = 0,
    **headers: str,
) -> Any:
    body = json.dumps({"event": event, "data": data}).encode() if body is None else body
    now = str(int(time()) + off)
    signed = {
        "x-webhook-timestamp": now,
        "x-webhook-id": uuid4().hex,
        "x-webhook-signature": signature(secret, now, body),
    }
    signed |= {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(f"/webhooks/{source}", content=body, headers=signed)


def name_of(client: TestClient) -> str | None:
    found = client.get("/products/lamp")
    return found.json()["name"] if found.status_code == 200 else None
