"""What an image's files weigh, as JSON: run inside it, by a Python that has nothing of ours.

All bytes of the image, and those of each part of what we put into it.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

TASK = "/var/task"
MODELS = ("core/clip/", "models/")


def main() -> None:
    owners = {
        path.parts[0]: distribution.name
        for distribution in distributions(path=[TASK])
        for path in distribution.files or ()
    }
    parts: Counter[str] = Counter()
    for name, size in files(TASK):
        parts[part_of(os.path.relpath(name, TASK), owners)] += size
    print(json.dumps({"all": sum(size for _, size in files("/")), "parts": parts}))


def part_of(within: str, owners: dict[str, str]) -> str:
    for folder in MODELS:
        model, inner, _ = within.removeprefix(folder).partition("/")
        if within.startswith(folder) and inner and model != "__pycache__":
            return f"the model, {model}"
    return owners.get(within.split("/")[0], "core and handlers")


def files(folder: str) -> Iterator[tuple[str, int]]:
    """Every file but those of file systems mounted there, which are not the image's."""
    for here, folders, names in os.walk(folder):
        folders[:] = [one for one in folders if not Path(here, one).is_mount()]
        for name in names:
            path = Path(here, name)
            yield str(path), path.lstat().st_size


if __name__ == "__main__":
    main()
