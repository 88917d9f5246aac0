"""The Shelf of a managed Qdrant: collections with names of their own, and aliases for their places.

<COLLECTION>            the current one; every door knows it by this name
<COLLECTION>-next       the one that is being filled
<COLLECTION>-previous   the one before
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from core.errors import IndexMismatch, IndexUnavailable
from core.ports import Slot
from core.stores.qdrant_aliases import name_of, named, rename
from core.stores.qdrant_cloud import CloudIndex
from core.stores.qdrant_collection import make, what_for
from core.stores.qdrant_payload import LAYOUT, MadeFor
from core.stores.qdrant_rest import DONE, plain
from core.stores.qdrant_wire import Refused, Talk, Wire

_SECONDS = 60.0
"""Patience with whatever is asked: nobody stands at a counter waiting for it."""


class CloudShelf:
    """Needs a key that may make, name and drop collections."""

    def __init__(self, url: str, api_key: str | None, collection: str) -> None:
        self._url = url
        self._api_key = api_key
        self._collection = collection
        self._wire = Wire(url, api_key)

    def made_for(self, slot: Slot) -> str | None:
        with self._talking() as talk:
            found = what_for(talk.about(self._name(slot)))
        return None if found is None else found.model

    def begin(self, model: str, dimension: int, *, large: bool) -> CloudIndex:
        made_for = MadeFor(model, dimension)
        with self._talking() as talk:
            real = named(talk).get(self._name(Slot.NEXT))
            if real is None:
                stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
                real = f"{self._collection}-{plain(model)}-{stamp}"
                make(talk.about(real), made_for, large)
                rename(talk, {self._name(Slot.NEXT): real})
            found = what_for(talk.about(real))
        if found != made_for:
            raise IndexMismatch(f"The next index was begun for {found}, but this is {made_for}.")
        return self._opened(real, made_for)

    def open(self, slot: Slot) -> CloudIndex:
        with self._talking() as talk:
            real = self._real(talk, slot)
            found = what_for(talk.about(real))
        if found is None or found.layout != LAYOUT:
            raise IndexMismatch(f"{real} was made for {found}, which this version can't read.")
        return self._opened(real, found)

    def switch(self, to: Slot) -> None:
        with self._talking() as talk:
            names: dict[str, str | None] = {
                self._name(Slot.PREVIOUS): self._real(talk, Slot.CURRENT),
                self._name(Slot.CURRENT): self._real(talk, to),
            }
            if to is Slot.NEXT:
                names[self._name(to)] = None
            rename(talk, names)

    def drop(self, slot: Slot) -> bool:
        with self._talking() as talk:
            real = named(talk).get(self._name(slot))
            if real is None:
                return False
            talk.about(real).ask("DELETE", "", None, DONE)  # and whatever it was called
            return True

    def close(self) -> None:
        self._wire.close()

    def _name(self, slot: Slot) -> str:
        return name_of(self._collection, slot)

    def _real(self, talk: Talk, slot: Slot) -> str:
        real = named(talk).get(self._name(slot))
        if real is None:
            raise IndexUnavailable(f"There is no index called {self._name(slot)}.")
        return real

    def _opened(self, real: str, made_for: MadeFor) -> CloudIndex:
        return CloudIndex.reopen(self._url, self._api_key, real, made_for, _SECONDS)

    @contextmanager
    def _talking(self) -> Iterator[Talk]:
        try:
            yield self._wire.within(_SECONDS)
        except Refused as refused:
            raise IndexUnavailable(
                f"Qdrant refuses ({refused}). The key must be one that may manage collections."
            ) from refused
