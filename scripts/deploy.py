"""Build the image and deploy template.yaml to AWS: `make deploy`.

The first time, SAM asks for what the template needs and keeps the answers in samconfig.toml. From
then on that file decides: whoever wants another answer changes it there and deploys again.
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

ANSWERS = Path("samconfig.toml")
IN_THE_IMAGE = {"Model": "mini", "Architecture": "x86_64"}
"""What the image is built by, with the template's defaults: settled before SAM asks."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make deploy", description=__doc__)
    parser.add_argument("--model", help="the model in the image (MODEL=)")
    parser.add_argument("--architecture", choices=["x86_64", "arm64"], help="(ARCHITECTURE=)")
    asked, for_sam = parser.parse_known_args(arguments)
    wanted = {"Model": asked.model, "Architecture": asked.architecture}
    said = {name: value for name, value in wanted.items() if value}
    first = not ANSWERS.exists()
    built = IN_THE_IMAGE | (said if first else answers(ANSWERS))
    for name, value in said.items():
        if built[name] != value:
            print(f"{ANSWERS} says {name}={built[name]}; change it there.", file=sys.stderr)
            return 2
    image = {name: built[name] for name in IN_THE_IMAGE}
    guided = ["--guided", "--stack-name", "likeness", *_overriding(image)] if first else []
    try:
        _sam("build", *_overriding(image))
        _sam("deploy", "--no-fail-on-empty-changeset", *guided, *for_sam)
    except subprocess.CalledProcessError as failed:
        return failed.returncode  # SAM has said why
    except KeyboardInterrupt:
        return 130
    return 0 if _is_what_was_built(image) else 1


def answers(config: Path) -> dict[str, str]:
    """The template's parameters as SAM keeps them."""
    told = tomllib.loads(config.read_text())
    of_deploy = told.get("default", {}).get("deploy", {}).get("parameters", {})
    text = of_deploy.get("parameter_overrides", "")
    parts = shlex.split(text) if isinstance(text, str) else text
    return dict(part.split("=", 1) for part in parts)


def _is_what_was_built(image: Mapping[str, str]) -> bool:
    """SAM asks for these too, and whoever is asked may say something else."""
    kept = answers(ANSWERS) if ANSWERS.exists() else {}
    other = {name: kept[name] for name in image if kept.get(name, image[name]) != image[name]}
    if other:
        told = " and ".join(f"{name}={value}" for name, value in other.items())
        print(
            f"The image was built before you said {told}: run make deploy again.", file=sys.stderr
        )
    return not other


def _overriding(parameters: Mapping[str, str]) -> list[str]:
    return ["--parameter-overrides", *(f"{name}={value}" for name, value in parameters.items())]


def _sam(*arguments: str) -> None:
    sam = Path(sys.executable).with_name("sam")
    subprocess.run([sam, *arguments], check=True, env={**os.environ, "SAM_CLI_TELEMETRY": "0"})


if __name__ == "__main__":
    sys.exit(main())
