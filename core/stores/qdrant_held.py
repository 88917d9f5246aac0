"""The engine's shard that this process holds: who reads it, who changes it, and how a tidied copy
takes its place while both go on.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

import qdrant_edge as edge

from core.errors import IndexUnavailable
from core.stores import qdrant_engine as engine
from core.stores import qdrant_shard as shards
from core.stores.disk import TO_WRITE, Need, insist_on_room
from core.stores.qdrant_folder import CollectionFolder, Tidied

_ROUNDS = 8


class HeldShard:
    """Safe to use from several threads. Changes come one at a time: what is written to photos
    depends on what was read of the record."""

    def __init__(self, folder: CollectionFolder, dimension: int) -> None:
        self.folder = folder
        self.dimension = dimension
        tidied = folder.tidied
        shard = shards.open_shard(folder.shard, dimension, tidied.points)
        self.indexed = shards.index_fields(shard)
        points = shard.info().points_count
        self.very_many = points >= shards.VERY_MANY
        self.untidy = max(0, points - tidied.points)
        """About how many points were added or changed since it was tidied."""
        self._shard: edge.EdgeShard | None = shard
        self._changed: set[str] | None = None
        """The products changed since a copy was made; None where there is none."""
        self._changing = Lock()
        self._process = os.getpid()

    @contextmanager
    def reading(self) -> Iterator[edge.EdgeShard]:
        shard = self._shard
        if shard is None:
            raise IndexUnavailable("The index is closed.")
        if os.getpid() != self._process:
            # The engine's threads did not come along through fork(): it would hang, not fail.
            raise IndexUnavailable("The index was opened by the process this one was forked from.")
        with engine.own_errors():
            yield shard

    @contextmanager
    def changing(
        self, product_ids: Collection[str], need: Need = TO_WRITE
    ) -> Iterator[edge.EdgeShard]:
        with self.reading(), self._changing, self.reading() as shard:
            insist_on_room(self.folder.path, need)
            if self._changed is not None:  # first: it may be changed though it fails
                self._changed.update(product_ids)
            yield shard
            self.untidy += len(product_ids)
            self.indexed = self.indexed or shards.index_fields(shard)

    # A tidied copy. Only one at a time.

    def copy(self, path: Path, one_file: Callable[[str, str], object]) -> None:
        """As one that was killed leaves it, which loses nothing that was written. Searches go on,
        changes wait; those that come afterwards are noted for `exchange`."""
        with self._changing, self.reading():
            shutil.copytree(self.folder.shard, path, copy_function=one_file)
            self._changed = set()

    def forget_copy(self) -> None:
        self._changed = None

    def exchange(self, path: Path) -> None:
        """What was changed meanwhile is carried over; of that, most before changes have to wait."""
        carried = 0
        with engine.own_errors():
            new = shards.load_shard(path, self.dimension)
            tidied = Tidied(path.name, new.info().points_count)
        for _ in range(_ROUNDS):
            with self._changing, self.reading() as old:
                some, self._changed = self._changed or set(), set()
            with engine.own_errors():
                engine.carry_over(old, new, some)
            carried += len(some)
            if len(some) <= engine.BATCH:
                break
        with self._changing, self.reading() as old:
            last = self._changed or set()
            engine.carry_over(old, new, last)
            new.flush()
            self.folder.use(tidied)
            # Searches under way end with the old one, which is gone when the last of them is.
            self._shard, self._changed = new, None
            self.very_many = tidied.points >= shards.VERY_MANY
            self.untidy = carried + len(last)

    def close(self) -> None:
        """Idempotent. Waits for the change that is under way."""
        with self._changing:
            shard, self._shard = self._shard, None
            if shard is None or os.getpid() != self._process:
                return
            try:
                with engine.own_errors():
                    shard.close()
            finally:
                self.folder.release()
