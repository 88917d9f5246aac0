"""A shop in the cloud, on this machine: bucket, queues, table and a managed Qdrant; and the
commands of its operator, in processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.clip.loading import SHIPPED
from core.clip.manifest import read_manifest
from core.product import Listing
from core.stores.qdrant_cloud import CloudIndex
from tests.aws import LocalAws
from tests.aws_bucket import BUCKET, AwsBucket, bucket_on
from tests.e2e.running import ROOT, eventually
from tests.fakes.qdrant_server import KEY, QdrantServer
from tests.tables import new_table

MINI = read_manifest(SHIPPED / "mini", "mini")


@dataclass(frozen=True, slots=True)
class Ran:
    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Deployed:
    bucket: AwsBucket
    qdrant: QdrantServer
    table: str
    environment: dict[str, str]

    @contextmanager
    def index(self, model: str = MINI.identity) -> Iterator[CloudIndex]:
        opened = CloudIndex.open(self.qdrant.url, KEY, "products", model, MINI.dimension)
        with closing(opened) as index:
            yield index

    def catalogue(self, model: str = MINI.identity) -> dict[str, Listing]:
        with self.index(model) as index:
            return {one.product.id: one for one in index.page(1000).listings}

    def run(self, command: str, *arguments: str, **settings: str) -> Ran:
        with self.started(command, *arguments, **settings) as process:
            out, err = process.communicate(timeout=120)
        return Ran(process.returncode, out, err)

    def interrupted(
        self, command: str, *arguments: str, when: Callable[[], bool], **settings: str
    ) -> Ran:
        """Ctrl-C is pressed as soon as `when` says so."""
        with self.started(command, *arguments, **settings) as process:
            eventually(lambda: when() or process.poll() is not None, 60)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
        return Ran(process.returncode, out, err)

    @contextmanager
    def started(
        self, command: str, *arguments: str, **settings: str
    ) -> Iterator[subprocess.Popen[str]]:
        with subprocess.Popen(
            [sys.executable, "-m", f"scripts.{command}", *arguments],
            cwd=ROOT,
            env=os.environ | self.environment | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()


@contextmanager
def deployed(aws: LocalAws, folder: Path) -> Iterator[Deployed]:
    bucket, table = bucket_on(aws), new_table(aws)
    with QdrantServer() as qdrant:
        yield Deployed(
            bucket,
            qdrant,
            table,
            {
                **aws.environment(),
                "DATA_DIR": str(folder),
                "IMAGE_BUCKET": BUCKET,
                "CACHE_TABLE": table,
                "QDRANT_URL": qdrant.url,
                "QDRANT_API_KEY": KEY,
                "INDEX_QUEUE_URL": bucket.queue_url,
            },
        )
