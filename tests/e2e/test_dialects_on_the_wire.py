"""The dialects' table, row by row: what older clients put on the wire, letter for letter, and the
names they look for in what comes back.

Said by hand, as a client of ours would say it as we do. `<photo>` stands for a JPEG's bytes. What
comes of it is in tests/integration/test_dialects.py; a photo by its address, which here would have
to be a stranger's, in test_search_by_address.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from http.client import HTTPResponse
from typing import Any, NamedTuple

import pytest

from tests.e2e.running import RunningShop, eventually, running_shop
from tests.photos import jpeg

API = "/api/v1"


class Row(NamedTuple):
    asked: str
    """Method and path, headers, an empty line and a body."""
    given: dict[str, Any]
    """What an answer says at least; None for whatever it may be."""
    of_each: str = ""
    """The names that each result has at least."""
    status: int = 200


def given(names: str, **values: Any) -> dict[str, Any]:
    return dict.fromkeys(names.split()) | values


JSON = "Content-Type: application/json"
FORM = "Content-Type: multipart/form-data; boundary=edge"


def part(name: str, value: str) -> str:
    return f'--edge\nContent-Disposition: form-data; name="{name}"\n\n{value}\n'


def photo(name: str) -> str:
    head = f'--edge\nContent-Disposition: form-data; name="{name}"; filename="my mug.jpg"\n'
    return f"{head}Content-Type: image/jpeg\n\n<photo>\n"


ROWS = {
    "A POST /search": Row(
        f"POST /search\n{JSON}\n\n"
        '{"text_query": "red mug", "top_k": 5, "category_filter": "mugs", "price_min": 1, '
        '"price_max": 99.5}',
        given("total_results results execution_time_ms", query_type="text", top_k=5),
        "product_id name description image_url price category similarity_score",
    ),
    "A POST /index-product": Row(
        f"POST /index-product\n{JSON}\n\n"
        '{"id": "a-1", "name": "Lamp", "description": "of brass", "category": "lamps", '
        '"price": 30.5, "attributes": {"colour": "gold"}}',
        {"status": "success", "product_id": "a-1"},
    ),
    "A GET /health": Row("GET /health\n\n", {"status": "healthy"}),
    "A GET /collections": Row("GET /collections\n\n", given("collections")),
    "B POST /embed": Row(
        f'POST /embed\n{JSON}\n\n{{"text": "a red mug"}}', given("embedding", dimension=512)
    ),
    "B POST /embed-image": Row(
        f"POST /embed-image\n{FORM}\n\n{photo('file')}--edge--\n",
        given("embedding model_id", dimension=512, model="CLIP"),
    ),
    "B POST /index-product": Row(
        "POST /index-product\nContent-Type: application/x-www-form-urlencoded\n\n"
        "product_id=b-1&name=Chair&description=four+legs&"
        "metadata=%7B%22category%22%3A+%22chairs%22%2C+%22price%22%3A+99.5%7D",
        given("message", status="success"),
    ),
    "B POST /index-product-with-image": Row(
        f"POST /index-product-with-image\n{FORM}\n\n"
        + part("product_id", "b-2")
        + part("name", "Bag")
        + part("description", "of leather")
        + photo("image_file")
        + part("metadata", '{"category": "bags"}')
        + "--edge--\n",
        given("", status="success", embedding_type="CLIP", embedding_dimension=512),
    ),
    "B POST /search?limit=10": Row(
        f'POST /search?limit=10\n{JSON}\n\n{{"query": "red mug"}}',
        given("results count model"),
        "product_id similarity_score",
    ),
    "B POST /search-image?limit=10, image": Row(
        f"POST /search-image?limit=10\n{FORM}\n\n{photo('image')}--edge--\n",
        given("results count", query_image="my mug.jpg", embedding_dimension=512),
        "product_id similarity_score",
    ),
    "B POST /search-image?limit=10, file": Row(
        f"POST /search-image?limit=10\n{FORM}\n\n{photo('file')}--edge--\n",
        given("results count", query_image="my mug.jpg", embedding_dimension=512),
        "product_id similarity_score",
    ),
    "B GET /stats": Row("GET /stats\n\n", given("products images by_category")),
    "C POST /search/by-image": Row(
        f"POST /search/by-image\n{FORM}\n\n"
        + photo("file")
        + part("threshold", "0.1")
        + part("limit", "5")
        + "--edge--\n",
        given("query_time_ms results_count results"),
        "product_id external_id title image_url similarity_score",
    ),
    "C POST /search/by-text": Row(
        f'POST /search/by-text\n{JSON}\n\n{{"query": "red mug", "limit": 5, "threshold": -1}}',
        given("query_time_ms results_count results"),
        "product_id external_id title image_url similarity_score",
    ),
    "C GET /search/similar/{id}": Row(
        "GET /search/similar/p0?limit=5&threshold=-1\n\n",
        given("query_time_ms results_count results"),
        "product_id external_id title image_url similarity_score",
    ),
    "C POST /products": Row(
        f'POST /products\n{JSON}\n\n{{"id": "c-1", "title": "Hat", "price": 5}}',
        {"id": "c-1", "name": "Hat"},
        status=201,
    ),
    "C GET /products/{id}": Row("GET /products/p0\n\n", {"id": "p0", "name": "Red mug"}),
    "C PUT /products/{id}": Row(
        f'PUT /products/c-2\n{JSON}\n\n{{"title": "Cap"}}', {"id": "c-2", "name": "Cap"}
    ),
    "C PATCH /products/{id}": Row(
        f'PATCH /products/p1\n{JSON}\n\n{{"price": 7.5}}', {"id": "p1", "price": 7.5}
    ),
    "C DELETE /products/{id}": Row("DELETE /products/nobody\n\n", {}, status=204),
    "C GET /health/detailed": Row("GET /health/detailed\n\n", {"status": "healthy"}),
    "C GET /metrics": Row("GET /metrics\n\n", {}),
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    with running_shop(tmp_path_factory.mktemp("shop") / "data") as shop:
        for number, name in enumerate(["Red mug", "Blue mug"]):
            product = {"name": name, "external_id": f"sku-{number}", "category": "mugs"}
            made = shop.client.put(f"/products/p{number}", json=product | {"price": 10})
            assert made.status_code == 200
            (shop.images / f"p{number}.jpg").write_bytes(jpeg(number))
        eventually(lambda: shop.client.get("/stats").json()["images"] == 2, 30)
        yield shop


def ask(shop: RunningShop, asked: str) -> tuple[int, bytes]:
    head, _, body = asked.partition("\n\n")
    first, *headers = head.split("\n")
    method, _, path = first.partition(" ")
    if FORM in headers:
        body = body.replace("\n", "\r\n")
    sent = body.encode().replace(b"<photo>", jpeg(1))
    url = shop.client.base_url
    lines = [f"{method} {API}{path} HTTP/1.1", f"Host: {url.host}:{url.port}", *headers]
    lines += ["Connection: close"] + ([f"Content-Length: {len(sent)}"] if sent else [])
    with socket.create_connection((url.host, url.port or 80), timeout=30) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + sent)
        answer = HTTPResponse(connection, method=method)
        answer.begin()
        return answer.status, answer.read()


@pytest.mark.parametrize("name", ROWS)
def test_dialect(shop: RunningShop, name: str) -> None:
    row = ROWS[name]
    status, body = ask(shop, row.asked)
    assert status == row.status, body
    if not row.given:
        return
    told = json.loads(body)
    for field, value in row.given.items():
        assert field in told
        assert value is None or told[field] == value
    assert told.get("results", [{}]), "a row that finds nothing shows nothing"
    for hit in told.get("results", []):
        assert set(row.of_each.split()) <= hit.keys()
