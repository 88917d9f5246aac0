"""The indexes of one catalogue, so that a new one can be filled while the old one answers."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from core.ports.index import VectorIndex


class Slot(StrEnum):
    """Where an index stands among those of one catalogue."""

    CURRENT = "current"
    """It answers shoppers."""
    NEXT = "next"
    """It is being filled."""
    PREVIOUS = "previous"
    """It was the current one, and is kept to go back to."""


class Shelf(Protocol):
    """The indexes of one catalogue, so that one can be filled while another answers."""

    def made_for(self, slot: Slot) -> str | None:
        """The model of the index that stands there; None for none."""
        ...

    def begin(self, model: str, dimension: int, *, large: bool) -> VectorIndex:
        """The next index, made if there is none yet. Raises IndexMismatch when it was begun for
        another model."""
        ...

    def open(self, slot: Slot) -> VectorIndex:
        """What stands there, as it was made. To be closed before anything is moved or dropped.

        Raises IndexUnavailable where nothing stands.
        """
        ...

    def switch(self, to: Slot) -> None:
        """The next or the previous one is the current one from now on, and the current one the
        previous one: at one moment."""
        ...

    def drop(self, slot: Slot) -> bool:
        """Throw away the next or the previous one; False when there was none."""
        ...

    def close(self) -> None: ...
