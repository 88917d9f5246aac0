"""compose.yaml: by the schema that is published for such files, and beside the code."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.settings import SETTING_NAMES
from handlers.server import GRACE_SECONDS
from scripts.image.contents import EMBEDDED
from tests.stack import ROOT

COMPOSE = ROOT / "compose.yaml"
EXAMPLE = ROOT / ".env.example"
_ASKED = re.compile(r"\$\{(\w+)(:?[-?][^}]*)?\}")
_SECRET = {"ADMIN_KEYS", "SEARCH_KEYS", "WEBHOOK_SECRETS", "QDRANT_API_KEY"}


def told() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    return found


def service(name: str) -> dict[str, Any]:
    found: dict[str, Any] = told()["services"][name]
    return found


def _fits(path: Path) -> str:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*command, path], capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr if done.returncode else ""


def test_it_is_such_as_compose_takes(tmp_path: Path) -> None:
    assert _fits(COMPOSE) == ""
    text = COMPOSE.read_text().replace("cap_drop: [ALL]", "cap_drop: perhaps")
    (tmp_path / "compose.yaml").write_text(text)
    assert "perhaps" in _fits(tmp_path / "compose.yaml")


def test_what_it_sets_are_settings_and_no_secret_stands_in_it() -> None:
    environment = service("likeness")["environment"]
    assert environment.keys() <= set(SETTING_NAMES)
    for name in _SECRET & environment.keys():
        assert _ASKED.fullmatch(environment[name]), name
    # The key would go over http, to another machine as far as the shop can see.
    assert environment["QDRANT_URL"].startswith("http://") and "QDRANT_API_KEY" not in environment


def test_the_example_has_what_is_asked_for_and_no_secret() -> None:
    lines = [line for line in EXAMPLE.read_text().splitlines() if line and line[0] != "#"]
    example = dict(line.split("=", 1) for line in lines)
    assert example.keys() == {name for name, _ in _ASKED.findall(COMPOSE.read_text())}
    assert not any(example[name] for name in _SECRET & example.keys())
    needed = {name for name, default in _ASKED.findall(COMPOSE.read_text()) if ":?" in default}
    assert needed == {"ADMIN_KEYS"}
    assert "/.env" in (ROOT / ".gitignore").read_text().splitlines()


def test_nobody_but_this_machine_reaches_it_and_nobody_at_all_its_qdrant() -> None:
    for port in service("likeness")["ports"]:
        assert port.startswith("127.0.0.1:")
    qdrant = service("qdrant")
    assert "ports" not in qdrant and qdrant["networks"] == ["back"]
    assert told()["networks"]["back"]["internal"] is True
    assert "back" in service("likeness")["networks"]


def test_images_are_pinned_and_what_is_built_is_the_dockerfiles() -> None:
    assert re.fullmatch(r"qdrant/qdrant:v\d+\.\d+\.\d+-unprivileged", service("qdrant")["image"])
    build = service("likeness")["build"]
    arguments = set(re.findall(r"^ARG (\w+)=", (ROOT / "Dockerfile").read_text(), re.MULTILINE))
    assert build["args"].keys() <= arguments
    assert build["args"]["EMBEDDED"] == "1" and "watchfiles" in EMBEDDED
    entrypoint = (ROOT / "handlers" / "entrypoint.sh").read_text()
    [door] = service("likeness")["command"]
    assert re.search(rf"^{door} \|", entrypoint, re.MULTILINE)


@pytest.mark.parametrize("name", ["likeness", "qdrant"])
def test_they_are_watched_keep_what_they_know_and_have_no_rights(name: str) -> None:
    one = service(name)
    assert one["healthcheck"]["test"][0] == "CMD"
    [volume] = one["volumes"]
    assert volume.split(":")[0] in told()["volumes"]
    assert one["cap_drop"] == ["ALL"] and one["security_opt"] == ["no-new-privileges:true"]
    assert one["restart"] == "unless-stopped" and one["mem_limit"]
    assert int(one["stop_grace_period"].removesuffix("s")) > GRACE_SECONDS
