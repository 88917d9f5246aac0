"""Scores on real photos that were kept from training."""

from __future__ import annotations

import io
import tomllib
from pathlib import Path

import numpy as np
from PIL import ImageEnhance, ImageOps

from core.clip.embedder import ClipEmbedder
from scripts.mini.data.photos import RealPhoto, listed, whole
from scripts.mini.score.measures import (
    Scores,
    Vectors,
    precision,
    recall,
    thumbnails,
    vectors_of,
    words_of,
)


def on_photos(embedder: ClipEmbedder, folder: Path) -> Scores:
    kept = listed(folder, "validation", "val", "iconic")
    clothing = [row for row in kept if row.set == "clothing"]
    grocery = [row for row in kept if row.set == "grocery" and row.split != "iconic"]
    studio = [row for row in kept if row.split == "iconic"]

    classes = sorted({row.label for row in clothing})
    prompts = words_of(embedder, [f"a photo of a {label}" for label in classes])
    worn = vectors_of(embedder, _read(folder, clothing))
    guessed = np.argmax(worn @ prompts.T, axis=1)
    is_class = np.asarray([classes.index(row.label) for row in clothing])

    names = sorted({row.name for row in grocery})
    wider = sorted({row.wider for row in grocery})
    shelf = vectors_of(embedder, _read(folder, grocery))
    own = np.asarray([[s.label for s in studio].index(row.label) for row in grocery])
    studio_photos, shelf_photos = _read(folder, studio), _read(folder, grocery)
    studio_vectors = vectors_of(embedder, studio_photos)
    small, small_studio = thumbnails(shelf_photos), thumbnails(studio_photos)
    return {
        "clothing photos: zero-shot top-1": float((guessed == is_class).mean()),
        **_colours(embedder, folder),
        **_same_garment(embedder, folder, clothing, worn),
        "grocery: name -> photo, P@10": precision(
            words_of(embedder, names) @ shelf.T,
            np.asarray([[row.name == name for row in grocery] for name in names]),
            10,
        ),
        "grocery: wider name -> photo, P@10": precision(
            words_of(embedder, wider) @ shelf.T,
            np.asarray([[row.wider == name for row in grocery] for name in wider]),
            10,
        ),
        "grocery: photo -> studio, R@1": recall(shelf, studio_vectors, own),
        "   by a 16x16 thumbnail, R@1": recall(small, small_studio, own),
        "grocery: photo -> studio, R@5": recall(shelf, studio_vectors, own, at=5),
        "   by a 16x16 thumbnail, R@5": recall(small, small_studio, own, at=5),
    }


def _colours(embedder: ClipEmbedder, folder: Path) -> Scores:
    """How often the likeliest of all plain colour words is one that a person accepts."""
    with Path(__file__).with_name("colours.toml").open("rb") as file:
        looked_at: dict[str, list[str]] = tomllib.load(file)
    accepted = {name: words for name, words in looked_at.items() if (folder / name).is_file()}
    if not accepted:
        return {}
    words = sorted({word for several in accepted.values() for word in several})
    seen = vectors_of(embedder, [(folder / name).read_bytes() for name in accepted])
    likeliest = np.argmax(seen @ words_of(embedder, words).T, axis=1)
    pairs = zip(likeliest, accepted.values(), strict=True)
    right = float(np.mean([words[place] in several for place, several in pairs]))
    return {"clothing photos: colour words, top-1": right}


def _same_garment(
    embedder: ClipEmbedder, folder: Path, clothing: list[RealPhoto], worn: Vectors
) -> Scores:
    """A nearer look at a photo, in three of four as a mirror shows it: does it find the photo?

    It stands for a fashion shop's second picture of a product, of which there are none to learn
    from or to score on here."""
    dice = np.random.default_rng(7)
    nearer = [_nearer(folder / row.file, dice) for row in clothing]
    own = np.arange(len(clothing))
    small = thumbnails(_read(folder, clothing))
    return {
        "clothing photos: a nearer look -> photo, R@1": recall(
            vectors_of(embedder, nearer), worn, own
        ),
        "   by a 16x16 thumbnail, R@1 ": recall(thumbnails(nearer), small, own),
    }


def _nearer(file: Path, dice: np.random.Generator) -> bytes:
    image = whole(file)
    part = dice.uniform(0.5, 0.9)
    left, top = dice.uniform(0, 1 - part, 2)
    box = (left, top, left + part, top + part)
    sides = (image.width, image.height, image.width, image.height)
    image = image.crop(tuple(round(at * side) for at, side in zip(box, sides, strict=True)))
    if dice.random() < 0.75:
        image = ImageOps.mirror(image)
    image = ImageEnhance.Brightness(image).enhance(dice.uniform(0.8, 1.2))
    jpeg = io.BytesIO()
    image.save(jpeg, "JPEG", quality=85)
    return jpeg.getvalue()


def _read(folder: Path, rows: list[RealPhoto]) -> list[bytes]:
    return [(folder / row.file).read_bytes() for row in rows]
