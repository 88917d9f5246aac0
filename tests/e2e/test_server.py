"""The server as a process: how it starts, refuses to start, and ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from core.clip.embedder import load
from core.settings import Settings
from handlers.server import take_port
from scripts.model import rehearsal
from scripts.model.build import Order, build
from tests.e2e.running import ROOT, RunningShop, eventually, free_port, running_shop
from tests.photos import jpeg


def refused(**env: str) -> str:
    """What the server says when it does not start."""
    ended = subprocess.run(
        [sys.executable, "-m", "handlers.server"],
        cwd=ROOT,
        env=os.environ | env,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    return ended.stderr


def test_every_bad_setting_is_said_in_one_message(tmp_path: Path) -> None:
    said = refused(DATA_DIR=str(tmp_path), PORT="x", TOP_K="0")
    assert "PORT" in said
    assert "TOP_K" in said


def test_it_does_not_open_writes_to_the_world(tmp_path: Path) -> None:
    assert "ADMIN_KEYS" in refused(DATA_DIR=str(tmp_path), HOST="0.0.0.0")


def test_a_port_in_use_is_said_at_once(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = refused(DATA_DIR=str(tmp_path), PORT=port)
    assert port in said


def test_answers_on_a_kept_connection_do_not_wait_for_nagle(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    with take_port(Settings(port=free_port())) as listener:
        # What the event loop looks at before it sets TCP_NODELAY; without, each answer takes 40 ms.
        assert listener.proto == socket.IPPROTO_TCP
    with running_shop(tmp_path) as shop:
        began = time.monotonic()
        for _ in range(50):
            assert shop.client.get("/health").status_code == 200
        each = (time.monotonic() - began) / 50
        record_property("an answer on a kept connection", f"{each * 1000:.1f} ms on average")


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    said = refused(DATA_DIR=str(tmp_path), PORT=str(free_port()), MODEL="clip-vit-z")
    assert "clip-vit-z" in said


def test_two_servers_do_not_share_a_folder(tmp_path: Path) -> None:
    with running_shop(tmp_path):
        assert "already open" in refused(DATA_DIR=str(tmp_path), PORT=str(free_port()))


def test_a_model_that_was_built_is_served_and_has_an_index_of_its_own(tmp_path: Path) -> None:
    source = rehearsal.write_clip(tmp_path / "published", rehearsal.FAMILIES["vit-l-14"])
    built = build(Order(name="small-l-14", source=source, out=tmp_path / "models"))
    data = tmp_path / "data"
    settings = {"MODEL": "small-l-14", "MODEL_DIR": str(tmp_path / "models")}
    with running_shop(data, **settings) as shop:
        assert shop.client.get("/health").json()["model"].startswith("small-l-14@")
        (shop.images / "mug.jpg").write_bytes(jpeg(1))
        eventually(lambda: bool(shop.search_photo(jpeg(1))), 20)
        [hit] = shop.search_photo(jpeg(1))
        assert hit["similarity_score"] > 0.999
        told = shop.client.post("/embed", json={"text": "a red mug"}).json()
        ours = load("small-l-14", built.parent).words("a red mug").vector
        assert told["embedding"] == pytest.approx(ours.tolist(), abs=1e-5)
    said = refused(DATA_DIR=str(data), PORT=str(free_port()))
    assert "small-l-14" in said
    assert "mini" in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_when_asked(tmp_path: Path, number: signal.Signals) -> None:
    shop = RunningShop(tmp_path)
    shop.wait_until_healthy()
    assert shop.end(number) == 0
    assert "Traceback" not in shop.log.read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_can_be_asked_to_end_while_it_starts(tmp_path: Path, number: signal.Signals) -> None:
    for step in range(8):
        shop = RunningShop(tmp_path)
        eventually(partial(is_taken, shop.client.base_url.port), 20)
        time.sleep(step * 0.07)  # an import of onnxruntime's, the model, the index, or none of it
        assert shop.end(number) == 0
    assert "Traceback" not in shop.log.read_text()
    with running_shop(tmp_path):
        pass  # nothing was left behind that would be in the way


def is_taken(port: int | None) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def test_each_request_is_told_in_a_line_of_json(tmp_path: Path) -> None:
    with running_shop(tmp_path) as shop:
        answer = shop.client.post("/search?limit=3", json={"text_query": "a private wish"})
    told = [json.loads(line) for line in shop.log.read_text().splitlines() if line[:1] == "{"]
    [line] = [one for one in told if one["request_id"] == answer.headers["x-request-id"]]
    assert (line["method"], line["path"], line["status"]) == ("POST", "/api/v1/search", 200)
    assert line["searches"][0]["cache"] == "miss"
    assert "private" not in shop.log.read_text()
