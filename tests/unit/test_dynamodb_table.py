from __future__ import annotations

import subprocess
import sys

import pytest

from core.errors import SettingsInvalid
from core.stores.dynamodb_table import Table
from tests.aws import LocalAws
from tests.e2e.running import ROOT

ROOMS = "dynamodb_cache dynamodb_limits layered_cache memory_cache memory_limits"


def test_a_laptop_that_has_no_table_has_no_use_for_botocore() -> None:
    imports = "; ".join(f"import core.stores.{room}" for room in ROOMS.split())
    script = f"import sys; {imports}; print([m for m in sys.modules if 'botocore' in m])"
    told = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout == "[]\n"


def test_without_a_region_it_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in LocalAws("127.0.0.1", 9).environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(SettingsInvalid, match="AWS_REGION"):
        Table.connect("t")


@pytest.mark.parametrize("name", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_either_name_of_the_region_will_do(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    for other, value in LocalAws("127.0.0.1", 9).environment().items():
        monkeypatch.setenv(other, value)
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv(name, "eu-north-1")
    assert Table.connect("t")._client.meta.region_name == "eu-north-1"
