"""kill -9 at any moment, of the server and of the worker, and a disk that fills up: the same must
hold as when lines are troubled.

FAULT_HISTORIES says how many histories are tried; of these kinds, a few, as each takes seconds.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.aws import LocalAws
from tests.aws_bucket import BUCKET, AwsBucket, bucket_on
from tests.disks import SmallDisk, small_disk
from tests.e2e.running import RunningShop, eventually
from tests.e2e.workers import Worker
from tests.fakes.qdrant_server import KEY, QdrantServer
from tests.faults.histories import HISTORIES, try_histories
from tests.faults.instance import Told
from tests.faults.served import DROPPED, Served
from tests.tables import new_table

_STEPS = 7


class OnADisk(Served):
    """Everything in one process, and on a disk of its own."""

    disk: SmallDisk

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(dir=self.disk.folder))
        self.full = False
        super().__init__()

    def started(self) -> RunningShop:
        self.room_is_made()  # it would not start
        shop = RunningShop(self.folder)
        shop.wait_until_healthy()
        return shop

    def put_into_bucket(self, product: str, photo: bytes | None) -> bool:
        path = self.folder / "bucket" / "images" / f"{product}.jpg"
        try:
            path.unlink(missing_ok=True) if photo is None else path.write_bytes(photo)
        except OSError:
            assert self.full
            path.unlink(missing_ok=True)
            return False
        return True

    def may_refuse(self, told: Told) -> bool:
        return self.full and told.code == "storage_full"

    @precondition(lambda self: not self.full)
    @rule(leave_mb=st.sampled_from([0, 40, 100]))
    def disk_fills(self, leave_mb: int) -> None:
        self.full = True
        self.disk.fill(leave_mb)

    @precondition(lambda self: self.full)
    @rule()
    def room_is_made(self) -> None:
        if self.full:
            self.disk.make_room()
        self.full = False

    def teardown(self) -> None:
        try:
            self.room_is_made()
            eventually(self.is_as_the_bucket_says, 60)
            for product in self.products:
                self.look(product)
            self.search()
        finally:
            self.shop.kill()
            shutil.rmtree(self.folder)


class InTheCloud(Served):
    """A server and a worker, which share a Qdrant, a table, a bucket and its queue."""

    aws: LocalAws

    def __init__(self) -> None:
        self.aws.reset()
        self.qdrant = QdrantServer()
        self.on: AwsBucket = bucket_on(self.aws, holding=1)
        self.folder = Path(tempfile.mkdtemp(prefix="likeness-faults-"))
        self.settings = self.aws.environment() | {
            "QDRANT_URL": self.qdrant.url,
            "QDRANT_API_KEY": KEY,
            "CACHE_TABLE": new_table(self.aws),
            "IMAGE_BUCKET": BUCKET,
            "INDEX_QUEUE_URL": self.on.queue_url,
        }
        self.worker = Worker(self.folder, self.settings)
        self.worker.start()
        super().__init__()

    def started(self) -> RunningShop:
        shop = RunningShop(self.folder, **self.settings)
        shop.wait_until_healthy()
        return shop

    def put_into_bucket(self, product: str, photo: bytes | None) -> bool:
        key = f"images/{product}.jpg"
        if photo is None:
            self.on.s3.delete_object(Bucket=BUCKET, Key=key)
        else:
            self.on.put(key, photo)
        return True

    def may_refuse(self, told: Told) -> bool:
        return False

    @rule(product=DROPPED, moment=st.floats(0, 0.2))
    def worker_is_killed_at_its_work(self, product: str, moment: float) -> None:
        self.drop(product)
        until = monotonic() + 10
        while not self.on.given_out() and monotonic() < until:
            sleep(0.005)
        sleep(moment)
        self.kill_worker()
        self.worker.start()

    def kill_worker(self) -> None:
        assert self.worker.process is not None
        self.worker.process.kill()
        self.worker.process.wait()

    def teardown(self) -> None:
        try:
            eventually(lambda: not self.on.messages() and not self.on.send_back(), 120)
            assert self.is_as_the_bucket_says()
            for product in self.products:
                self.look(product)
            self.search()
        finally:
            self.shop.kill()
            self.kill_worker()
            self.qdrant.stop()
            shutil.rmtree(self.folder)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk", 300) as disk:
        yield disk


@pytest.mark.timeout(0)
def test_of_a_shop_on_a_disk_of_its_own(disk: SmallDisk) -> None:
    OnADisk.disk = disk
    try_histories(OnADisk, max(3, HISTORIES // 25), _STEPS)


@pytest.mark.timeout(0)
def test_of_a_server_and_a_worker_in_the_cloud(aws: LocalAws) -> None:
    InTheCloud.aws = aws
    try_histories(InTheCloud, max(2, HISTORIES // 25), _STEPS)
