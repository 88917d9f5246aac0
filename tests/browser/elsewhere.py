"""Pages of a shop that is served from another address than the API."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mimetypes import guess_type
from urllib.parse import urlsplit

from tests.e2e.running import ROOT

EXAMPLE = ROOT / "clients" / "shop"


@contextmanager
def served(pages: Mapping[str, str], port: int = 0) -> Iterator[str]:
    """Where the pages are, by their names; a free port unless one is named."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = urlsplit(self.path).path.lstrip("/") or "index.html"
            body = pages.get(name)
            self.send_response(200 if body is not None else 404)
            self.send_header("Content-Type", guess_type(name)[0] or "text/plain")
            self.end_headers()
            self.wfile.write((body or "").encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def example_pages(api: str) -> dict[str, str]:
    """`clients/shop`, with the API at this address."""
    files = (file for file in EXAMPLE.iterdir() if file.suffix in (".html", ".js", ".css"))
    return {file.name: file.read_text().replace("http://127.0.0.1:8000", api) for file in files}
