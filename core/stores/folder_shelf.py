"""The Shelf of a shop without a server: one folder an index, side by side. The server is stopped
meanwhile: one process at a time can have the current one open.

<folder>/<COLLECTION>            the current one
<folder>/<COLLECTION>-next       the one that is being filled
<folder>/<COLLECTION>-previous   the one before
"""

from __future__ import annotations

import shutil
from pathlib import Path

from core.errors import IndexMismatch, IndexUnavailable
from core.ports import Slot
from core.stores.qdrant_embedded import EmbeddedIndex
from core.stores.qdrant_folder import end_switch, kept_shut, what_for
from core.stores.qdrant_payload import LAYOUT


class FolderShelf:
    def __init__(self, folder: Path, collection: str) -> None:
        self._folder = folder
        self._collection = collection
        if folder.is_dir():
            with kept_shut(folder, collection):
                end_switch(folder / collection)

    def made_for(self, slot: Slot) -> str | None:
        return what_for(self._path(slot)).model if self._path(slot).exists() else None

    def begin(self, model: str, dimension: int, *, large: bool) -> EmbeddedIndex:  # noqa: ARG002
        """`large` is for indexes that are searched by other means than comparing with every one."""
        return EmbeddedIndex.open(self._folder, self._name(Slot.NEXT), model, dimension)

    def open(self, slot: Slot) -> EmbeddedIndex:
        self._insist_on(slot)
        found = what_for(self._path(slot))
        if found.layout != LAYOUT:
            raise IndexMismatch(f"{self._path(slot)} was made for {found}, another version's.")
        return EmbeddedIndex.open(self._folder, self._name(slot), found.model, found.dimension)

    def switch(self, to: Slot) -> None:
        self._insist_on(Slot.CURRENT)
        self._insist_on(to)
        with kept_shut(self._folder, self._collection):
            if to is Slot.PREVIOUS:
                self._path(to).rename(self._path(Slot.NEXT))
            self._path(Slot.CURRENT).rename(self._path(Slot.PREVIOUS))
            self._path(Slot.NEXT).rename(self._path(Slot.CURRENT))

    def drop(self, slot: Slot) -> bool:
        if not self._path(slot).exists():
            return False
        with kept_shut(self._folder, self._name(slot)):
            shutil.rmtree(self._path(slot))
        return True

    def close(self) -> None:
        """Nothing is held open."""

    def _name(self, slot: Slot) -> str:
        return self._collection if slot is Slot.CURRENT else f"{self._collection}-{slot}"

    def _path(self, slot: Slot) -> Path:
        return self._folder / self._name(slot)

    def _insist_on(self, slot: Slot) -> None:
        if not self._path(slot).exists():
            raise IndexUnavailable(f"There is no index in {self._path(slot)}.")
