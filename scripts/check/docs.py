"""What is written beside the code still agrees with it: `python -m scripts.check.docs`."""

from __future__ import annotations

import sys
from pathlib import Path

from scripts.check.locks import lock_problems
from scripts.check.tables import errors_problems, settings_problems
from scripts.check.tree import length_problems, link_problems, target_problems

ROOT = Path(__file__).resolve().parents[2]


def problems(root: Path) -> list[str]:
    return [
        *settings_problems(root / "docs" / "settings.md"),
        *errors_problems(root / "docs" / "errors.md"),
        *link_problems(root),
        *target_problems(root),
        *length_problems(root),
        *lock_problems(root),
    ]


def main() -> int:
    found = problems(ROOT)
    agreed = "settings, errors, links, make targets, file lengths and locks agree"
    print("\n".join(found) if found else agreed)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
