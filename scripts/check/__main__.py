"""Run every check, whatever the ones before it said, and end with one line for each."""

from __future__ import annotations

import subprocess
import sys
import time

_LINT_IMPORTS = """
import sys
from importlinter.cli import lint_imports
sys.path += ["clients/python", "clients"]
sys.exit(lint_imports(no_logo=True))
"""

CHECKS = {
    "format": ["-m", "ruff", "format", "--check"],
    "lint": ["-m", "ruff", "check"],
    "types": ["-m", "mypy"],
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
    for name, arguments in CHECKS.items():
        print(f"== {name}", flush=True)
        started = time.monotonic()
        broke = subprocess.run([sys.executable, *arguments], check=False).returncode != 0
        took = f"{time.monotonic() - started:.1f} s"
        hint = f"  ({ADVICE[name]})" if broke and name in ADVICE else ""
        summary.append(f"{name:<9} {'FAILED' if broke else 'ok':<6} {took:>7}{hint}")
        failed = failed or broke
    print("\n" + "\n".join(summary), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
