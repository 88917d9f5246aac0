"""The Embedder port over a CLIP model's two towers."""

from __future__ import annotations

from pathlib import Path

from core.clip.loading import SHIPPED, Loading
from core.clip.manifest import Manifest
from core.clip.pixels import pixels
from core.clip.tokens import Tokens
from core.clip.towers import LateTower, Tower
from core.ports import Embedder, WordsVector
from core.processors import AtOnce, cpus
from core.product import Vector
from core.query import Crop

__all__ = ["SHIPPED", "ClipEmbedder", "load", "unhurried", "whole"]


class ClipEmbedder:
    """Keeps no state between calls, so any number of threads may share it. Photos take turns,
    from reading them on; words are done in a fraction of the time, and do not wait for them."""

    def __init__(
        self,
        manifest: Manifest,
        image: Tower | LateTower,
        text: Tower | LateTower,
        tokens: Tokens,
        photos: AtOnce,
    ) -> None:
        self.manifest = manifest
        self._image = image
        self._text = text
        self._tokens = tokens
        self._photos = photos

    @property
    def model(self) -> str:
        return self.manifest.identity

    @property
    def dimension(self) -> int:
        return self.manifest.dimension

    def words(self, text: str) -> WordsVector:
        ids, truncated = self._tokens.read(text)
        return WordsVector(self._text(ids), truncated)

    def photo(self, data: bytes, crop: Crop | None = None) -> Vector:
        with self._photos.turn():
            return self._image(pixels(data, self.manifest.image, crop))

    def unhurried(self) -> ClipEmbedder:
        if self._image.threads == self._text.threads == 1:
            return self
        image = LateTower(self._image.file, self.manifest)
        text = LateTower(self._text.file, self.manifest)
        return ClipEmbedder(self.manifest, image, text, self._tokens, self._photos)


def unhurried(embedder: Embedder) -> Embedder:
    """The same vectors, for whoever has many things to embed and waits for all of them: each is
    made on one thread. Threads that share a photo wait for each other, which makes it dearer by
    a third. It takes turns with the photos of those who wait for one."""
    return embedder.unhurried() if isinstance(embedder, ClipEmbedder) else embedder


def load(model: str, model_dir: Path | None, threads: int | None = None) -> ClipEmbedder:
    """The model of this name from `model_dir`, or `mini` as shipped; ModelRefused if it is not
    whole. `threads` is for one photo or text; as many as there are CPUs unless given."""
    return whole(Loading(model, model_dir, threads))


def whole(model: Loading) -> ClipEmbedder:
    """The model as soon as all of it is there, or ModelRefused."""
    folder, manifest = model.folder, model.manifest
    # The towers need a moment of Python at their beginning, and the tokenizer keeps all of Python
    # to itself while it is loaded. So it is once the image tower is the only one left to wait for.
    text = model.text()
    tokens = Tokens(folder / manifest.text.tokenizer, manifest.text.context)
    return ClipEmbedder(manifest, model.image(), text, tokens, AtOnce(cpus()))
