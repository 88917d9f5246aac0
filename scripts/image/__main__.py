"""Build the container image, and print what it weighs above its base:

python -m scripts.image [--model NAME] [--base IMAGE] [--platform linux/arm64] [--embedded]
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

from scripts.image.engine import NAMES, EngineFailed, find_engine
from scripts.image.weight import table, weigh

ROOT = Path(__file__).resolve().parents[2]
_BASE = re.compile(r"^ARG BASE_IMAGE=(\S+)$", re.MULTILINE)


def main() -> int:
    options = _options()
    tag = options.tag or f"likeness:{options.model}"
    base = options.base or usual_base(ROOT / "Dockerfile")
    arguments = {"BASE_IMAGE": base, "MODEL": options.model, "REVISION": _revision()}
    arguments |= {"EMBEDDED": "1"} if options.embedded else {}
    try:
        engine = find_engine(options.engine)
        engine.build(ROOT, tag, arguments, options.platform)
        print(f"\n{tag}, built by {engine.name}\n\n{table(weigh(engine, tag, base))}")
        return 0
    except EngineFailed as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted; what was built so far is kept for the next time", file=sys.stderr)
        return 130


def usual_base(dockerfile: Path) -> str:
    found = _BASE.search(dockerfile.read_text(encoding="utf-8"))
    assert found is not None
    return found[1]


def _revision() -> str:
    """The commit, where git is at hand and has one."""
    asked = ["git", "-C", str(ROOT), "rev-parse", "HEAD"]
    try:
        told = subprocess.run(asked, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return told.stdout.strip()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.image",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--model", default="mini", help="mini, or one that make model built")
    parser.add_argument("--base", default="", help="another base than the Dockerfile's")
    parser.add_argument("--platform", default="", help="such as linux/arm64")
    parser.add_argument("--embedded", action="store_true", help="with the engine in the process")
    parser.add_argument("--tag", default="", help="likeness:MODEL unless given")
    parser.add_argument("--engine", default="", choices=("", *NAMES))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
