"""The Embedder port over a CLIP model's two towers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from core.clip.manifest import Manifest, read_manifest, remedy
from core.clip.pixels import pixels
from core.clip.tokens import Tokens
from core.clip.towers import Tower, cpus
from core.errors import ModelRefused
from core.ports import WordsVector
from core.product import Vector

SHIPPED = Path(__file__).parent
"""The folder of the models that come with the code: `mini`."""

BUILT = Path("models")
"""Where models are looked for that were built here, unless MODEL_DIR says otherwise."""


class ClipEmbedder:
    """Keeps no state between calls, so any number of threads may share it."""

    def __init__(self, manifest: Manifest, image: Tower, text: Tower, tokens: Tokens) -> None:
        self.manifest = manifest
        self._image = image
        self._text = text
        self._tokens = tokens

    @property
    def model(self) -> str:
        return self.manifest.identity

    @property
    def dimension(self) -> int:
        return self.manifest.dimension

    def words(self, text: str) -> WordsVector:
        ids, truncated = self._tokens.read(text)
        return WordsVector(self._text(ids), truncated)

    def photo(self, data: bytes) -> Vector:
        return self._image(pixels(data, self.manifest.image))


def load(model: str, model_dir: Path | None, threads: int | None = None) -> ClipEmbedder:
    """The model of this name from `model_dir`, or `mini` as shipped; ModelRefused if it is not
    whole. `threads` is for one photo or text; as many as there are CPUs unless given."""
    folder = _folder(model, model_dir)
    manifest = read_manifest(folder, model)
    threads = threads or cpus()
    # numpy and onnxruntime are imported by now: imported first on these threads, they may crash.
    with ThreadPoolExecutor(2) as loaders:
        image = loaders.submit(Tower, folder / manifest.image.file, threads)
        text = loaders.submit(Tower, folder / manifest.text.file, threads)
        tokens = Tokens(folder / manifest.text.tokenizer, manifest.text.context)
        embedder = ClipEmbedder(manifest, image.result(), text.result(), tokens)
    side = manifest.image.side
    _check(image.result(), [1, side, side, 3], manifest)
    _check(text.result(), None, manifest)
    return embedder


def _folder(model: str, model_dir: Path | None) -> Path:
    places = [(model_dir or BUILT) / model, SHIPPED / model]
    for place in places:
        if place.is_dir():
            return place
    raise ModelRefused(
        f"There is no model {model!r}: neither {places[0]} nor {places[1]} exists. "
        "Set MODEL=mini for the model that comes with Likeness, build this one, "
        "or set MODEL_DIR to the folder that has it."
    )


def _check(tower: Tower, takes: list[int] | None, manifest: Manifest) -> None:
    """A tower of other sizes than its manifest says would only fail at the first request."""
    if takes and tower.takes != takes:
        raise ModelRefused(
            f"{tower.file} takes {tower.takes}, but its manifest says {takes}: "
            f"{remedy(manifest.name)}"
        )
    if tower.gives != [1, manifest.dimension]:
        raise ModelRefused(
            f"{tower.file} gives vectors of {tower.gives[-1]} numbers, but its manifest says "
            f"{manifest.dimension}, and image and text tower must be of one model: "
            f"{remedy(manifest.name)}"
        )
