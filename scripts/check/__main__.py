"""Run every check, two side by side, whatever others said, and end with one line for each."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

_LINT_IMPORTS = """
import sys
from importlinter.cli import lint_imports
sys.path += ["clients/python", "clients"]
sys.exit(lint_imports(no_logo=True))
"""

CHECKS = {
    "format": ["-m", "ruff", "format", "--check"],
    "lint": ["-m", "ruff", "check"],
    "types": ["-m", "mypy"],  # takes as long as all that follow
    "imports": ["-c", _LINT_IMPORTS],
    "docs": ["-m", "scripts.check.docs"],
    "openapi": ["-m", "scripts.check.openapi"],
    "scripts": ["-m", "scripts.check.javascript"],
    "template": ["-m", "scripts.check.template"],
    "workflows": ["-m", "scripts.check.workflows"],
}
ADVICE = {
    "format": "make fix puts it right",
    "lint": "make fix puts some of it right",
    "openapi": "make openapi writes it anew",
    "imports": "the rules are in pyproject.toml, [tool.importlinter]",
}


def main() -> int:
    summary: list[str] = []
    failed = False
    with ThreadPoolExecutor(2) as side_by_side:
        for name, (broke, took, said) in zip(
            CHECKS, side_by_side.map(_check, CHECKS.values()), strict=True
        ):
            print(f"== {name}\n{said}", end="", flush=True)
            hint = f"  ({ADVICE[name]})" if broke and name in ADVICE else ""
            summary.append(f"{name:<9} {'FAILED' if broke else 'ok':<6} {took:>5.1f} s{hint}")
            failed = failed or broke
    print("\n" + "\n".join(summary), flush=True)
    return 1 if failed else 0


def _check(arguments: list[str]) -> tuple[bool, float, str]:
    """Whether it broke, how many seconds it took, and what it said."""
    started = time.monotonic()
    run = subprocess.run(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return run.returncode != 0, time.monotonic() - started, run.stdout


if __name__ == "__main__":
    sys.exit(main())
