"""A watch over a folder, running on a thread, and what was heard of it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from core.bucket import IMAGES, place
from core.stores.folder import FolderPhotos
from core.stores.folder_watch import changed_products

Recorder = Callable[[str, object], None]
LONG_AGO = 1_000_000_000


class Watching:
    """A watch on a thread of its own, and a mirror that is kept by its hints alone."""

    def __init__(self, bucket: Path) -> None:
        self.photos = FolderPhotos(bucket, "/photos")
        self.stop = threading.Event()
        self.batches: list[tuple[float, set[str] | None]] = []
        self.mirror: dict[str, set[str]] = {}
        self._heard = threading.Condition()
        self.thread = threading.Thread(target=self._run, args=(bucket,))
        self.thread.start()
        self.until(lambda: bool(self.batches))

    def _run(self, bucket: Path) -> None:
        for batch in changed_products(bucket, self.stop):
            heard = time.time()
            mirror = self.truth() if batch is None else self.mirror | self._look(batch)
            with self._heard:
                self.mirror = {product_id: keys for product_id, keys in mirror.items() if keys}
                self.batches.append((heard, batch))
                self._heard.notify_all()

    def truth(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for stored in self.photos.list(IMAGES):
            where = place(stored.key)
            if where is not None:
                found.setdefault(where.product_id, set()).add(f"{stored.key}@{stored.version}")
        return found

    def _look(self, product_ids: set[str]) -> dict[str, set[str]]:
        return {
            product_id: {f"{o.key}@{o.version}" for o in self.photos.of_product(product_id)}
            for product_id in product_ids
        }

    def until(self, true: Callable[[], bool], seconds: float = 10.0) -> None:
        with self._heard:
            if not self._heard.wait_for(true, seconds):
                raise AssertionError(f"not within {seconds} s, but {self.batches[-5:]}")

    def names(self) -> set[str]:
        """Every product named so far."""
        return {name for _, batch in self.batches if batch is not None for name in batch}

    def nones(self) -> int:
        return sum(batch is None for _, batch in self.batches)

    def forget(self) -> None:
        with self._heard:
            self.batches.clear()

    def follows(self, seconds: float = 10.0) -> None:
        """Wait until the mirror shows what the bucket holds."""
        self.until(lambda: self.mirror == self.truth(), seconds)

    def end(self) -> float:
        """How long the watch took to end once it was told to."""
        began = time.monotonic()
        self.stop.set()
        self.thread.join(5)
        assert not self.thread.is_alive()
        return time.monotonic() - began


def old(path: Path, data: bytes = b"photo") -> Path:
    """A file that was finished long ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path
