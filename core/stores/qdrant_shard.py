"""The embedded engine's shard: how it is made, opened, and kept quick to read.

Vectors are kept as they are, and no graph is built. An index of many points also has a copy of
its vectors rounded to a byte a number. That is read first, and what looks nearest by it is then
compared exactly.
"""

from __future__ import annotations

import logging
from pathlib import Path
from time import perf_counter

import qdrant_edge as edge

from core.stores import qdrant_payload as layout
from core.stores.disk import TO_OPEN, insist_on_room, room, taken

log = logging.getLogger(__name__)

CLIP, WORDS = "clip", "words"
"""The vectors. Photos and meanings share one and are told apart by their kind, because the engine
keeps a place for every vector on every point: two would take twice the disk and memory."""
ROUNDED_FROM = 40_000
"""The size (in kB) of the vectors from which an opened index gets a rounded copy of them, a byte a
number, which is read three times as fast. 20,000 points of 512 dimensions are read in 2 ms as they
are; what is added later is, too, until the index is opened the next time."""
_NO_GRAPH = edge.HnswIndexConfig(m=0, ef_construct=4, full_scan_threshold=10**9)
"""Of neighbours: to read every vector takes milliseconds for a hundred thousand of them."""
_ROUNDED = edge.ScalarQuantizationConfig(type=edge.ScalarType.Int8, quantile=0.99)
_MANY = 256
"""Points from which looking a value up beats reading every point, which takes 3 µs each. To open,
an index on each field takes 24 ms and 29 MB however few points there are."""
_SCHEMA = {"keyword": edge.PayloadSchemaType.Keyword, "float": edge.PayloadSchemaType.Float}


def create_shard(path: Path, dimension: int) -> None:
    insist_on_room(path.parent)
    edge.EdgeShard.create(str(path), _config(dimension)).close()


def open_shard(path: Path, dimension: int) -> edge.EdgeShard:
    insist_on_room(path, TO_OPEN)
    # Told anew, for one that an earlier release of ours made.
    shard = edge.EdgeShard.load(str(path), _config(dimension))
    if room(path) > 2 * taken(path):
        # Gives back the room of points that were removed, and rounds those that were added, once
        # they are many; else does nothing. It makes a copy of them first.
        began = perf_counter()
        if shard.optimize():
            log.info("the index was tidied up in %.1f s", perf_counter() - began)
    return shard


def _config(dimension: int) -> edge.EdgeConfig:
    dense = edge.EdgeVectorParams(
        size=dimension,
        distance=edge.Distance.Cosine,
        hnsw_config=_NO_GRAPH,
        quantization_config=_ROUNDED,
    )
    # IDF is the engine's: a word counts the more, the fewer products have it.
    sparse = edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf)
    return edge.EdgeConfig(
        vectors={CLIP: dense},
        sparse_vectors={WORDS: sparse},
        optimizers=edge.EdgeOptimizersConfig(indexing_threshold=ROUNDED_FROM),
        wal_enabled=True,
    )


def index_fields(shard: edge.EdgeShard) -> bool:
    """Index what filters name, once there are many points; whether it is indexed now.

    One that was killed in between has some of the fields, and gets the others here.
    """
    information = shard.info()
    missing = layout.INDEXED.keys() - information.payload_schema.keys()
    if missing and information.points_count < _MANY:
        return False
    for field in missing:
        schema = _SCHEMA[layout.INDEXED[field]]
        shard.update(edge.UpdateOperation.create_field_index(field, schema))
    return True
