""".github under the eyes of zizmor: `python -m scripts.check.workflows`.

Offline. It looks for actions that are not pinned, rights that are not needed, what a stranger could
put into a command, and the like.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ZIZMOR = ROOT / ".venv" / "sam" / "bin" / "zizmor"
LIMIT = 60


def problems(place: Path) -> str:
    """What zizmor says, or nothing."""
    options = ["--offline", "--quiet", "--no-progress", "--persona", "pedantic"]
    told = subprocess.run(
        [ZIZMOR, *options, place],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    return told.stdout if told.returncode else ""


def main() -> int:
    if not ZIZMOR.exists():
        # `make check` never comes here: it sets up what it needs first.
        print("zizmor is not in .venv/sam, so nobody looked at .github; make check sets it up")
        return 0
    found = problems(ROOT / ".github")
    print(found or "zizmor has nothing to say")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
