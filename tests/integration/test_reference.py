"""Swagger UI and ReDoc: served from here, three files of a package, and no more of it.

What a browser makes of them is in tests/browser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.settings import Settings
from handlers.api import create_app
from handlers.compose import open_shop

SERVED = {
    "/reference/swagger-ui-dist/swagger-ui-bundle.js": "javascript",
    "/reference/swagger-ui-dist/swagger-ui.css": "text/css",
    "/reference/redoc/bundles/redoc.standalone.js": "javascript",
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with open_shop(Settings(data_dir=tmp_path_factory.mktemp("shop"))) as shop:
        yield TestClient(create_app(shop), base_url="http://shop")


def policy(answer: Any) -> dict[str, str]:
    rules = [
        rule.split(maxsplit=1) for rule in answer.headers["content-security-policy"].split(";")
    ]
    return dict(rules)


def package() -> Path:
    spec = find_spec("drf_spectacular_sidecar")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent / "static" / "drf_spectacular_sidecar"


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
def test_a_page_of_the_reference_loads_nothing_but_what_is_served_here(
    client: TestClient, page: str
) -> None:
    answer = client.get(page)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    loads = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
    assert any(file.startswith("/reference/") for file in loads)
    for file in loads:
        assert file == "data:," or client.get(file).status_code == 200
    assert not re.search(r"<script[^>]*>[^<]|<style|style=", answer.text)


def test_swagger_ui_needs_no_exception_to_the_pages_policy(client: TestClient) -> None:
    assert policy(client.get("/docs")) == policy(client.get("/page/page.js"))


def test_redoc_has_two_styles_and_a_thread_of_its_own_and_no_script(client: TestClient) -> None:
    redoc, usual = policy(client.get("/redoc")), policy(client.get("/docs"))
    assert redoc.keys() - usual.keys() == {"worker-src"}
    assert {name for name in usual if redoc[name] != usual[name]} == {"style-src"}
    assert redoc["worker-src"] == "blob:"
    assert [word[:8] for word in redoc["style-src"].split()] == ["'self'", "'sha256-", "'sha256-"]


@pytest.mark.parametrize(("path", "kind"), SERVED.items())
def test_a_file_is_served_as_it_is_in_the_package(client: TestClient, path: str, kind: str) -> None:
    answer = client.get(path)
    assert answer.content == (package() / path.removeprefix("/reference/")).read_bytes()
    assert kind in answer.headers["content-type"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "public, max-age=86400"
    again = client.get(path, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_nothing_else_of_the_package_is_served(client: TestClient) -> None:
    files = [file.relative_to(package()) for file in package().rglob("*") if file.is_file()]
    reachable = {
        f"/reference/{file}" for file in files if client.get(f"/reference/{file}").is_success
    }
    assert reachable == SERVED.keys()
    assert len(files) > len(SERVED)


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".",
        "redoc",
        "redoc/bundles/",
        "../__init__.py",
        "..%2f__init__.py",
        "redoc/..%2f..%2f..%2f__init__.py",
        "%2e%2e/%2e%2e/__init__.py",
        "..\\__init__.py",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "redoc/bundles/redoc.standalone.js%00",
    ],
)
def test_there_is_no_way_out_of_the_files_that_are_served(client: TestClient, path: str) -> None:
    answer = client.get(f"/reference/{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_file_is_only_read(client: TestClient) -> None:
    assert client.post(next(iter(SERVED))).status_code == 405
