"""Keys let people in, so they stay out of the log, whatever happens and however much it says."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from time import time

import pytest

from handlers.api import ENDPOINTS
from tests.e2e.running import ROOT, running_shop

ADMIN = "Hush-this-opens-all-doors"
SEARCH = "Hush-this-opens-the-window"
WRONG = "Hush-this-opens-nothing"
EVENTS = "Hush-this-tells-events"
SOURCE = "shop=Hush-this-signs-events"


def test_a_log_of_everything_has_no_key_in_it(tmp_path: Path) -> None:
    settings = {"ADMIN_KEYS": ADMIN, "SEARCH_KEYS": SEARCH, "LOG_LEVEL": "DEBUG"}
    settings |= {"WEBHOOK_SECRETS": SOURCE, "EVENT_KEYS": EVENTS}
    with running_shop(tmp_path, **settings, RATE_LIMIT="1000/min") as shop:
        for endpoint in ENDPOINTS:
            path = endpoint.path.replace("{product_id:path}", "p0")
            for key in (ADMIN, SEARCH, WRONG):
                for headers in ({"X-API-Key": key}, {"Authorization": f"Bearer {key}"}):
                    shop.client.request(endpoint.method, path, json={}, headers=headers)
            shop.client.request(endpoint.method, path, params={"api_key": ADMIN}, json={})
        for key in (EVENTS, WRONG):
            for method in ("POST", "OPTIONS"):
                for sent in (b"[]", b"[{}]", b"{"):
                    shop.client.request(method, "/events/blob", params={"key": key}, content=sent)
        shop.client.post("/products", content=b"{", headers={"X-API-Key": ADMIN})
        signed = {"X-Webhook-Timestamp": str(int(time())), "X-Webhook-Signature": WRONG}
        assert shop.client.post("/webhooks/shop", json={}, headers=signed).status_code == 401
        shop.end(signal.SIGTERM)
    log = shop.log.read_text()
    for endpoint in ENDPOINTS:
        assert endpoint.path.partition("/{")[0] in log, "it is the log of these requests"
    assert "Hush" not in log


@pytest.mark.parametrize("setting", ["ADMIN_KEYS", "SEARCH_KEYS", "WEBHOOK_SECRETS", "EVENT_KEYS"])
def test_settings_that_are_refused_are_told_without_keys(tmp_path: Path, setting: str) -> None:
    settings = {setting: f"{ADMIN},{SOURCE},Hush", "DATA_DIR": str(tmp_path), "PORT": "none"}
    ended = subprocess.run(
        [sys.executable, "-m", "handlers.server"],
        cwd=ROOT,
        env=settings,
        capture_output=True,
        text=True,
        timeout=60,
    )
    told = ended.stdout + ended.stderr
    assert ended.returncode != 0 and "PORT" in told
    assert "Hush" not in told
