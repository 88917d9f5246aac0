"""The client against what the service says of itself, docs/openapi.json."""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from typing import Any

from likeness_client import calls
from likeness_client.call import Call

from handlers.signatures import signature
from tests.e2e.running import ROOT

_API = "/api/v1"
_SAMPLES: dict[str, tuple[Any, ...]] = {
    "change_product": ("a/b",),
    "collections": (),
    "create_product": ("a",),
    "delete_product": ("a/b",),
    "detailed_health": (),
    "embed_photo": (b"photo",),
    "embed_text": ("mug",),
    "embed_texts": (["mug"],),
    "health": (),
    "hits": ("mug",),
    "metrics": (),
    "product": ("a/b",),
    "products": (),
    "put_product": ("a/b",),
    "put_products": ([{"id": "a"}],),
    "rejected": (),
    "search": ("mug",),
    "search_many": ([{"words": "mug"}],),
    "send_event": ("shop", "secret", "product.deleted", {}),
    "send_test_event": ("product.deleted", {}),
    "similar": ("a/b",),
    "similarity": (b"photo", b"another"),
    "stats": (),
    "upload": (b"photo",),
    "upload_product_photo": ("a", b"photo"),
    "webhooks_health": (),
}
LEFT_OUT = {
    "GET /health/live": "for whoever runs the process: health says more",
    "POST /search/by-text": "POST /search does it",
    "POST /search/by-image": "POST /search does it, with the photo as image_base64",
    "POST /search-image": "the same for older clients",
    "POST /index-product": "of an older API: ImageSearchClient has it",
    "POST /events/blob": "Event Grid calls it, and no shop",
    "OPTIONS /events/blob": "the same",
    "POST /index-product-with-image": "of an older API: put_product and upload_product_photo do it",
}


def first(made: Call[Any] | Generator[Call[Any], Any, Any]) -> Call[Any]:
    return made if isinstance(made, Call) else next(made)


def test_every_operation_is_known_or_left_out_on_purpose() -> None:
    assert _SAMPLES.keys() == set(calls.__all__)
    made = [first(getattr(calls, name)(*given)) for name, given in _SAMPLES.items()]
    described = json.loads((ROOT / "docs" / "openapi.json").read_text())["paths"]
    operations = {
        f"{method.upper()} {path.removeprefix(_API)}"
        for path, methods in described.items()
        for method in methods
    }
    reached = {
        # The first that fits: "/webhooks/test" is described beside "/webhooks/{source}".
        min(o for o in operations if re.fullmatch(_pattern(o), f"{call.method} {call.path}"))
        for call in made
    }
    assert operations - reached == LEFT_OUT.keys()


def test_signatures_are_those_the_service_looks_for() -> None:
    body = '{"event": "müg"}'.encode()
    assert calls.webhooks.signature("secret", "17", body) == signature("secret", "17", body)


def _pattern(operation: str) -> str:
    return re.sub(r"\\{\w+\\}", "[^/]+", re.escape(operation))
