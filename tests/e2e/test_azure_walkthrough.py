"""docs/azure.md, pasted from top to bottom into a shell whose `az` notes what it is asked and gives
what Azure would: what the page says in one step is what the next ones need."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

import pytest

from tests.bicep import room
from tests.stack import ROOT

AZ = """#!{python}
import json, os, re, sys
asked = sys.argv[1:]
stdin = sys.stdin.read() if "/dev/stdin" in asked else ""
with open("asked", "a") as file:
    file.write(json.dumps([asked, stdin, os.environ.get("IMAGE", "")]) + "\\n")
output = re.search(r"properties\\.outputs\\.(\\w+)\\.value", " ".join(asked))
if output:
    print(json.loads({outputs!r})[output[1]])
elif asked[:3] == ["keyvault", "secret", "show"]:
    print("what-is-in-the-vault")
else:
    print("what-azure-says")
"""
OTHERS = ("curl", "make")
_BLOCK = re.compile(r"^ *```sh\n(.*?)^ *```", re.DOTALL | re.MULTILINE)


class Asked(NamedTuple):
    words: list[str]
    stdin: str
    image: str

    def option(self, name: str) -> str:
        return self.words[self.words.index(name) + 1]

    def is_(self, *words: str) -> bool:
        return self.words[: len(words)] == list(words)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> list[Asked]:
    folder = tmp_path_factory.mktemp("azure")
    _command(folder / "az", AZ.format(python=sys.executable, outputs=json.dumps(room().outputs)))
    for name in OTHERS:
        _command(folder / name, "#!/bin/sh\n")
    page = (ROOT / "docs" / "azure.md").read_text()
    blocks = [dedent(block) for block in _BLOCK.findall(page)]
    script = "\n".join(blocks).replace("read -rs KEY", "KEY=a-key-that-qdrant-gave")
    done = subprocess.run(
        ["bash", "-euo", "pipefail"],
        input=script,
        cwd=folder,
        env=os.environ | {"PATH": f"{folder}:{os.environ['PATH']}", "VAULT": "the-vault"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    lines = (folder / "asked").read_text().splitlines()
    return [Asked(*json.loads(line)) for line in lines]


def _command(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def test_it_is_deployed_without_an_image_and_then_with_the_one_that_was_built(
    asked: list[Asked],
) -> None:
    deployments = [one.image for one in asked if one.is_("deployment", "group", "create")]
    server = room().outputs["registryServer"]
    assert deployments == ["", f"{server}/likeness:mini"]
    [build] = [one for one in asked if one.is_("acr", "build")]
    assert f"{server}/{build.option('--image')}" == deployments[1]
    assert server.startswith(build.option("--registry"))


def test_every_secret_is_put_into_the_vault_before_the_apps_are_made(asked: list[Asked]) -> None:
    made = [n for n, one in enumerate(asked) if one.is_("deployment", "group", "create")][1]
    put = [one for one in asked[:made] if one.is_("keyvault", "secret", "set")]
    needed = room().app("likeness")["properties"]["configuration"]["secrets"]
    assert {one.option("--name") for one in put} == {secret["name"] for secret in needed}
    assert {one.option("--vault-name") for one in put} == {room().outputs["vaultName"]}
    for one in put:
        assert len(one.stdin) >= 16 and one.stdin == one.stdin.strip()


def test_no_secret_is_in_the_words_of_a_command(asked: list[Asked]) -> None:
    secrets = {one.stdin for one in asked if one.stdin} | {"what-is-in-the-vault"}
    assert len(secrets) == 5
    for one in asked:
        assert not any(secret in word for secret in secrets for word in one.words)


def test_a_new_key_stands_before_the_old_one(asked: list[Asked]) -> None:
    put = [one for one in asked if one.is_("keyvault", "secret", "set")]
    new, old = put[-1].stdin.split(",")
    assert old == "what-is-in-the-vault" and len(new) >= 16 and new != put[1].stdin


def test_the_photo_goes_where_the_apps_look(asked: list[Asked]) -> None:
    [put] = [one for one in asked if one.is_("storage", "blob", "upload")]
    outputs = room().outputs
    assert put.option("--account-name") == outputs["photoAccount"]
    container = {one["name"]: one for one in room().app("likeness")["properties"]["template"][
        "containers"][0]["env"]}["IMAGE_CONTAINER"]["value"]  # fmt: skip
    assert container.startswith(f"https://{put.option('--account-name')}.blob.")
    assert container.endswith(f"/{put.option('--container-name')}")
