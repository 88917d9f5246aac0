"""Whose the embedded engine's points are.

Whatever a search asks of a point's payload, the engine reads all of it, a record's long description
too. A point's id is made from its product's, and a photo's also from its key: what is once known of
it stays true, and a search can do with ids and scores.
"""

from __future__ import annotations

from collections.abc import Sequence

import qdrant_edge as edge

from core.ports import Match
from core.stores.qdrant_payload import Field, owner_of

_MOST = 200_000
"""Some 50 MB where they are that many. To read one anew takes 20 µs, and a word query comes upon
400: where fewer are remembered than a catalogue has, that is half of its time."""


class Names:
    """Those that were found lately: many a search comes upon the same."""

    def __init__(self) -> None:
        # By numbers: a UUID is compared in Python, which for a thousand takes a millisecond.
        self._known: dict[int, tuple[str, str | None]] = {}

    def matches(self, shard: edge.EdgeShard, points: Sequence[edge.ScoredPoint]) -> list[Match]:
        """All but those that were removed since they were found."""
        ids = [point.id for point in points]
        numbers = list(map(int, ids))
        known = self._known
        missing = [one for one, number in zip(ids, numbers, strict=True) if number not in known]
        if len(known) + len(missing) > _MOST:
            known, missing = {}, ids
            self._known = known
        for record in self._read(shard, missing):
            known[int(record.id)] = owner_of(record.payload or {})
        return [
            Match(its[0], point.score, its[1])
            for point, number in zip(points, numbers, strict=True)
            if (its := known.get(number)) is not None
        ]

    @staticmethod
    def _read(shard: edge.EdgeShard, ids: list[edge.PointId]) -> list[edge.Record]:
        return shard.retrieve(ids, [Field.PRODUCT, Field.PHOTO], False) if ids else []
