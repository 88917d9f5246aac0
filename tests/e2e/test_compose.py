"""The server with compose.yaml's settings, and its health checks, each for real. The Qdrant is a
stand-in, because there is none to install here."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from tests.e2e.running import RunningShop, eventually, running_shop
from tests.fakes.qdrant_server import QdrantServer
from tests.integration.test_compose import service
from tests.photos import jpeg

KEY = "kitchen-table-2027-a"


def settings(qdrant: str) -> dict[str, str]:
    """As compose would hand them on, where .env has a key and nothing else."""
    raw = service("likeness")["environment"]
    told = {
        name: re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value).replace("http://qdrant:6333", qdrant)
        for name, value in raw.items()
    }
    return told | {"ADMIN_KEYS": KEY, "HOST": "0.0.0.0"}


def test_photos_dropped_into_the_volume_are_found_by_way_of_the_qdrant(tmp_path: Path) -> None:
    with (
        QdrantServer(key=None) as qdrant,
        running_shop(tmp_path, **settings(qdrant.url)) as shop,
    ):
        assert _healthy(service("likeness")["healthcheck"]["test"], shop)
        (shop.images / "my-mug.jpg").write_bytes(jpeg(1))
        eventually(lambda: shop.product("my-mug") is not None, 20)
        product = {"name": "Gift card", "price": 25, "currency": "EUR"}
        assert shop.client.put("/products/gift-card", json=product).status_code == 401
        key = {"x-api-key": KEY}
        assert shop.client.put("/products/gift-card", json=product, headers=key).is_success
        assert "gift-card" in {hit["product_id"] for hit in shop.search("gift card")}
        assert not (tmp_path / "index").exists()


def _healthy(check: list[str], shop: RunningShop) -> bool:
    _, python, *arguments = check
    assert python == "python3"
    port = str(shop.client.base_url.port)
    told = [argument.replace(":8000/", f":{port}/") for argument in arguments]
    return subprocess.run([sys.executable, *told], timeout=30).returncode == 0


def test_the_qdrant_is_ready_when_it_says_so() -> None:
    _, *command = service("qdrant")["healthcheck"]["test"]
    for status, ready in ((200, True), (503, False)):
        with _answering(status) as (port, paths):
            told = [part.replace("/6333", f"/{port}").replace("$$", "$") for part in command]
            assert (subprocess.run(told, timeout=30).returncode == 0) is ready
            assert paths == ["/readyz"]
    told = [part.replace("/6333", "/9").replace("$$", "$") for part in command]
    assert subprocess.run(told, timeout=30, stderr=subprocess.DEVNULL).returncode != 0


@contextmanager
def _answering(status: int) -> Iterator[tuple[int, list[str]]]:
    paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port, paths
        server.shutdown()
        thread.join()
