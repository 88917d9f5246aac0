"""Install the image's packages and leave out what nobody runs, inside the build:

python3 -m scripts.image.packages REQUIREMENTS FOLDER   (EMBEDDED=1 for the engine in the process)
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from scripts.image.bytecode import compiled
from scripts.image.contents import PRUNED, SERVICES, asked_for_embedded, chosen


def main() -> None:
    requirements, target = Path(sys.argv[1]), Path(sys.argv[2])
    lock = requirements.read_text(encoding="utf-8")
    install(chosen(lock, asked_for_embedded()), target)
    prune(target)
    compiled(target, target)


def install(requirements: str, target: Path) -> None:
    # Without dependencies: the lock names them all, and `chosen` has left some out on purpose.
    pip = [sys.executable, "-m", "pip", "install", "--target", str(target), "--no-deps"]
    pip += ["--require-hashes", "--only-binary", ":all:", "--no-compile", "--no-cache-dir"]
    pip += ["--no-input", "--disable-pip-version-check", "--root-user-action", "ignore"]
    pip += ["--progress-bar", "off", "--timeout", "60", "--requirement", "/dev/stdin"]
    subprocess.run(pip, input=requirements, text=True, check=True)


def prune(target: Path) -> None:
    data = target / "botocore" / "data"
    unused = [one for one in data.iterdir() if one.is_dir() and one.name not in SERVICES]
    for pattern in PRUNED:
        unused += target.glob(pattern)
    for path in unused:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
