"""The server as a process: how it starts, refuses to start, and ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.running import ROOT, RunningShop, free_port, running_shop


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


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    said = refused(DATA_DIR=str(tmp_path), PORT=str(free_port()), MODEL="clip-vit-z")
    assert "clip-vit-z" in said


def test_two_servers_do_not_share_a_folder(tmp_path: Path) -> None:
    with running_shop(tmp_path):
        assert "already open" in refused(DATA_DIR=str(tmp_path), PORT=str(free_port()))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_when_asked(tmp_path: Path, number: signal.Signals) -> None:
    shop = RunningShop(tmp_path)
    shop.wait_until_healthy()
    assert shop.end(number) == 0
    assert "Traceback" not in shop.log.read_text()
