"""`model.json`: everything in which one model differs from another, beside its weights."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from core.errors import ModelRefused

MANIFEST = "model.json"

HASHED_UP_TO = 32 * 1024 * 1024
"""Smaller models are hashed on every start, which takes milliseconds. Larger ones were hashed when
they were built; on a start their size alone is compared, because a second of hashing is a second
of cold start."""

FileName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
Positive = Annotated[int, Meta(ge=1)]


class ModelFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    size: Positive
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]


class ImageTower(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a photo becomes the tower's input. The graph takes uint8 [1, side, side, 3]; the mean
    and deviation that training used are part of the graph and only noted here."""

    file: FileName
    side: Positive
    fit: Literal["squash", "crop"]
    """squash: the whole photo as a square. crop: the short side to `side`, then the middle."""
    interpolation: Literal["bicubic", "bilinear"]
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    quantisation: str


class TextTower(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The graph takes token ids [1, n], n at most `context` with the marks at both ends."""

    file: FileName
    tokenizer: FileName
    context: Annotated[int, Meta(ge=3)]
    languages: str
    quantisation: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1)]
    revision: Annotated[str, Meta(min_length=1)]
    """Changes whenever vectors do: an index filled by one revision is useless to another."""
    source: str
    licence: str
    dimension: Positive
    image: ImageTower
    text: TextTower
    files: dict[FileName, ModelFile]
    evaluation: dict[str, Any] = {}
    """What was measured when the model was made; for people, nothing reads it."""

    @property
    def identity(self) -> str:
        return f"{self.name}@{self.revision}"


def read_manifest(folder: Path, model: str) -> Manifest:
    """The folder's manifest, or ModelRefused naming the file and the remedy."""
    path = folder / MANIFEST
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except FileNotFoundError as error:
        raise ModelRefused(f"{path} is missing: {remedy(model)}") from error
    except OSError as error:
        raise ModelRefused(_unreadable(path, error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ModelRefused(f"{path} is no model manifest ({error}): {remedy(model)}") from error
    if manifest.name != model:
        raise ModelRefused(
            f"{path} describes the model {manifest.name!r}, not {model!r}: "
            "set MODEL to its name, or MODEL_DIR to the folder that holds the other."
        )
    for name in (manifest.image.file, manifest.text.file, manifest.text.tokenizer):
        if name not in manifest.files:
            raise ModelRefused(f"{path} gives no checksum for {name}: {remedy(model)}")
    return manifest


def verify(folder: Path, manifest: Manifest) -> None:
    """That its files are the ones it says they are, or ModelRefused as above."""
    whole = sum(file.size for file in manifest.files.values())
    for name, file in manifest.files.items():
        _verify(folder / name, file, manifest.name, hashed=whole <= HASHED_UP_TO)


def _verify(path: Path, expected: ModelFile, model: str, *, hashed: bool) -> None:
    try:
        size = path.stat().st_size
        if size != expected.size:
            raise ModelRefused(
                f"{path} has {size} bytes instead of {expected.size}: {remedy(model)}"
            )
        if hashed and hashlib.sha256(path.read_bytes()).hexdigest() != expected.sha256:
            raise ModelRefused(f"{path} is not the file it should be: {remedy(model)}")
    except FileNotFoundError as error:
        raise ModelRefused(f"{path} is missing: {remedy(model)}") from error
    except OSError as error:
        raise ModelRefused(_unreadable(path, error)) from error


def _unreadable(path: Path, error: OSError) -> str:
    return f"{path} can't be read ({error.strerror}): it must be a file that this user may read."


def remedy(model: str) -> str:
    """What to do about a model that is not whole, to follow a colon."""
    if model == "mini":
        return "restore core/clip/mini from the release this installation came from."
    return f"build the model {model!r} again, or set MODEL_DIR to the folder that has it."
