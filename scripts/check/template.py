"""template.yaml under the eyes of SAM, cfn-lint and checkov, and infra/azure under checkov's alone:
`python -m scripts.check.template`.

All offline, and without an account. What checkov is told to pass over stands in .checkov.yaml, and
for Azure in infra/azure/checkov.yaml.
"""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".venv" / "sam" / "bin"
REGION = "eu-west-1"  # they ask for one
LIMIT = 300


def judges(template: Path) -> dict[str, list[str]]:
    """What looks at it: name to command."""
    return {
        "sam": ["sam", "validate", "--lint", "--region", REGION, "--template", str(template)],
        "cfn-lint": ["cfn-lint", "--regions", REGION, "--template", str(template)],
        "checkov": [
            "checkov", "--config-file", str(ROOT / ".checkov.yaml"), "--file", str(template),
        ],
    }  # fmt: skip


def judges_of_azure(room: Path) -> dict[str, list[str]]:
    config = ROOT / "infra" / "azure" / "checkov.yaml"
    return {
        "checkov (azure)": ["checkov", "--config-file", str(config), "--directory", str(room)],
    }


def problems(commands: dict[str, list[str]]) -> dict[str, str]:
    """Who found something, and what they said."""
    with ThreadPoolExecutor() as threads:  # each takes seconds to get going
        done = threads.map(_ask, commands.values())
    return {name: said for name, (fine, said) in zip(commands, done, strict=True) if not fine}


def _ask(command: list[str]) -> tuple[bool, str]:
    name, *arguments = command
    told = subprocess.run(
        [TOOLS / name, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT,
        check=False,
        env={**os.environ, "SAM_CLI_TELEMETRY": "0"},
    )
    return told.returncode == 0, told.stdout


def main() -> int:
    commands = judges(ROOT / "template.yaml") | judges_of_azure(ROOT / "infra" / "azure")
    found = problems(commands)
    for name, said in found.items():
        print(f"-- {name}\n{said}")
    if not found:
        print(f"{', '.join(commands)} have nothing to say")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
