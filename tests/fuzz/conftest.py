"""A whole shop in this process, to be asked by way of its application."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.types import ASGIApp

from core.settings import Settings
from handlers.api import create_app
from handlers.compose import open_shop


@pytest.fixture
def app(tmp_path: Path) -> Iterator[ASGIApp]:
    settings = Settings(data_dir=tmp_path, allow_test_webhook=True)
    with open_shop(settings) as shop:
        yield create_app(shop)
