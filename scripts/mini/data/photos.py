"""Real photos, where a folder of them is given: `photos.jsonl` and the files that it lists.

A line holds `file`, `split`, `set`, `label`, `text` and perhaps `coarse`, a wider word for the
label. The split `train` is learnt from; `validation`, `val` and `iconic` are only ever scored on.
"""

from __future__ import annotations

import multiprocessing
from functools import partial
from pathlib import Path
from zlib import crc32

import msgspec
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from scripts.mini.data import views
from scripts.mini.data.cutout import cutout
from scripts.mini.teacher import features_of
from scripts.progress import Bar

CUTS_A_PHOTO = 7
CUTOUTS_A_PHOTO = 4
VIEWS_A_PHOTO = 1 + CUTS_A_PHOTO + CUTOUTS_A_PHOTO
LISTING = "photos.json"


class RealPhoto(msgspec.Struct, frozen=True):
    file: str
    split: str
    set: str
    label: str
    text: str
    coarse: str = ""

    @property
    def name(self) -> str:
        return self.label.replace("-", " ").lower() if self.set == "grocery" else self.label

    @property
    def wider(self) -> str:
        return self.coarse.replace("-", " ").lower()


def listed(folder: Path, *splits: str) -> list[RealPhoto]:
    lines = (folder / "photos.jsonl").read_bytes().splitlines()
    rows = [msgspec.json.decode(line, type=RealPhoto) for line in lines if line.strip()]
    return [row for row in rows if row.split in splits]


def make(photos: Path, folder: Path, teacher: Path | None, jobs: int) -> list[RealPhoto]:
    """Cuts the training views, with what the teacher sees in each, unless they are there."""
    rows = listed(photos, "train")
    taught = f"teacher of {teacher.stat().st_size} bytes" if teacher else "no teacher"
    names = repr([row.file for row in rows]).encode()
    kinds = f"{CUTS_A_PHOTO} cuts and {CUTOUTS_A_PHOTO} cut-outs"
    recipe = f"{views.SIDE} px; {kinds}; {taught}; {crc32(names):08x}"
    if views.is_made(folder, recipe):
        return rows
    pixels = views.create(folder, [VIEWS_A_PHOTO] * len(rows), recipe)
    (folder / LISTING).write_bytes(msgspec.json.encode(rows))
    seen: list[npt.NDArray[np.float16]] = []
    look = partial(_views, photos=photos, teacher=teacher)
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(jobs) as pool, Bar("Cutting photos") as bar:
        for number, (made, meant) in enumerate(pool.imap(look, list(enumerate(rows)), 8)):
            pixels[number * VIEWS_A_PHOTO : (number + 1) * VIEWS_A_PHOTO] = made
            seen.append(meant)
            bar.show(number + 1, len(rows))
    views.teach(folder, np.concatenate(seen))
    views.finish(folder)
    return rows


def listed_made(folder: Path) -> list[RealPhoto]:
    """The photos whose views `folder` holds, in the store's order."""
    return msgspec.json.decode((folder / LISTING).read_bytes(), type=list[RealPhoto])


def whole(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return ImageOps.exif_transpose(image).convert("RGB")


def _views(
    task: tuple[int, RealPhoto], photos: Path, teacher: Path | None
) -> tuple[views.Pixels, npt.NDArray[np.float16]]:
    number, row = task
    rng = np.random.default_rng([number, 2])
    image = whole(photos / row.file)
    made = [image]
    made += [_cut(image, rng) for _ in range(CUTS_A_PHOTO)]
    made += [cutout(_cut(image, rng, least=0.12), rng) for _ in range(CUTOUTS_A_PHOTO)]
    pixels = np.stack([np.asarray(views.squashed(view)) for view in made])
    return pixels, features_of(made, teacher)


def _cut(image: Image.Image, rng: np.random.Generator, least: float = 0.25) -> Image.Image:
    """A random part of the photo, between `least` of its area and nearly all."""
    area, stretch = rng.uniform(least, 1.0), np.exp(rng.uniform(-0.3, 0.3))
    width = min(1.0, float(np.sqrt(area) * stretch))
    height = min(1.0, float(np.sqrt(area) / stretch))
    left, top = rng.uniform(0, 1 - width), rng.uniform(0, 1 - height)
    box = (left * image.width, top * image.height)
    far = ((left + width) * image.width, (top + height) * image.height)
    return image.crop((round(box[0]), round(box[1]), round(far[0]), round(far[1])))
