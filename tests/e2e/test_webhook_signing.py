"""The signing examples of docs/webhooks.md, run as a reader would paste them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.running import ROOT, running_shop

EXAMPLES = dict(
    re.findall(r"```(python|sh)\n(.*?)```", (ROOT / "docs/webhooks.md").read_text(), re.DOTALL)
)


@pytest.mark.skipif(
    not (shutil.which("curl") and shutil.which("openssl")),
    reason="curl or openssl is not installed",
)
def test_what_the_page_says_to_paste_works(tmp_path: Path) -> None:
    settings = {"WEBHOOK_SECRETS": "back-office=a-secret-of-the-two-of-us"}
    with running_shop(tmp_path, **settings) as shop:
        here = f"{shop.client.base_url.host}:{shop.client.base_url.port}"
        for language, command in (("python", [sys.executable, "-c"]), ("sh", ["bash", "-euc"])):
            lamp = {"id": "lamp", "name": "Brass lamp"}
            assert shop.client.post("/products", json=lamp).status_code == 201
            pasted = EXAMPLES[language].replace("127.0.0.1:8000", here)
            ran = subprocess.run([*command, pasted], capture_output=True, text=True, timeout=60)
            assert ran.returncode == 0, ran.stderr
            assert json.loads(ran.stdout)["status"] == "accepted"
            assert shop.product("lamp") is None
