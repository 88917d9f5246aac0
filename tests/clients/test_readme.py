"""The client's README, run as one program by a reader who pastes all of it, and checked as one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from scripts.demo.catalogue import products
from scripts.demo.write import write_products
from tests.clients.conftest import SECRET
from tests.e2e.running import ROOT, eventually, running_shop
from tests.photos import jpeg

CLIENT = ROOT / "clients" / "python"
README = (CLIENT / "README.md").read_text()
PROGRAM = "\n".join(re.findall(r"```python\n(.*?)```", README, re.DOTALL))


def test_what_the_readme_says_to_paste_works(tmp_path: Path) -> None:
    data = tmp_path / "data"
    some = [product for product in products() if product.look.kind in ("mug", "dress")]
    write_products(some, data / "bucket", 224, 1, lambda done, total: None)
    (tmp_path / "photo.jpg").write_bytes(jpeg(1))
    with running_shop(data, WEBHOOK_SECRETS=f"back-office={SECRET}") as shop:
        eventually(lambda: len(shop.catalogue()) == len(some), 60)
        here = f"{shop.client.base_url.host}:{shop.client.base_url.port}"
        ran = subprocess.run(
            [sys.executable, "-W", "error", "-c", PROGRAM.replace("127.0.0.1:8000", here)],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(CLIENT), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert ran.returncode == 0, ran.stderr
    for said in (
        "product_not_found There is no product",  # an error that is caught
        "mug-blue-plain",
        "bow 201 None",
        "bow-big 422 invalid_request",
        "accepted",
        "Brass lamp",
    ):
        assert said in ran.stdout, ran.stdout


def test_its_types_are_right(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--strict", "--config-file", os.devnull),
            *("--cache-dir", os.devnull, str(program)),
        ],
        cwd=tmp_path,
        env=os.environ | {"MYPYPATH": str(CLIENT)},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert ran.returncode == 0, ran.stdout


def test_it_names_every_call_and_error() -> None:
    import likeness_client
    from likeness_client import calls

    errors = {name for name in likeness_client.__all__ if name in vars(likeness_client.errors)}
    told = set(re.findall(r"\w+", README))
    assert set(calls.__all__) | errors - {"FieldError", "Refused"} <= told
