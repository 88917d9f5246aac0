"""A real server in a process of its own, for tests that drop, search and kill."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def eventually(check: Callable[[], bool], seconds: float) -> float:
    """Wait until `check` holds and say how long it took; an AssertionError when it never does.

    Who is waited for has the processor: a look that takes long is taken seldom."""
    began = looked = time.monotonic()
    while not check():
        took = time.monotonic() - looked
        if time.monotonic() - began > seconds:
            raise AssertionError(f"still not so after {seconds} s")
        time.sleep(max(0.02, min(3 * took, 1)))
        looked = time.monotonic()
    return time.monotonic() - began


class RunningShop:
    def __init__(self, data_dir: Path, *, under: Sequence[str] = (), **settings: str) -> None:
        """`under`: a command that starts the server in turn, as one that sets limits."""
        self.data_dir = data_dir
        self.images = data_dir / "bucket" / "images"
        self.images.mkdir(parents=True, exist_ok=True)
        self.log = data_dir / "server.log"
        port = int(settings.get("PORT", 0)) or free_port()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*under, sys.executable, "-m", "handlers.server"],
                cwd=ROOT,
                env=os.environ | settings | {"DATA_DIR": str(data_dir), "PORT": str(port)},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=30)

    def wait_until_healthy(self, seconds: float = 60) -> None:
        eventually(self._healthy, seconds)

    def _healthy(self) -> bool:
        if self._process.poll() is not None:
            raise AssertionError(f"the server ended:\n{self.log.read_text()[-3000:]}")
        try:
            return self.client.get("/health").status_code == 200
        except httpx.TransportError:
            return False

    def search(self, words: str, **fields: Any) -> list[dict[str, Any]]:
        answer = self.client.post("/search", json={"text_query": words, **fields})
        answer.raise_for_status()
        return list(answer.json()["results"])

    def search_photo(self, photo: bytes, **fields: Any) -> list[dict[str, Any]]:
        answer = self.client.post("/search/by-image", files={"file": photo}, params=fields)
        answer.raise_for_status()
        return list(answer.json()["results"])

    def product(self, product_id: str) -> dict[str, Any] | None:
        answer = self.client.get(f"/products/{product_id}")
        if answer.status_code == 404:
            return None
        answer.raise_for_status()
        return dict(answer.json())

    def catalogue(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        cursor = None
        while True:
            query = {"limit": 200} | ({"cursor": cursor} if cursor else {})
            page = self.client.get("/products", params=query).raise_for_status().json()
            found |= {product["id"]: product for product in page["products"]}
            cursor = page["next_cursor"]
            if cursor is None:
                return found

    def peak_megabytes(self) -> int:
        """The most memory it ever had."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) // 1024

    def end(self, number: signal.Signals) -> int:
        self._process.send_signal(number)
        status = self._process.wait(timeout=20)
        self.client.close()
        return status

    def kill(self) -> None:
        self.end(signal.SIGKILL)


@contextmanager
def running_shop(
    data_dir: Path, *, under: Sequence[str] = (), **settings: str
) -> Iterator[RunningShop]:
    shop = RunningShop(data_dir, under=under, **settings)
    try:
        shop.wait_until_healthy()
        yield shop
    finally:
        if shop._process.poll() is None:
            shop.kill()
