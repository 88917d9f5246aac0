"""Where an operator sits who imports: files, and the command."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.e2e.running import ROOT, RunningShop


class Ran(NamedTuple):
    code: int
    out: str
    err: str


class Desk:
    """Where the operator sits: files, and the command."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = ""
        (folder / "photos").mkdir(parents=True)

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "scripts.imports", *arguments, "--url", self.url]

    @property
    def env(self) -> dict[str, str]:
        return os.environ | {"DATA_DIR": str(self.folder / "data")}

    def run(self, *arguments: str) -> Ran:
        done = subprocess.run(
            self.command(*arguments),
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=240,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        command = self.command(*arguments)
        pipe = subprocess.PIPE
        return subprocess.Popen(
            command, cwd=ROOT, env=self.env, stdout=pipe, stderr=pipe, text=True
        )

    def write(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def problems(self, name: str) -> list[tuple[str, str, str]]:
        with (self.folder / "data" / "imports" / f"{name}-problems.csv").open(newline="") as file:
            return [(line, product, why) for line, product, why in list(csv.reader(file))[1:]]

    def taken(self) -> int:
        journals = (self.folder / "data" / "imports").glob("*.taken")
        return sum(len(one.read_text().splitlines()) for one in journals)

    def look_at(self, shop: RunningShop) -> None:
        address = shop.client.base_url
        self.url = f"http://{address.host}:{address.port}"
