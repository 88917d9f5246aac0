"""The README's own commands, run as a reader would paste them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.demo.catalogue import products
from scripts.demo.write import write_products
from tests.e2e.running import ROOT, RunningShop, eventually, running_shop
from tests.photos import jpeg

README = (ROOT / "README.md").read_text()
PASTED = [b for b in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) if "make " not in b]

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    folder = tmp_path_factory.mktemp("reader")
    some = [product for product in products() if product.look.kind in ("mug", "dress", "t-shirt")]
    write_products(some, folder / "data" / "bucket", 224, 1, lambda done, total: None)
    for name in ("photo.jpg", "mug.jpg"):
        (folder / name).write_bytes(jpeg(1))
    with running_shop(folder / "data") as running:
        eventually(lambda: len(running.catalogue()) == len(some), 60)
        yield running


@pytest.mark.parametrize("block", PASTED, ids=lambda block: " ".join(block.split())[:120])
def test_what_the_readme_says_to_paste_works(shop: RunningShop, block: str) -> None:
    address = f"{shop.client.base_url.host}:{shop.client.base_url.port}"
    # -w parts the answers of several commands.
    commands = block.replace("localhost:8000", address).replace("curl -s", r"curl -sw '\n'")
    ran = subprocess.run(
        ["bash", "-euc", commands],
        cwd=shop.data_dir.parent,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    answers = [json.loads(line) for line in ran.stdout.splitlines() if line.strip()]
    assert len(answers) == commands.count("curl")
    for answer in answers:
        assert "code" not in answer, answer
        assert answer.get("results") or answer.get("id")


def test_the_readmes_own_mug_is_found_with_its_price(shop: RunningShop) -> None:
    shutil.copy(Path(shop.data_dir.parent) / "mug.jpg", shop.images / "my-mug.jpg")
    said = re.search(r"echo '(\{.*?\})'", README)
    assert said is not None
    (shop.images / "my-mug.json").write_text(said[1])
    eventually(lambda: (shop.product("my-mug") or {}).get("price") == 12.5, 20)
