"""A model's towers on their way, so that whoever starts can do something else meanwhile."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from core.clip.manifest import Manifest, read_manifest, remedy, verify
from core.clip.towers import Tower
from core.errors import ModelRefused
from core.processors import cpus

SHIPPED = Path(__file__).parent
"""The folder of the models that come with the code: `mini`."""

BUILT = Path("models")
"""Where models are looked for that were built here, unless MODEL_DIR says otherwise."""


class Loading:
    """Finds the model and begins with its towers. onnxruntime leaves Python alone while it loads
    them, so that is done on another thread; one after the other, or two would take turns with
    Python where there are two CPUs. `embedder.whole` waits for them.

    Raises ModelRefused where nothing says which model it is. What else is wrong with it, who waits
    for its towers is told: there is something to be done without them.
    """

    def __init__(self, model: str, model_dir: Path | None, threads: int | None = None) -> None:
        self.folder = _folder(model, model_dir)
        self.manifest = read_manifest(self.folder, model)
        self._refused: ModelRefused | None = None
        try:
            verify(self.folder, self.manifest)
        except ModelRefused as error:
            self._refused = error
            return
        text, image = self.manifest.text.file, self.manifest.image.file
        # Said, because onnxruntime's own guess fails in some containers.
        threads = threads or cpus()
        # numpy and onnxruntime are imported by now: imported first on this thread, they may crash.
        loader = ThreadPoolExecutor(1)
        self._text = loader.submit(Tower, self.folder / text, threads)
        self._image = loader.submit(Tower, self.folder / image, threads)
        loader.shutdown(wait=False)  # the thread ends once both are loaded

    def text(self) -> Tower:
        self._insist()
        tower = self._text.result()
        _check(tower, None, self.manifest)
        return tower

    def image(self) -> Tower:
        self._insist()
        tower, side = self._image.result(), self.manifest.image.side
        _check(tower, [1, side, side, 3], self.manifest)
        return tower

    def _insist(self) -> None:
        if self._refused is not None:
            raise self._refused


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
