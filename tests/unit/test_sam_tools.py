from __future__ import annotations

import subprocess

import pytest

from tests.sam_tools import lambda_emulator, sam_tool


@pytest.mark.parametrize("name", ["sam", "cfn-lint", "checkov"])
def test_the_tool_starts(name: str) -> None:
    told = subprocess.run([sam_tool(name), "--version"], capture_output=True, timeout=120)
    assert told.returncode == 0, told.stderr.decode()
    assert told.stdout.strip()


def test_the_emulator_is_a_program_for_this_system() -> None:
    assert lambda_emulator().read_bytes()[:4] == b"\x7fELF"


def test_only_one_pin_is_overruled() -> None:
    """The Makefile overrules checkov's boto3; a newer tool that asks for another one shows here."""
    told = subprocess.run(
        [sam_tool("python"), "-m", "pip", "check"], capture_output=True, text=True, timeout=120
    )
    problems = told.stdout.splitlines()
    assert len(problems) == 1, problems
    assert problems[0].startswith("checkov ") and "requirement boto3==" in problems[0]
