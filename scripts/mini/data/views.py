"""A store of square views made ahead, so that training never waits for a decoder or a renderer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
from PIL import Image

SIDE = 128
"""Larger than any size trained at, so that each time a view is seen it can be cut anew."""

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Views:
    """`count[s]` views of subject `s`, one after the other in `pixels`, from `start[s]` on."""

    pixels: Pixels
    start: npt.NDArray[np.int64]
    count: npt.NDArray[np.int64]
    taught: npt.NDArray[np.float16]

    def which(
        self, subjects: npt.NDArray[np.int64], n: int, rng: np.random.Generator
    ) -> npt.NDArray[np.int64]:
        """`n` different views of each subject: all first ones, then all second ones, and so on."""
        first = rng.integers(0, 1 << 30, len(subjects)) % self.count[subjects]
        stride = 1 + rng.integers(0, 1 << 30, len(subjects)) % np.maximum(
            self.count[subjects] // max(n - 1, 1) - 1, 1
        )
        steps = np.arange(n)[:, None] * stride
        return np.asarray((self.start[subjects] + (first + steps) % self.count[subjects]).ravel())


def create(folder: Path, counts: list[int], recipe: str) -> Pixels:
    """An empty store; what `finish` has not signed is made anew the next time."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "done.json").unlink(missing_ok=True)
    np.save(folder / "counts.npy", np.asarray(counts, np.int64))
    (folder / "recipe.txt").write_text(recipe)
    shape = (sum(counts), SIDE, SIDE, 3)
    return np.lib.format.open_memmap(folder / "pixels.npy", "w+", np.uint8, shape)


def teach(folder: Path, features: npt.NDArray[np.float16]) -> None:
    """Keeps what a teacher makes of each view; of no width without a teacher."""
    np.save(folder / "teacher.npy", features)


def finish(folder: Path) -> None:
    recipe = (folder / "recipe.txt").read_text()
    (folder / "done.json").write_bytes(msgspec.json.encode({"recipe": recipe}))


def is_made(folder: Path, recipe: str) -> bool:
    try:
        return bool(msgspec.json.decode((folder / "done.json").read_bytes())["recipe"] == recipe)
    except FileNotFoundError:
        return False


def is_taught(folder: Path) -> bool:
    return bool(np.load(folder / "teacher.npy", mmap_mode="r").shape[1])


def read(folder: Path) -> Views:
    counts = np.load(folder / "counts.npy")
    return Views(
        pixels=np.load(folder / "pixels.npy", mmap_mode="r"),
        start=np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64),
        count=counts,
        taught=np.load(folder / "teacher.npy"),
    )


def squashed(image: Image.Image, side: int = SIDE) -> Image.Image:
    """The whole picture as a square, which is how the model looks at every photo."""
    return image.resize((side, side), Image.Resampling.BICUBIC)
