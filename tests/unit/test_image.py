"""What the container image leaves out, as far as that can be told without building it.

`make rehearse` builds it and looks inside.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from handlers.routes.reference import BUNDLES, bundles_folder
from scripts.check.locks import CLOUD
from scripts.image.__main__ import usual_base
from scripts.image.contents import EMBEDDED, LEFT_OUT, PRUNED, SERVICES, chosen
from scripts.image.inside import part_of
from scripts.image.weight import Weight, table
from tests.e2e.running import ROOT
from tests.sam_tools import sam_tool

LOCK = (ROOT / CLOUD).read_text(encoding="utf-8")
PACKAGES = Path(sysconfig.get_path("purelib"))
GONE = """
import sys
from fnmatch import fnmatch

class Gone:
    def find_spec(self, name, path=None, target=None):
        place = name.replace(".", "/")
        if any(fnmatch(place, gone) or fnmatch(place, gone + "/*") for gone in {patterns!r}):
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Gone())
"""
"""A `sitecustomize`, which every Python that a test starts has in its turn."""


def smoke_without(patterns: Iterable[str], folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "sitecustomize.py").write_text(GONE.format(patterns=list(patterns)))
    env = os.environ | {"PYTHONPATH": f"{folder}:{ROOT}", "MODEL": "mini", "DATA_DIR": str(folder)}
    command = [sys.executable, "-m", "scripts.image.smoke"]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)


def modules_of(packages: Iterable[str]) -> set[str]:
    wanted = set(packages)
    return {module for module, owners in packages_distributions().items() if wanted & set(owners)}


def locked(text: str) -> set[str]:
    return set(re.findall(r"^([A-Za-z0-9._-]+)==", text, re.MULTILINE))


def test_every_door_works_without_what_is_left_out(tmp_path: Path) -> None:
    gone = modules_of([*LEFT_OUT, *EMBEDDED]) | set(PRUNED)
    done = smoke_without(gone, tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "the server answers" in done.stdout


@pytest.mark.parametrize("needed", ["botocore", "httptools", "PIL/AvifImagePlugin"])
def test_the_smoke_test_notices_what_is_missing(needed: str, tmp_path: Path) -> None:
    assert smoke_without([needed], tmp_path).returncode != 0


def test_only_what_the_lock_names_is_left_out() -> None:
    assert locked(LOCK) >= {*LEFT_OUT, *EMBEDDED}


def test_what_is_left_has_its_hashes() -> None:
    kept = chosen(LOCK, embedded=False)
    assert locked(kept) == locked(LOCK) - {*LEFT_OUT, *EMBEDDED}
    assert locked(chosen(LOCK, embedded=True)) == locked(LOCK) - set(LEFT_OUT)
    blocks = re.split(r"^(?=[A-Za-z0-9])", kept, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in block for block in blocks)


@pytest.mark.parametrize("pattern", PRUNED)
def test_there_is_something_to_prune(pattern: str) -> None:
    assert next(PACKAGES.glob(pattern), None) is not None


@pytest.mark.parametrize("bundle", sorted(BUNDLES))
def test_what_a_browser_is_given_is_not_pruned(bundle: str) -> None:
    file = bundles_folder() / bundle
    assert file.is_file()
    pruned = {path for pattern in PRUNED for path in PACKAGES.glob(pattern)}
    assert not pruned & {file, *file.parents}


def test_every_service_of_aws_that_we_name_is_kept() -> None:
    called = re.compile(r'(?:connect|create_client)\(\s*"([a-z0-9-]+)"')
    sources = "\n".join(
        file.read_text(encoding="utf-8")
        for room in ("core", "handlers")
        for file in (ROOT / room).rglob("*.py")
    )
    named = set(called.findall(sources))
    assert "s3" in named
    assert named <= set(SERVICES)


def test_the_dockerfile_keeps_to_what_dockerfiles_should() -> None:
    linted = subprocess.run(
        [sam_tool("hadolint"), ROOT / "Dockerfile"], capture_output=True, text=True, timeout=60
    )
    assert linted.returncode == 0, linted.stdout


def test_the_dockerfile_needs_no_buildkit() -> None:
    """`sam build` asks the builder of old, which knows none of these."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert not re.search(r"--mount|--link|--chmod|<<|^# *syntax", text, re.MULTILINE)


def test_the_usual_base_is_the_dockerfiles() -> None:
    assert (
        f"ARG BASE_IMAGE={usual_base(ROOT / 'Dockerfile')}\n" in (ROOT / "Dockerfile").read_text()
    )


def test_the_table_says_whose_each_file_is() -> None:
    owners = {"PIL": "pillow", "pillow.libs": "pillow"}
    assert part_of("PIL/Image.py", owners) == "pillow"
    assert part_of("pillow.libs/libavif.so", owners) == "pillow"
    assert part_of("core/clip/mini/image.onnx", owners) == "the model, mini"
    assert part_of("models/clip-vit-b-32/text.onnx", owners) == "the model, clip-vit-b-32"
    assert part_of("core/clip/tokens.py", owners) == "core and handlers"


def test_the_table_adds_up_small_parts() -> None:
    told = table(Weight(13.0, 100.0, {"numpy": 12.5, "six": 0.3, "idna": 0.2}))
    assert re.search(r"^numpy +12\.5 MB$", told, re.MULTILINE)
    assert re.search(r"^2 others +0\.5 MB$", told, re.MULTILINE)
    assert re.search(r"^above its base +13\.0 MB$", told, re.MULTILINE)
