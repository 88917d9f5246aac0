"""The tools of `.venv/sam`: SAM, the template's linters, and Lambda's own runtime emulator."""

from __future__ import annotations

import platform
from pathlib import Path

HOME = Path(__file__).resolve().parents[1] / ".venv" / "sam"
_MACHINES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


def sam_tool(name: str) -> Path:
    """A command of that environment: `sam`, `cfn-lint`, `checkov` or its `python`."""
    return _there(HOME / "bin" / name)


def lambda_emulator() -> Path:
    """What stands in front of a function in Lambda, for this machine; SAM's wheel carries it.

    It knows no `--help`: asked for it, it listens.
    """
    machine = _MACHINES[platform.machine().lower()]
    pattern = f"lib/python3*/site-packages/samcli/local/rapid/aws-lambda-rie-{machine}"
    return _there(next(HOME.glob(pattern), HOME / pattern))


def _there(path: Path) -> Path:
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing; `make test` sets up what the tests need")
    return path
