"""Three thousand connections that say nothing, to a server that may open a thousand files."""

from __future__ import annotations

import resource
import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.running import running_shop
from tests.photos import jpeg

FILES, CROWD = 1024, 3000

pytestmark = pytest.mark.skipif(shutil.which("prlimit") is None, reason="prlimit sets the limit")


@pytest.fixture
def files_of_our_own() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = CROWD + 500
    if resource.RLIM_INFINITY != hard < needed:
        pytest.skip(f"this machine does not let us have {needed} files")
    if resource.RLIM_INFINITY != soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_they_keep_nobody_out_and_no_file_closed(files_of_our_own: None, tmp_path: Path) -> None:
    under = ("prlimit", f"--nofile={FILES}:{FILES}")
    with running_shop(tmp_path, under=under) as shop, ExitStack() as closing:
        shop.client.put("/products/mug", json={"name": "Red mug"}).raise_for_status()
        address = (shop.client.base_url.host, shop.client.base_url.port)
        for number in range(CROWD):
            closing.enter_context(socket.create_connection(address, timeout=20))
            if number % 1000 == 999:
                assert shop.search(f"red mug {number}"), "with one more or a new connection"
                shop.client.put(f"/products/p{number}", json={"name": "Cup"}).raise_for_status()
                shop.search_photo(jpeg(number % 7))
        log = shop.log.read_text()
        assert "Too many open files" not in log
        assert "ERROR" not in log
        closing.close()
        assert shop.search("red mug")
