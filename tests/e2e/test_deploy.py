"""`make deploy`, with a `sam` that asks no account and keeps the answers as SAM does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.running import ROOT
from tests.sam_tools import sam_tool

SAM = """#!{python}
import json, os, sys
from pathlib import Path

with Path("asked").open("a") as file:
    file.write(json.dumps(sys.argv[1:]) + "\\n")
if sys.argv[1] == os.environ.get("FAILS"):
    sys.exit(3)
if "--guided" in sys.argv:
    from samcli.commands.deploy.guided_config import GuidedConfig
    from samcli.lib.config.samconfig import SamConfig

    told = json.loads(os.environ["ANSWERS"]).items()
    said = {{name: {{"Value": value, "Hidden": False}} for name, value in told}}
    config = SamConfig(".")
    GuidedConfig("", "parameters")._save_parameter_overrides(["deploy"], "default", said, config)
    config.flush()
"""
USUAL = {"Model": "mini", "Architecture": "x86_64", "CorsOrigins": ""}


class Deployer:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "bin").mkdir()
        (folder / "bin" / "python").symlink_to(sys.executable)
        sam = folder / "bin" / "sam"
        sam.write_text(SAM.format(python=sam_tool("python")))
        sam.chmod(0o755)

    def run(
        self, *arguments: str, answers: dict[str, str] | None = None, fails: str = ""
    ) -> subprocess.CompletedProcess[str]:
        said = json.dumps(answers or USUAL)
        return subprocess.run(
            [self.folder / "bin" / "python", "-m", "scripts.deploy", *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "ANSWERS": said, "FAILS": fails},
            capture_output=True,
            text=True,
            timeout=60,
        )

    def asked(self) -> list[list[str]]:
        """What SAM was asked since the last time."""
        log = self.folder / "asked"
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return [json.loads(line) for line in lines]


@pytest.fixture
def deployer(tmp_path: Path) -> Deployer:
    return Deployer(tmp_path)


BUILT = ["--parameter-overrides", "Model=mini", "Architecture=x86_64"]
DEPLOY = ["deploy", "--no-fail-on-empty-changeset"]


def test_the_first_time_asks_and_the_next_ones_remember(deployer: Deployer) -> None:
    assert deployer.run().returncode == 0
    first = [*DEPLOY, "--guided", "--stack-name", "likeness", *BUILT]
    assert deployer.asked() == [["build", *BUILT], first]
    assert deployer.run().returncode == 0
    assert deployer.asked() == [["build", *BUILT], DEPLOY]


def test_what_is_in_the_image_is_what_is_deployed(deployer: Deployer) -> None:
    chosen = {**USUAL, "Model": "clip-vit-b-32", "Architecture": "arm64"}
    named = ["--model", "clip-vit-b-32", "--architecture", "arm64"]
    assert deployer.run(*named, answers=chosen).returncode == 0
    build, deploy = deployer.asked()
    assert build == ["build", "--parameter-overrides", "Model=clip-vit-b-32", "Architecture=arm64"]
    assert deploy[-3:] == build[-3:]
    assert deployer.run().returncode == 0
    assert deployer.asked() == [build, DEPLOY]


def test_an_answer_that_the_image_does_not_fit_is_told(deployer: Deployer) -> None:
    done = deployer.run(answers={**USUAL, "Architecture": "arm64"})
    assert done.returncode == 1
    assert "before you said Architecture=arm64: run make deploy again" in done.stderr
    deployer.asked()
    assert deployer.run().returncode == 0
    assert deployer.asked()[0][-1] == "Architecture=arm64"


def test_what_is_kept_is_changed_where_it_is_kept(deployer: Deployer) -> None:
    deployer.run()
    deployer.asked()
    done = deployer.run("--model", "clip-vit-b-32")
    assert done.returncode == 2
    assert done.stderr == "samconfig.toml says Model=mini; change it there.\n"
    assert deployer.asked() == []


def test_nothing_is_deployed_that_was_not_built(deployer: Deployer) -> None:
    assert deployer.run(fails="build").returncode == 3
    assert [asked[0] for asked in deployer.asked()] == ["build"]
    assert deployer.run(fails="deploy").returncode == 3


def test_whoever_kept_the_answers_is_asked_nothing(deployer: Deployer) -> None:
    """As the workflow does, which brings samconfig.toml along and has nobody to say yes."""
    workflow = (ROOT / ".github" / "workflows" / "deploy-aws.yaml").read_text()
    assert 'make deploy MODEL="$MODEL" ARGS=--no-confirm-changeset' in workflow
    deployer.run()
    deployer.asked()
    assert deployer.run("--model", "mini", "--no-confirm-changeset").returncode == 0
    assert deployer.asked() == [["build", *BUILT], [*DEPLOY, "--no-confirm-changeset"]]
    command = [str(sam_tool("sam")), "deploy", "--help"]
    options = subprocess.run(command, capture_output=True, text=True, timeout=120).stdout
    assert "--no-confirm-changeset" in options.replace(" / ", "/").replace("/", " ")


def test_sam_understands_what_it_is_told() -> None:
    ask = (
        "import json, sys; from samcli.cli.types import CfnParameterOverridesType as Parameters; "
        "print(json.dumps(Parameters().convert(tuple(sys.argv[1:]), None, None)))"
    )
    told = subprocess.run(
        [sam_tool("python"), "-c", ask, *BUILT[1:]], capture_output=True, check=True, timeout=60
    )
    assert json.loads(told.stdout) == {"Model": "mini", "Architecture": "x86_64"}
