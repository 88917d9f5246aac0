"""Scores on real photos that were kept from training."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.clip.embedder import ClipEmbedder
from scripts.mini.data.photos import RealPhoto, listed
from scripts.mini.score.measures import (
    Scores,
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


def _read(folder: Path, rows: list[RealPhoto]) -> list[bytes]:
    return [(folder / row.file).read_bytes() for row in rows]
