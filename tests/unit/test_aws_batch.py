"""What Lambda gives and gets, and the metrics beside it."""

from __future__ import annotations

import json
import time

import pytest

from core.indexing import Indexing
from core.stores.memory_cache import MemoryCache
from handlers.aws_batch import answer
from handlers.emf import emf_line
from tests.bucket_messages import batch, messages, notification
from tests.fakes.memory_index import MemoryIndex
from tests.fakes.memory_photos import MemoryPhotos
from tests.fakes.memory_queue import MemoryQueue
from tests.fakes.toy_embedder import ToyEmbedder
from tests.photos import jpeg


@pytest.fixture
def photos() -> MemoryPhotos:
    return MemoryPhotos()


@pytest.fixture
def indexing(photos: MemoryPhotos) -> Indexing:
    embedder = ToyEmbedder()
    index = MemoryIndex(embedder.model, embedder.dimension)
    return Indexing(embedder, index, photos, MemoryCache(), "products")


def test_failures_are_named_and_counted(
    indexing: Indexing, photos: MemoryPhotos, capsys: pytest.CaptureFixture[str]
) -> None:
    photos.put("images/mug.jpg", jpeg(1), "image/jpeg")
    photos.put("images/cup.jpg", b"no photo", "image/jpeg")
    bodies = [notification("images/mug.jpg"), "junk", notification("images/cup.jpg")]
    failed = answer(batch(messages(bodies)), indexing.settle, None, "spring", lambda: 60)
    assert failed == {"batchItemFailures": [{"itemIdentifier": "m1"}, {"itemIdentifier": "m2"}]}
    line = json.loads(capsys.readouterr().out)
    assert line["Collection"] == "spring"
    assert line["IndexingMessages"] == [3]
    assert line["IndexingFailures"] == [2]
    assert line["DeadLettered"] == [0]
    assert line["IndexedProducts"] == [2]
    assert len(line["IndexingDelay"]) == 1


def test_dead_letters_are_done_with_and_counted(
    indexing: Indexing, photos: MemoryPhotos, capsys: pytest.CaptureFixture[str]
) -> None:
    photos.put("images/cup.jpg", b"no photo", "image/jpeg")
    queue = MemoryQueue(most=3, dead=MemoryQueue())
    event = batch(messages(["junk", notification("images/cup.jpg")]))
    assert answer(event, indexing.settle, queue, "spring", lambda: 60) == {"batchItemFailures": []}
    line = json.loads(capsys.readouterr().out)
    assert (line["IndexingFailures"], line["DeadLettered"]) == ([0], [2])


@pytest.mark.parametrize("event", [{}, {"Records": []}, {"source": "aws.events", "detail": {}}])
def test_a_ping_is_no_failure(
    indexing: Indexing, event: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    assert answer(event, indexing.settle, None, "products", lambda: 60) == {"batchItemFailures": []}
    assert capsys.readouterr().out == ""


def test_metrics_are_a_line_that_cloudwatch_understands() -> None:
    line = emf_line(
        {"Collection": "products"},
        {"IndexedProducts": [3], "IndexingDelay": [1.5] * 150, "DeadLettered": []},
    )
    assert "\n" not in line
    said = json.loads(line)
    about = said.pop("_aws")
    assert abs(about["Timestamp"] / 1000 - time.time()) < 60
    assert about["CloudWatchMetrics"] == [
        {
            "Namespace": "Likeness",
            "Dimensions": [["Collection"]],
            "Metrics": [
                {"Name": "IndexedProducts", "Unit": "Count"},
                {"Name": "IndexingDelay", "Unit": "Seconds"},
            ],
        }
    ]
    assert said == {
        "Collection": "products",
        "IndexedProducts": [3],
        "IndexingDelay": [1.5] * 100,
    }
