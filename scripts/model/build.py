"""From a source folder to a model: built beside its place, tested there, and moved in whole."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec

from core.clip.embedder import load
from core.clip.manifest import MANIFEST, ImageTower, Manifest, ModelFile, TextTower
from core.clip.pixels import pixels
from core.clip.tokens import Tokens
from core.errors import ModelRefused
from scripts.model.linears import check_patterns
from scripts.model.material import material, zero_shot
from scripts.model.rounding import Made, Quantise, TowerOrder, step
from scripts.model.source import TOKENIZER, Source, fingerprint, read_source
from scripts.model.tokenizer import write_tokenizer

IMAGE, TEXT = "image.onnx", "text.onnx"
_SAME = 0.9999
_UNFINISHED = ".unfinished-"


@dataclass(frozen=True)
class Order:
    name: str
    source: Path
    out: Path
    text_source: Path | None = None
    """Another text tower for the same image tower."""
    quantise: Quantise = "auto"
    keep_fp32: tuple[str, ...] = ()
    origin: str = ""
    """Where the source came from; its folder and a fingerprint of its weights if not said."""
    licence: str = "as at its source"


def build(order: Order) -> Path:
    """The folder of the finished model. Raises ModelRefused, and then leaves no model behind."""
    if not order.name or Path(order.name).name != order.name or order.name.startswith("."):
        raise ModelRefused(f"{order.name!r} can't be a model's name: it becomes a folder's name.")
    source = read_source(order.source, order.text_source)
    print(f"{order.name}: {source.dimension} dimensions")
    with _workplace(order.out) as work:
        folder = work / order.name
        folder.mkdir()
        image, text = _towers(source, order, folder, work)
        write_tokenizer(source.tokenizer, folder / TOKENIZER)
        _write_manifest(folder, _manifest(source, order, image, text, folder))
        _try_out(order.name, work, image, text)
        return _move_in(folder, order.out / order.name)


def _towers(source: Source, order: Order, folder: Path, work: Path) -> tuple[Made, Made]:
    with step("photos and texts to try it on"):
        about, part = material(), _image_part(source, "")
        photos = [pixels(photo, part) for photo in about.photos]
        tokens = Tokens(source.tokenizer, source.context)
        texts = [tokens.read(text)[0] for text in about.texts]
    how = (order.quantise, order.keep_fp32)
    image = TowerOrder("image", source.image, folder / IMAGE, photos, *how).make(work)
    text = TowerOrder("text", source.text, folder / TEXT, texts, *how).make(work)
    check_patterns(order.keep_fp32, [image.plan, text.plan])
    return image, text


def _try_out(name: str, models: Path, image: Made, text: Made) -> None:
    """As a shop will load it: what was tried tower by tower must be what comes out."""
    with step("loading it as a shop would"):
        embedder = load(name, models)
        about = material()
        photo, words = embedder.photo(about.photos[0]), embedder.words(about.texts[0]).vector
    if photo @ image.vectors[0] < _SAME or words @ text.vectors[0] < _SAME:
        raise ModelRefused(f"The model {name} gives other vectors than the towers it is made of.")


def _evaluation(order: Order, image: Made, text: Made) -> dict[str, Any]:
    about = material()
    scores = {
        order.quantise: zero_shot(image.vectors, text.vectors),
        "fp32": zero_shot(image.exact, text.exact),
    }
    kinds = f"zero-shot over {len(about.prompts)} kinds"
    print(f"  {kinds}: " + ", ".join(f"{score:.2f} in {name}" for name, score in scores.items()))
    return {
        "tried on": f"{len(about.photos)} rendered photos and {len(about.texts)} texts",
        "cosine with fp32": {"image": asdict(image.drift), "text": asdict(text.drift)},
        kinds: scores,
    }


def _manifest(source: Source, order: Order, image: Made, text: Made, folder: Path) -> Manifest:
    names = sorted(path.name for path in folder.iterdir())
    files = {name: _described(folder / name) for name in names}
    sums = "".join(file.sha256 for file in files.values()) + repr(source.photos)
    return Manifest(
        name=order.name,
        revision=hashlib.sha256(sums.encode()).hexdigest()[:10],
        source=order.origin or _origin(order, source),
        licence=order.licence,
        dimension=source.dimension,
        image=_image_part(source, image.plan.told()),
        text=TextTower(
            file=TEXT,
            tokenizer=TOKENIZER,
            context=source.context,
            languages=source.languages,
            quantisation=text.plan.told(),
        ),
        files=files,
        evaluation=_evaluation(order, image, text),
    )


def _image_part(source: Source, quantisation: str) -> ImageTower:
    photos = source.photos
    return ImageTower(
        file=IMAGE,
        side=photos.side,
        fit=photos.fit,
        interpolation=photos.interpolation,
        mean=photos.mean,
        std=photos.std,
        quantisation=quantisation,
    )


def _origin(order: Order, source: Source) -> str:
    folders = [folder.resolve().name for folder in (order.source, order.text_source) if folder]
    return f"the folder {' and '.join(folders)}, weights {fingerprint(source.weights)}, not pinned"


def _described(file: Path) -> ModelFile:
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return ModelFile(size=file.stat().st_size, sha256=digest)


def _write_manifest(folder: Path, manifest: Manifest) -> None:
    encoded = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
    with (folder / MANIFEST).open("wb") as out:
        out.write(encoded + b"\n")
        out.flush()
        os.fsync(out.fileno())


@contextmanager
def _workplace(out: Path) -> Iterator[Path]:
    """A folder beside the models, gone afterwards. One build at a time: what lies there from
    earlier ones was killed and can go, and two at once would hardly fit into memory."""
    out.mkdir(parents=True, exist_ok=True)
    lock = os.open(out, os.O_RDONLY)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"another build is under way in {out}, waiting", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        for left in out.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(left)
        work = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=out))
        try:
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)
    finally:
        os.close(lock)


def _move_in(folder: Path, place: Path) -> Path:
    """Folders can't be swapped in one go: the old one, if any, steps aside first."""
    if place.exists():
        place.rename(folder.parent / "before")
    folder.rename(place)
    return place
