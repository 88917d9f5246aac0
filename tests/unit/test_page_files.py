"""How the page's files are given to browsers, over a folder of the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from handlers.page_files import PageFiles, lightened

YEAR = "public, max-age=31536000, immutable"
SCRIPT = "// what it does\n" * 40 + "export {};\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inner").mkdir()
    (tmp_path / "index.html").write_text('<script src="page/@/page.js"></script>')
    (tmp_path / "page.js").write_text(SCRIPT)
    (tmp_path / "inner" / "dot.png").write_bytes(b"\x89PNG page/@/")
    (tmp_path.parent / "secret.js").write_text("no")
    return tmp_path


def served(folder: Path) -> TestClient:
    files = PageFiles(folder, {"X-Content-Type-Options": "nosniff"})

    def page(request: Request) -> Response:
        return files.versioned(request, request.path_params["path"])

    return TestClient(Starlette(routes=[Route("/page/{path:path}", page)]))


def release_in(client: TestClient) -> str:
    return client.get("/page/index.html").text.split("page/")[1].split("/")[0]


def test_what_names_the_release_is_looked_at_again_and_the_rest_is_kept(folder: Path) -> None:
    client = served(folder)
    index = client.get("/page/index.html")
    script = client.get(f"/page/{release_in(client)}/page.js")
    assert index.headers["cache-control"] == "no-cache" and "@" not in index.text
    assert script.headers["cache-control"] == YEAR and script.text == SCRIPT
    assert script.headers["content-type"].startswith("text/javascript")
    assert script.headers["access-control-allow-origin"] == "*"
    assert script.headers["x-content-type-options"] == "nosniff"


def test_a_change_anywhere_is_another_release(folder: Path) -> None:
    before = release_in(served(folder))
    assert release_in(served(folder)) == before
    (folder / "inner" / "dot.png").write_bytes(b"\x89PNG another")
    assert release_in(served(folder)) != before


def test_a_page_of_another_release_gets_what_is_here_and_keeps_it_not(folder: Path) -> None:
    old = served(folder).get(f"/page/{'0' * 16}/page.js")
    assert old.text == SCRIPT and old.headers["cache-control"] == "no-cache"


def test_whoever_has_a_file_is_not_sent_it_again(folder: Path) -> None:
    client = served(folder)
    tag = client.get("/page/page.js").headers["etag"]
    again = client.get("/page/page.js", headers={"if-none-match": tag})
    assert again.status_code == 304 and again.content == b"" and again.headers["etag"] == tag
    assert client.get("/page/page.js", headers={"if-none-match": '"x"'}).status_code == 200


def test_text_is_compressed_for_those_who_take_it(folder: Path) -> None:
    client = served(folder)
    small = client.get("/page/page.js", headers={"accept-encoding": "gzip, br"})
    plain = client.get("/page/page.js", headers={"accept-encoding": "identity"})
    assert small.headers["content-encoding"] == "gzip" and small.text == SCRIPT
    assert int(small.headers["content-length"]) < len(SCRIPT) / 4
    assert "content-encoding" not in plain.headers and plain.text == SCRIPT


def test_a_picture_is_given_as_it_is(folder: Path) -> None:
    picture = served(folder).get("/page/inner/dot.png")
    assert picture.content == b"\x89PNG page/@/" and "content-encoding" not in picture.headers


@pytest.mark.parametrize("path", ["", "nothing.js", "inner", "../secret.js", "%2e%2e/secret.js"])
def test_nothing_else_is_there(folder: Path, path: str) -> None:
    assert served(folder).get(f"/page/{path}").status_code == 404


def test_scripts_of_our_own_go_without_comments_and_indentation_and_keep_their_lines(
    folder: Path,
) -> None:
    script = """// What it does.

/**
 * Of several lines.
 */
export function twice(one) {
  // the same again
  return one * 2; // told beside it
}
"""
    light = "\n\n\n\n\nexport function twice(one) {\n\nreturn one * 2; // told beside it\n}\n"
    assert lightened(script.encode()).decode() == light
    (folder / "page.js").write_text(script)
    files = PageFiles(folder, {}, lighten=True)
    request = Request({"type": "http", "headers": []})
    assert files.answer(request, "page.js").body == light.encode()
    assert PageFiles(folder, {}).answer(request, "page.js").body == script.encode()
