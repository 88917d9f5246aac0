"""What GitHub runs: pinned, with no more rights than it needs, made of the README's commands."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.check.workflows import problems
from tests.stack import ROOT

GITHUB = ROOT / ".github"
WORKFLOWS = sorted(path.name for path in (GITHUB / "workflows").iterdir())
_PINNED = re.compile(r"^ +- uses: [\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
_RIGHTS = {"contents": "read", "id-token": "write", "packages": "write"}


def told(name: str) -> dict[str, Any]:
    text = (GITHUB / "workflows" / name).read_text()
    found: dict[str, Any] = yaml.load(text, yaml.BaseLoader)  # which leaves `on` a word
    return found


def jobs(name: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = told(name)["jobs"]
    return found


@pytest.mark.parametrize("name", WORKFLOWS)
def test_they_are_such_as_github_takes(name: str) -> None:
    assert _fits("github-workflows", GITHUB / "workflows" / name) == ""


def test_dependabot_is_told_what_it_takes(tmp_path: Path) -> None:
    assert _fits("dependabot", GITHUB / "dependabot.yml") == ""
    (tmp_path / "dependabot.yml").write_text("version: 2\nupdates: everything\n")
    assert "everything" in _fits("dependabot", tmp_path / "dependabot.yml")


def _fits(schema: str, path: Path) -> str:
    """What is wrong with it, by the schema that is published for such files."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
    done = subprocess.run([*command, path], capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr if done.returncode else ""


@pytest.mark.parametrize("name", WORKFLOWS)
def test_actions_are_pinned_to_commits_and_say_their_version(name: str) -> None:
    lines = (GITHUB / "workflows" / name).read_text().splitlines()
    uses = [line for line in lines if "uses:" in line]
    assert uses
    for line in uses:
        assert _PINNED.match(line), line


def test_an_action_has_one_version_everywhere() -> None:
    text = "".join((GITHUB / "workflows" / name).read_text() for name in WORKFLOWS)
    pins = set(re.findall(r"uses: ([\w./-]+)@(\w+)", text))
    assert len({action for action, _ in pins}) == len(pins)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_nobody_may_do_more_than_needed_or_run_for_ever(name: str) -> None:
    assert told(name)["permissions"] == {}
    assert told(name)["concurrency"]["group"]
    assert "pull_request_target" not in told(name)["on"]
    for job in jobs(name).values():
        assert job["permissions"].items() <= _RIGHTS.items()
        assert 0 < int(job["timeout-minutes"]) <= 90
        known = "id-token" in job["permissions"]
        assert known is name.startswith("deploy-") is ("environment" in job)


def test_a_deployment_is_asked_for_by_a_person_and_never_broken_off() -> None:
    for name in WORKFLOWS:
        if name.startswith("deploy-"):
            assert told(name)["on"].keys() == {"workflow_dispatch"}
            assert told(name)["concurrency"]["cancel-in-progress"] == "false"


def test_secrets_are_given_to_a_registry_alone_and_never_to_a_command() -> None:
    for name in WORKFLOWS:
        for job in jobs(name).values():
            for step in job["steps"]:
                secret = "secrets." in str(step)
                assert secret is step.get("uses", "").startswith("docker/login-action@"), step
                assert "${{" not in step.get("run", ""), step


def test_what_they_run_is_what_the_gate_runs() -> None:
    gate = {line for line in (ROOT / ".ci" / "run").read_text().splitlines() if line[:4] == "make"}
    run = {step.get("run") for job in jobs("test.yaml").values() for step in job["steps"]}
    assert gate and gate <= run
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for name in WORKFLOWS:
        for job in jobs(name).values():
            for step in job["steps"]:
                for called in re.findall(r"\bmake ([a-z-]+)", step.get("run", "")):
                    assert called in targets


def test_the_image_is_built_for_both_architectures() -> None:
    [build] = [
        step["with"]
        for step in jobs("image.yaml")["image"]["steps"]
        if "build-push-action" in step.get("uses", "")
    ]
    assert build["platforms"] == "linux/amd64,linux/arm64"
    arguments = {line.split("=")[0] for line in build["build-args"].splitlines()}
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert all(re.search(rf"^ARG {name}=", dockerfile, re.MULTILINE) for name in arguments)


@pytest.mark.parametrize(
    ("right", "wrong", "finding"),
    [
        ("@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", "@v7", "unpinned-uses"),
        ("          persist-credentials: false\n", "          fetch-depth: 0\n", "artipacked"),
        ("run: make check", "run: echo ${{ github.head_ref }}", "template-injection"),
        ("permissions: {}", "permissions: write-all", "excessive-permissions"),
        ("runs-on: ubuntu-24.04", "runs-on: ubuntu-1804", "runner-label"),
        ("run: make check", "run: make $TARGET", "SC2086"),
        ("run: make check", "run: make check)", "SC1"),
        ("matrix.python", "matrix.pithon", '"pithon" is not defined'),
    ],
)
def test_the_gate_notices_what_is_wrong(
    right: str, wrong: str, finding: str, tmp_path: Path
) -> None:
    text = (GITHUB / "workflows" / "test.yaml").read_text()
    assert right in text
    place = tmp_path / ".github" / "workflows"
    place.mkdir(parents=True)
    (place / "test.yaml").write_text(text.replace(right, wrong))
    assert finding in problems(tmp_path / ".github")
