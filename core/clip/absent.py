"""The Embedder port where the model can't be loaded: it is known which one it is, and no more."""

from __future__ import annotations

from typing import NoReturn

from core.clip.manifest import Manifest
from core.errors import ModelUnavailable
from core.query import Crop


class Absent:
    def __init__(self, manifest: Manifest) -> None:
        self.model = manifest.identity
        self.dimension = manifest.dimension

    def words(self, text: str) -> NoReturn:  # noqa: ARG002
        raise _unavailable()

    def photo(self, data: bytes, crop: Crop | None = None) -> NoReturn:  # noqa: ARG002
        raise _unavailable()


def _unavailable() -> ModelUnavailable:
    return ModelUnavailable("The model could not be loaded. The service's log says why.")
