"""The pinned requirements, against what pyproject.toml asks for."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

RUN, CLOUD, DEV = "requirements.txt", "requirements-cloud.txt", "requirements-dev.txt"
SAM = "requirements-sam.txt"
TRAINING = "requirements-train.txt"  # unhashed on purpose, and says why
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)")
# Where a package comes from is the business of the machine that installs it, not of this file.
_SOURCE = re.compile(r"\w+://|--(?:extra-)?index-url|--find-links| @ ")


def lock_problems(root: Path) -> list[str]:
    """Each pin of pyproject.toml stands in the lock, everything hashed, nothing says from where."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    runtime: list[str] = project["project"]["dependencies"]
    cloud: list[str] = project["project"]["optional-dependencies"]["cloud"]
    groups: dict[str, list[str]] = project["dependency-groups"]
    asked = {
        RUN: runtime,
        CLOUD: runtime + cloud,
        DEV: runtime + cloud + groups["dev"],
        SAM: groups["sam"],
    }
    problems: list[str] = []
    for name, packages in asked.items():
        text = (root / name).read_text(encoding="utf-8")
        locked = dict(_pins(text.splitlines()))
        wanted = dict(_pins(packages))
        problems += [
            f"{name}: {package} should be {version}, is {locked.get(package, 'absent')}; make lock"
            for package, version in wanted.items()
            if locked.get(package) != version
        ]
        problems += [f"{name}: {package} has no hash" for package in _unhashed(text)]
        if _SOURCE.search(text):
            problems.append(f"{name}: names a place packages come from; make lock writes none")
    wanted = dict(_pins(runtime))
    problems += [
        f"{TRAINING}: {package} should be {wanted[package]} as at run time, is {version}"
        for package, version in _pins((root / TRAINING).read_text(encoding="utf-8").splitlines())
        if wanted.get(package, version) != version
    ]
    return problems


def _pins(lines: list[str]) -> list[tuple[str, str]]:
    return [(found[1], found[2]) for line in lines if (found := _PIN.match(line))]


def _unhashed(text: str) -> list[str]:
    """Packages whose line is not carried on by a hash."""
    lines = text.splitlines()
    return [
        line.split("==")[0]
        for line, after in zip(lines, [*lines[1:], ""], strict=True)
        if _PIN.match(line) and "--hash=sha256:" not in after
    ]
