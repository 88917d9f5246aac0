"""What turns words and photos into vectors."""

from __future__ import annotations

from typing import Protocol

import msgspec

from core.product import Vector
from core.query import Crop


class WordsVector(msgspec.Struct, frozen=True):
    vector: Vector
    truncated: bool
    """The text was longer than the model reads; the vector speaks for its beginning."""


class Embedder(Protocol):
    """Turns words and photos into unit vectors of one space. Raises ModelUnavailable where it can't
    for no fault of theirs."""

    @property
    def model(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def words(self, text: str) -> WordsVector: ...

    def photo(self, data: bytes, crop: Crop | None = None) -> Vector:
        """Of all of it, or of a part. Raises ImageUnreadable or ImageTooLarge for no photo."""
        ...
