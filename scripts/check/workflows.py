""".github under the eyes of zizmor and actionlint: `python -m scripts.check.workflows`.

Offline. zizmor looks for actions that are not pinned, rights that are not needed, what a stranger
could put into a command, and the like; actionlint for what GitHub would not take or not do as
meant, and has shellcheck read the commands.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".venv" / "sam" / "bin"
LIMIT = 60


def problems(place: Path) -> str:
    """What they say of a .github, or nothing."""
    zizmor = ["zizmor", "--offline", "--quiet", "--no-progress", "--persona=pedantic", str(place)]
    workflows = sorted(str(path) for path in (place / "workflows").iterdir())
    # Without pyflakes: no command here is Python, and some machines have one on their path.
    shellcheck = str(TOOLS / "shellcheck")
    actionlint = ["actionlint", "-no-color", "-pyflakes=", f"-shellcheck={shellcheck}", *workflows]
    return _told(zizmor) + _told(actionlint)


def _told(command: Sequence[str]) -> str:
    told = subprocess.run(
        [TOOLS / command[0], *command[1:]],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    return told.stdout if told.returncode else ""


def main() -> int:
    if not TOOLS.exists():
        # `make check` never comes here: it sets up what it needs first.
        print("there is no .venv/sam, so nobody looked at .github; make check sets it up")
        return 0
    found = problems(ROOT / ".github")
    print(found or "zizmor and actionlint have nothing to say")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
