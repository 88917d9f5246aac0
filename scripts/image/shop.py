"""Put our own code and one model together, inside the build:

python3 -m scripts.image.shop MODEL FOLDER BECOMES   (FOLDER will lie at BECOMES in the image)
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from scripts.image.bytecode import compiled
from scripts.image.contents import DOORS

SHIPPED = Path("core", "clip")
BUILT = Path("models")


def main() -> None:
    model, target, becomes = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    for folder in DOORS:
        shutil.copytree(folder, target / folder, ignore=shutil.ignore_patterns("__pycache__"))
    if not (SHIPPED / model).is_dir():
        _instead_of_the_shipped(model, target)
    compiled(target, becomes)
    for path in target.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)  # whoever it runs as may read it


def _instead_of_the_shipped(model: str, target: Path) -> None:
    if not (BUILT / model).is_dir():
        sys.exit(f"There is no {BUILT / model}: run make model MODEL={model} first.")
    shutil.copytree(BUILT / model, target / BUILT / model)
    for manifest in (target / SHIPPED).glob("*/model.json"):
        shutil.rmtree(manifest.parent)


if __name__ == "__main__":
    main()
