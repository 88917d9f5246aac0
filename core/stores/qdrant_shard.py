"""The embedded engine's shard: how it is made, opened, and kept quick to read.

Vectors are kept as they are. An index of many points also has a copy of its vectors rounded to a
byte a number, and a graph of neighbours to find the way in it. What looks nearest by these is then
compared exactly.
"""

from __future__ import annotations

from pathlib import Path

import qdrant_edge as edge

from core.stores import qdrant_payload as layout
from core.stores.disk import TO_OPEN, insist_on_room, room, taken

CLIP, WORDS = "clip", "words"
"""The vectors. Photos and meanings share one and are told apart by their kind, because the engine
keeps a place for every vector on every point: two would take twice the disk and memory."""
MANY = 20_000
"""Points that are new from which an index is tidied up: those that are there get a graph then.
20,000 of 512 dimensions are read in 2 ms as they are."""
VERY_MANY = 500_000
"""Points from which a search keeps twice as many of the graph in view, or it would find too
few of the nearest: see docs/bench.md."""
_NEIGHBOURS, _TRIED = 32, 100
"""Of each point in the graph. With half as many, one of thirty points is nobody's neighbour where
there are a million products, and hardly ever found: see docs/bench.md."""
_READ_ANYWAY = 15_000
"""Where filters leave no more points, those are read one by one, rounded as they are."""
_ROUNDED = edge.ScalarQuantizationConfig(type=edge.ScalarType.Int8, quantile=0.99)
_LOOKED_UP_FROM = 256
"""Points from which looking a value up beats reading every point, which takes 3 µs each. To open,
an index on each field takes 24 ms and 29 MB however few points there are."""
_APART = layout.Field.KIND
"""Photos are compared with photos and meanings with meanings: each kind lies together, and has a
graph of its own, in which no way leads through the other. Graphs for each value of each field too
would take five times as long to make: a narrow filter has neighbours' neighbours looked at instead.
"""


def create_shard(path: Path, dimension: int) -> None:
    insist_on_room(path.parent)
    edge.EdgeShard.create(str(path), _config(dimension)).close()


def load_shard(path: Path, dimension: int) -> edge.EdgeShard:
    # Told anew, for one that an earlier release of ours made.
    return edge.EdgeShard.load(str(path), _config(dimension))


def open_shard(path: Path, dimension: int, tidied: int) -> edge.EdgeShard:
    """`tidied` is how many points it had when it was; large ones are tidied up once it is open."""
    insist_on_room(path, TO_OPEN)
    shard = load_shard(path, dimension)
    if not tidied and shard.info().points_count < MANY and room(path) > 2 * taken(path):
        shard.optimize()  # gives back the room of points that were removed; makes a copy of them
    return shard


def _config(dimension: int) -> edge.EdgeConfig:
    graph = edge.HnswIndexConfig(
        m=0,  # there is none of all points
        payload_m=_NEIGHBOURS,
        ef_construct=_TRIED,
        full_scan_threshold=_kilobytes(_READ_ANYWAY, dimension),
        max_indexing_threads=1,
    )
    dense = edge.EdgeVectorParams(
        size=dimension,
        distance=edge.Distance.Cosine,
        hnsw_config=graph,
        quantization_config=_ROUNDED,
    )
    # IDF is the engine's: a word counts the more, the fewer products have it.
    sparse = edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf)
    return edge.EdgeConfig(
        vectors={CLIP: dense},
        sparse_vectors={WORDS: sparse},
        optimizers=edge.EdgeOptimizersConfig(indexing_threshold=_kilobytes(MANY, dimension)),
        wal_enabled=True,
    )


def _kilobytes(points: int, dimension: int) -> int:
    return points * dimension * 4 // 1024


def index_fields(shard: edge.EdgeShard) -> bool:
    """Index what filters name, once there are many points; whether it is indexed now.

    One that was killed in between has some of the fields, and gets the others here.
    """
    information = shard.info()
    known = information.payload_schema
    # An earlier release of ours did not say which have graphs, which means that all have.
    missing = [
        field for field in layout.INDEXED if field not in known or known[field].params is None
    ]
    if missing and information.points_count < _LOOKED_UP_FROM:
        return False
    for field in missing:
        shard.update(edge.UpdateOperation.create_field_index(field, _index_on(field)))
    return True


def _index_on(field: layout.Field) -> edge.PayloadSchemaParams:
    if layout.INDEXED[field] == "float":
        return edge.FloatIndexParams(enable_hnsw=False)
    return edge.KeywordIndexParams(enable_hnsw=field == _APART, is_tenant=field == _APART)
