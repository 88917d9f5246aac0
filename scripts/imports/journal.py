"""What was taken already: a line for each product, with a digest of what was said of it.

It is written as the shop confirms, so that an import which was stopped or killed goes on where it
was, and one that is run again only says what has changed.
"""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from types import TracebackType

import msgspec

from core.feeds import Row
from scripts.imports.files import stamp_of


class Journal:
    def __init__(self, path: Path, folder: Path | None) -> None:
        self._path = path
        self._folder = folder
        self._taken: dict[str, str] = {}
        self._seen: set[str] = set()
        """Products that were asked for: those that the feed tells of now."""
        if path.exists():
            for line in path.read_text("utf-8", "replace").splitlines(keepends=True):
                product_id, tab, digest = line.rpartition("\t")
                if tab and digest.endswith("\n"):  # the last one may have been cut off
                    self._taken[product_id] = digest.rstrip()

    def __enter__(self) -> Journal:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("a", encoding="utf-8")
        if self._path.stat().st_size:
            self._file.write("\n")  # or what was cut off would spoil the next line
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        if kind is None:
            self._write_anew()

    def __len__(self) -> int:
        return len(self._taken)

    def forget(self) -> None:
        self._taken.clear()
        self._path.unlink(missing_ok=True)

    def has(self, row: Row) -> bool:
        self._seen.add(row.product_id)
        return self._taken.get(row.product_id) == self.digest_of(row)

    def add(self, row: Row) -> None:
        self._taken[row.product_id] = digest = self.digest_of(row)
        self._file.write(f"{row.product_id}\t{digest}\n")
        self._file.flush()

    def digest_of(self, row: Row) -> str:
        """A photo of this machine that has changed makes another product of it."""
        stamps = [stamp_of(photo, self._folder) for photo in row.photos or ()]
        said = (row.said, row.photos, row.withdrawn, stamps)
        data = msgspec.json.encode(said, order="deterministic")
        return blake2b(data, digest_size=12).hexdigest()

    def _write_anew(self) -> None:
        """Without what is out of date, and without products that the feed has no more."""
        fresh = self._path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            for product_id in sorted(self._taken.keys() & self._seen):
                file.write(f"{product_id}\t{self._taken[product_id]}\n")
        fresh.replace(self._path)
