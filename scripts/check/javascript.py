"""The page's scripts, and the example shop's, under the eyes of TypeScript's compiler, which reads
them as they are: `python -m scripts.check.javascript`. Nothing is built.

What it looks for is in tsconfig.json. Where node and npm are not, it says so and finds nothing.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from scripts.npm import NotToBeHad, installed

VERSION = "5.9.3"
SETTINGS = Path(__file__).with_name("tsconfig.json")
_LIMIT = 300


def check(settings: Path) -> int:
    """What the compiler says goes to stdout; 0 where it says nothing."""
    try:
        home = installed("typescript", VERSION)
    except NotToBeHad as reason:
        print(f"passed over: {reason}")
        return 0
    compiler = home / "node_modules" / "typescript" / "bin" / "tsc"
    command = ["node", str(compiler), "--project", str(settings), "--pretty", "false"]
    said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, timeout=_LIMIT)
    print(said.stdout, end="")
    return said.returncode


if __name__ == "__main__":
    sys.exit(check(SETTINGS))
