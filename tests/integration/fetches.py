"""What the tests of fetching a model share: a model's files, a fetch, a look at what came."""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path
from typing import Any

import pytest

from scripts.model import fetch as fetching
from scripts.model.catalogue import CLIP_FILES, SHARDS, WHOLE, Published
from scripts.model.fetch import Fetched, fetch
from scripts.model.patience import Patience
from tests.fakes.hub import COMMIT, FakeHub

BIG = 400_000


def safetensors(size: int = BIG, seed: int = 1) -> bytes:
    header = b'{"__metadata__":{}}'
    return len(header).to_bytes(8, "little") + header + random.Random(seed).randbytes(size)


def model(**more: bytes) -> dict[str, bytes]:
    small = {name: json.dumps({"this is": name}).encode() for name in CLIP_FILES}
    return small | {WHOLE: safetensors()} | more


class Waits:
    """Takes the place of sleeping."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def get(hub: FakeHub, into: Path, **more: Any) -> Fetched:
    usual: dict[str, Any] = {"patience": Patience(sleep=Waits()), "say": lambda line: None}
    more = usual | more
    return fetch(hub.repo, into, endpoint=hub.url, **more)


def check(into: Path, hub: FakeHub) -> None:
    """Everything is there, whole, and nothing half-made is left."""
    for name, body in hub.files.items():
        assert (into / name).read_bytes() == body, name
    left = {path.relative_to(into).as_posix() for path in into.rglob("*") if path.is_file()}
    assert left == {*hub.files, "checksums.json", ".fetch.lock"}


def pin(monkeypatch: pytest.MonkeyPatch, hub: FakeHub, **sha256: str) -> None:
    right = {name: hashlib.sha256(body).hexdigest() for name, body in hub.files.items()}
    row = Published(hub.repo, COMMIT, "MIT", (*CLIP_FILES, WHOLE), right | sha256)
    monkeypatch.setattr(fetching, "PUBLISHED", {"pinned": row})


def sharded(*names: object) -> dict[str, bytes]:
    files = model()
    del files[WHOLE]
    index = {"weight_map": {f"tensor{number}": name for number, name in enumerate(names)}}
    return files | {SHARDS: json.dumps(index).encode()}
