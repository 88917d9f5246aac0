"""`python -m handlers.worker`, started, given work and ended as a container is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.aws import LocalAws
from tests.aws_bucket import AwsBucket, bucket_on
from tests.e2e.running import ROOT, eventually
from tests.e2e.workers import Worker, worker_on
from tests.photos import jpeg


@pytest.fixture
def bucket(aws: LocalAws) -> AwsBucket:
    return bucket_on(aws, holding=30)


@pytest.fixture
def worker(aws: LocalAws, bucket: AwsBucket, tmp_path: Path) -> Iterator[Worker]:
    with worker_on(aws, bucket, tmp_path) as worker:
        yield worker


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_indexes_what_is_dropped_buries_what_is_broken_and_ends_when_asked_to(
    bucket: AwsBucket, worker: Worker, number: signal.Signals
) -> None:
    bucket.put("images/before.jpg", jpeg(1), {"name": "Put before it started"})
    worker.start()
    eventually(lambda: worker.said("waiting for messages"), 60)
    bucket.put("images/after.jpg", jpeg(2))
    bucket.put("images/bad.jpg", b"no photo")
    eventually(lambda: worker.said("images/bad.jpg was not indexed"), 60)
    eventually(lambda: bucket.messages() == 0, 60)
    assert worker.end(number) == 0
    with worker.index() as index:
        found = {one.product.id: one.product.name for one in index.page(10).listings}
    assert found == {"before": "Put before it started", "after": "after"}
    [letter] = bucket.dead.take()
    assert letter.labels["Key"] == "images/bad.jpg"
    assert letter.labels["Reason"].startswith("images/bad.jpg: ")


@pytest.mark.parametrize("missing", ["IMAGE_BUCKET", "INDEX_QUEUE_URL"])
def test_without_a_bucket_and_its_queue_it_says_what_it_needs(
    aws: LocalAws, bucket: AwsBucket, missing: str
) -> None:
    settings = {"IMAGE_BUCKET": "shop", "INDEX_QUEUE_URL": bucket.queue_url}
    told = subprocess.run(
        [sys.executable, "-m", "handlers.worker"],
        cwd=ROOT,
        env=os.environ | aws.environment() | settings | {missing: ""},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert told.returncode == 1
    assert told.stderr.startswith("settings_invalid: ")
    assert f"so set {missing}." in told.stderr
