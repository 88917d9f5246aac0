"""Packages from npm that tests need. Where one can't be had, the tests that ask for it are skipped
and say why."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import npm


def installed(package: str, version: str) -> Path:
    """The folder whose node_modules holds the package."""
    try:
        return npm.installed(package, version)
    except npm.NotToBeHad as reason:
        pytest.skip(str(reason))
