"""docs/azure.md beside infra/azure: what it names is there, and its commands are such as a shell
takes."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.bicep import IN_S3, parsed, room
from tests.stack import ROOT

PAGES = ("azure.md", "github.md", "image.md")
_BLOCK = re.compile(r"^( *)```sh\n(.*?)^ *```", re.DOTALL | re.MULTILINE)


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text()


@pytest.mark.parametrize("name", PAGES)
def test_commands_are_such_as_a_shell_takes(name: str) -> None:
    blocks = [body for _, body in _BLOCK.findall(page(name))]
    assert blocks
    for block in blocks:
        told = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True)
        assert told.returncode == 0, f"{told.stderr}\n{block}"


def test_every_secret_of_the_apps_is_told_and_no_other() -> None:
    rooms = [room(searchNeedsKey=True, takesWebhooks=True, signInClientId="a"), room(**IN_S3)]
    asked = {
        secret["name"]
        for one in rooms
        for app in one.of("Microsoft.App/containerApps")
        for secret in app["properties"]["configuration"]["secrets"]
    }
    table = page("azure.md").partition("| secret | when | is |\n")[2].partition("\n\n")[0]
    told = {name for row in table.splitlines()[1:] for name in _names(row.split("|")[1])}
    assert told == asked
    put = set(re.findall(r"\| put ([a-z-]+)", page("azure.md")))
    needed = room().app("likeness")["properties"]["configuration"]["secrets"]
    assert put == {secret["name"] for secret in needed}


def test_outputs_and_parameters_that_are_named_are_there() -> None:
    text = page("azure.md")
    statements = parsed("main.bicep")
    outputs = {one.name for one in statements if one.kind == "output"}
    assert set(re.findall(r"\$\(output (\w+)\)", text)) <= outputs
    assert set(re.findall(r"\boutputs? `(\w+)`", text)) <= outputs
    parameters = {one.name for one in statements if one.kind == "param"}
    camel = set(re.findall(r"`([a-z]+[A-Z]\w+)`", text)) - outputs
    assert camel <= parameters
    assert {"photos", "searchNeedsKey", "minReplicas"} <= parameters & set(_names(text))


def test_what_is_made_is_called_as_the_page_says() -> None:
    text = page("azure.md")
    made = {one["name"] for one in room().resources}
    for option in ("--container-name ", "--workspace-name "):
        [name] = set(re.findall(rf"{option}(\S+)", text))
        assert name in made


def _names(text: str) -> list[str]:
    return re.findall(r"`([\w-]+)`", text)
