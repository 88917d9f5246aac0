"""A real worker in a process of its own, between a bucket of the local AWS and an index."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from core.clip.loading import SHIPPED
from core.clip.manifest import read_manifest
from core.stores.qdrant_embedded import EmbeddedIndex
from tests.aws import LocalAws
from tests.aws_bucket import BUCKET, AwsBucket
from tests.e2e.running import ROOT

MINI = read_manifest(SHIPPED / "mini", "mini")


class Worker:
    def __init__(self, data_dir: Path, settings: dict[str, str]) -> None:
        self._data_dir = data_dir
        self._settings = os.environ | settings | {"DATA_DIR": str(data_dir)}
        self.log = data_dir / "worker.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "handlers.worker"],
                cwd=ROOT,
                env=self._settings,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(timeout=60)

    def beside(self, command: str) -> int:
        """How a command ended that an operator gave, with the same settings."""
        with self.log.open("ab") as log:
            return subprocess.run(
                [sys.executable, "-m", command],
                cwd=ROOT,
                env=self._settings,
                stdout=log,
                stderr=subprocess.STDOUT,
                timeout=120,
            ).returncode

    def said(self, words: str) -> bool:
        return words in self.log.read_text()

    def batches(self) -> int:
        """How many it has done."""
        return self.log.read_text().count("products looked at")

    @contextmanager
    def index(self) -> Iterator[EmbeddedIndex]:
        """What it wrote; it must have ended."""
        made = ("products", MINI.identity, MINI.dimension)
        with closing(EmbeddedIndex.open(self._data_dir / "index", *made)) as index:
            yield index


@contextmanager
def worker_on(aws: LocalAws, bucket: AwsBucket, data_dir: Path) -> Iterator[Worker]:
    """Not started yet; killed at the end, if it still runs then."""
    settings = {"IMAGE_BUCKET": BUCKET, "INDEX_QUEUE_URL": bucket.queue_url, "HOST": "0.0.0.0"}
    worker = Worker(data_dir, aws.environment() | settings)
    try:
        yield worker
    finally:
        if worker.process is not None:
            worker.process.kill()
            worker.process.wait()
