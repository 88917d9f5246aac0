"""The package as others get it: built into a wheel, and installed where nothing of ours is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.clients.test_readme import CLIENT

_TRIED = """
import importlib.metadata, likeness_client, pathlib
home = pathlib.Path(likeness_client.__file__).parent
assert "site-packages" in home.parts, home
assert (home / "py.typed").exists()
print(importlib.metadata.version("likeness-client"), likeness_client.Likeness.__name__)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built without a network: uv is the build's backend, too."""
    folder = tmp_path_factory.mktemp("client")
    source = folder / "source"
    shutil.copytree(CLIENT, source, ignore=shutil.ignore_patterns("__pycache__"))
    run("uv", "build", "--offline", "--wheel", "--out-dir", str(folder), str(source))
    [wheel] = folder.glob("*.whl")
    return wheel


def run(*module: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    ran = subprocess.run(
        [sys.executable, "-m", *module],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_it_installs_into_a_bare_environment(wheel: Path, tmp_path: Path) -> None:
    """Which has httpx from this one, as no test needs a network."""
    home = tmp_path / "venv"
    run("venv", "--without-pip", str(home))
    python = home / "bin" / "python"
    run("uv", "pip", "install", "--offline", "--no-deps", "--python", str(python), str(wheel))
    [site] = home.glob("lib/python*/site-packages")
    ours = next(path for path in sys.path if path.endswith("site-packages"))
    (site / "httpx.pth").write_text(ours)
    ran = subprocess.run([python, "-c", _TRIED], capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == "0.1.0 Likeness\n"


def test_it_holds_the_client_and_its_types_alone(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    code = {f"likeness_client/{path.name}" for path in (CLIENT / "likeness_client").glob("*.py")}
    assert code | {"likeness_client/py.typed", "likeness_client/calls/search.py"} <= names
    assert {name.split("/")[0] for name in names} == {
        "likeness_client",
        "likeness_client-0.1.0.dist-info",
    }
    with zipfile.ZipFile(wheel) as inside:
        about = inside.read("likeness_client-0.1.0.dist-info/METADATA").decode()
    assert "Requires-Dist: httpx>=0.27,<1" in about
    assert "License-Expression: MIT" in about
