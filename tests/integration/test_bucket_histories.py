"""Whatever happened to the bucket, its events and the indexer: in the end the index says what the
bucket says, no answer of before is given any more, what can't be used lies in the dead-letter queue
with its reason, and leaves it once it is mended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pytest
from hypothesis import given, settings

from core.stores.qdrant_embedded import EmbeddedIndex
from handlers import bucket_batch
from tests.aws import LocalAws
from tests.aws_bucket import bucket_on
from tests.bucket_histories import MENDING, QUICK, SLOW, STEPS, TIMES, end_well, live, memory_index
from tests.bucket_world import AwsWorld, MemoryWorld
from tests.fakes.toy_embedder import ToyEmbedder


@pytest.fixture(scope="module", autouse=True)
def one_at_once() -> Iterator[None]:
    """Looks in a row, so that a history that goes wrong goes wrong again."""
    with patch.object(bucket_batch, "_AT_ONCE", 1):
        yield


@given(STEPS, MENDING)
@settings(QUICK, max_examples=300 * TIMES)
def test_any_history_ends_well(steps: list[object], mending: int) -> None:
    world = MemoryWorld(memory_index())
    live(world, steps)
    end_well(world, mending)


@given(STEPS, MENDING)
@settings(SLOW, max_examples=10 * TIMES)
def test_so_it_does_with_the_real_index(steps: list[object], mending: int) -> None:
    with TemporaryDirectory() as folder:
        made = ("products", ToyEmbedder.model, ToyEmbedder.dimension)
        with closing(EmbeddedIndex.open(Path(folder), *made)) as index:
            world = MemoryWorld(index)
            live(world, steps)
            end_well(world, mending)


@given(steps=STEPS, mending=MENDING)
@settings(SLOW, max_examples=80 * TIMES)
def test_so_it_does_with_s3_and_sqs(aws: LocalAws, steps: list[object], mending: int) -> None:
    aws.reset()
    world = AwsWorld(memory_index(), bucket_on(aws))
    live(world, steps)
    end_well(world, mending)
