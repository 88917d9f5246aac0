"""A bucket's folder, and a watch over it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.watching import Watching


@pytest.fixture
def images(tmp_path: Path) -> Path:
    images = tmp_path / "bucket" / "images"
    images.mkdir(parents=True)
    return images


@pytest.fixture
def watching(images: Path) -> Iterator[Watching]:
    watching = Watching(images.parent)
    yield watching
    watching.end()
