"""Whatever happened to the container, its events, Event Grid and the indexer: it ends well, as it
does with S3 (test_bucket_histories.py), through the door that Event Grid calls."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.stores.blob import BlobPhotos
from core.stores.blob_wire import VERSION
from handlers import bucket_batch
from tests.azurite import KEY, Azurite
from tests.blob_messages import SCHEMAS
from tests.blob_world import AzuriteWorld, EventGridWorld
from tests.bucket_histories import MENDING, QUICK, SLOW, STEPS, TIMES, end_well, live, memory_index

in_both = pytest.mark.parametrize("schema", SCHEMAS)


@pytest.fixture(scope="module", autouse=True)
def one_at_once() -> Iterator[None]:
    """Looks in a row, so that a history that goes wrong goes wrong again."""
    with patch.object(bucket_batch, "_AT_ONCE", 1):
        yield


@in_both
@given(steps=STEPS, mending=MENDING, together=st.booleans())
@settings(QUICK, max_examples=150 * TIMES)
def test_any_history_ends_well(
    schema: str, steps: list[object], mending: int, together: bool
) -> None:
    world = EventGridWorld(memory_index(), schema, together)
    live(world, steps)
    end_well(world, mending)


@in_both
@given(steps=STEPS, mending=MENDING, together=st.booleans())
@settings(SLOW, max_examples=20 * TIMES)
def test_so_it_does_with_photos_in_blob_storage(
    azure: Azurite, schema: str, steps: list[object], mending: int, together: bool
) -> None:
    library = pytest.importorskip("azure.storage.blob")
    url = azure.container()
    theirs = library.ContainerClient.from_container_url(url, credential=KEY, api_version=VERSION)
    with theirs, closing(BlobPhotos.connect(url, KEY, "/photos")) as photos:
        world = AzuriteWorld(memory_index(), schema, together, photos, theirs)
        live(world, steps)
        end_well(world, mending)
