"""docs/errors.md, a row a test: what is answered under each code, and a request for each that one
request can provoke. Failures of others' parts have their tests with those parts.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import msgspec
import pytest
from PIL import Image
from starlette.testclient import TestClient

from core import errors
from core.errors import LikenessError
from core.settings import Settings
from handlers.api import create_app
from handlers.compose import open_shop
from handlers.endpoint import API
from handlers.shop import Shop
from tests.e2e.running import ROOT

PAGE = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
ROWS = {code: int(status) for code, status in re.findall(r"^\| `(\w+)` \| (\d+) \|", PAGE, re.M)}
KINDS = {
    one.code: one
    for one in vars(errors).values()
    if isinstance(one, type(LikenessError)) and issubclass(one, LikenessError)
}
ADMIN = "an-admin-key-of-some-length"
KEY = {"x-api-key": ADMIN}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("shop"),
        admin_keys=(ADMIN,),
        webhook_secrets=(("erp", "a-secret-of-some-length"),),
    )
    with open_shop(settings) as shop:
        yield shop


def client_of(shop: Shop) -> TestClient:
    app = create_app(shop)
    return TestClient(app, base_url="http://shop" + API, raise_server_exceptions=False)


def test_every_error_has_a_row() -> None:
    assert ROWS.keys() == KINDS.keys()


@pytest.mark.parametrize("code", ROWS)
def test_error(shop: Shop, code: str) -> None:
    class Failing:
        def at_hand(self, _: Any) -> None:
            return None

        def answer(self, _: Any) -> None:
            raise KINDS[code]("This is what a person reads.")

    failing = msgspec.structs.replace(shop, search=Failing())
    answer = client_of(failing).post("/search", json={"text_query": "mug"})
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": f"urn:likeness:error:{code}",
        "title": HTTPStatus(ROWS[code]).phrase,
        "status": ROWS[code],
        "detail": "This is what a person reads.",
        "code": code,
        "request_id": answer.headers["x-request-id"],
    }
    assert answer.status_code == ROWS[code]
    assert ("retry-after" in answer.headers) == (ROWS[code] == 503)


def wide() -> bytes:
    out = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(out, "PNG")
    return out.getvalue()


PROVOKED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "invalid_request": ("POST", "/search", {"json": {"text_query": 7}}),
    "query_empty": ("POST", "/search", {"json": {}}),
    "product_not_found": ("GET", "/search/similar/nobody", {}),
    "product_exists": (
        *("POST", "/products"),
        {"json": {"id": "there", "name": "There"}, "headers": KEY},
    ),
    "photo_not_found": ("GET", "http://shop/photos/images/nobody.jpg", {}),
    "image_unreadable": ("POST", "/search/by-image", {"files": {"file": b"no photo"}}),
    "image_too_large": ("POST", "/search/by-image", {"files": {"file": wide()}}),
    "image_url_refused": ("POST", "/search", {"json": {"image_url": "https://127.0.0.1/a.jpg"}}),
    "body_too_large": (
        *("POST", "/products"),
        {"content": b"x" * (1024 * 1024 + 1), "headers": KEY},
    ),
    "key_missing": ("DELETE", "/products/there", {}),
    "key_refused": ("DELETE", "/products/there", {"headers": {"x-api-key": "no"}}),
    "source_unknown": (
        *("POST", "/webhooks/nobody"),
        {"json": {}, "headers": {"x-webhook-id": "1", "x-webhook-timestamp": "1"}},
    ),
    "signature_refused": ("POST", "/webhooks/erp", {"json": {}}),
}


@pytest.mark.parametrize("code", PROVOKED)
def test_error_provoked(shop: Shop, code: str) -> None:
    client = client_of(shop)
    client.put("/products/there", json={"name": "There"}, headers=KEY)
    method, path, sent = PROVOKED[code]
    answer = client.request(method, path, **sent)
    assert (answer.status_code, answer.json()["code"]) == (ROWS[code], code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert ("errors" in told) == (code == "invalid_request")
    assert "Traceback" not in answer.text and ADMIN not in answer.text
