"""Batches: rendered looks in pairs of views, real photos in pairs of views, and their captions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scripts.demo.catalogue import Look
from scripts.mini.captions import Captions, Facts, Writer
from scripts.mini.data import photos, rendered, views
from scripts.mini.data.photos import RealPhoto
from scripts.mini.words import UNKNOWN, Vocabulary, vocabulary


@dataclass(frozen=True)
class Batch:
    pixels: views.Pixels
    subjects: npt.NDArray[np.int64]
    captions: Captions
    fit: npt.NDArray[np.int8]
    taught: npt.NDArray[np.float16]
    """The teacher's features of the last images of the batch, or of none."""


KINDS_AND_LOOKS = ((16, 4), (8, 8))
"""Batches take turns: many kinds with some looks of each, then few kinds with many looks. The first
tell kinds apart, the second siblings, which differ in nothing but pattern, material or shade."""
PHOTOS_A_BATCH = 64


class Batches:
    def __init__(self, work: Path, has_photos: bool, seed: int) -> None:
        self._seed = seed
        looks = rendered.training_looks()
        rows: list[RealPhoto] = []
        if has_photos:
            rows = photos.listed_made(work / "photos")
        self.vocabulary = vocabulary(rows)
        self.writer = Writer(self.vocabulary)
        if not views.is_made(work / "rendered", rendered.recipe()):
            raise FileNotFoundError(f"No views of today's catalogue in {work}: run `views` first.")
        self._looks = views.read(work / "rendered")
        self._look_facts = look_facts(looks, self.vocabulary)
        kinds = self._look_facts[:, 0]
        self._of_kind = [np.flatnonzero(kinds == kind) for kind in np.unique(kinds)]
        self._photos = views.read(work / "photos") if rows else None
        self._photo_facts = photo_facts(rows, self.vocabulary)
        self._chances = _chances([row.label for row in rows])
        self._taught = photos.teachings(work / "photos") if rows else np.zeros((0, 0), np.float16)

    @property
    def teacher_features(self) -> int:
        return int(self._taught.shape[1])

    def batch(self, step: int) -> Batch:
        """The batch of this step, the same whatever went before."""
        rng = np.random.default_rng([self._seed, step])
        looks = self._some_looks(rng, *KINDS_AND_LOOKS[step % len(KINDS_AND_LOOKS)])
        pixels = [self._looks.pick(looks, 2, rng)]
        facts = self._look_facts[looks]
        seen = [np.tile(facts, (2, 1))]
        subjects = [np.tile(looks, 2)]
        told = [facts, facts]
        taught = self._taught[:0]
        if self._photos:
            some = rng.choice(len(self._chances), PHOTOS_A_BATCH, False, self._chances)
            which = self._photos.which(some, 2, rng)
            pixels.append(self._photos.pixels[which])
            taught = self._taught[which] if self.teacher_features else taught
            told.append(self._photo_facts[some])
            seen.append(np.tile(told[-1], (2, 1)))
            subjects.append(np.tile(some, 2) + len(self._look_facts))
        shown = np.concatenate(seen)
        captions = self.writer.write(np.concatenate(told), rng)
        return Batch(
            pixels=np.concatenate(pixels),
            subjects=np.concatenate(subjects),
            captions=captions,
            fit=self.writer.fit(captions.words, shown),
            taught=taught,
        )

    def _some_looks(
        self, rng: np.random.Generator, kinds: int, looks_a_kind: int
    ) -> npt.NDArray[np.int64]:
        some = [
            rng.choice(of, min(looks_a_kind, len(of)), replace=False)
            for of in (
                self._of_kind[kind] for kind in rng.choice(len(self._of_kind), kinds, replace=False)
            )
        ]
        return np.concatenate(some)

    def sample_texts(self, count: int) -> list[str]:
        rng = np.random.default_rng([self._seed, 1 << 31])
        facts = np.concatenate([self._look_facts, self._photo_facts])
        return self.writer.write(facts[rng.integers(0, len(facts), count)], rng).texts


def look_facts(looks: list[Look], known: Vocabulary) -> Facts:
    rows = [(look.kind, look.colour, look.pattern, look.material) for look in looks]
    places = [{value: n for n, value in enumerate(facet.values)} for facet in known.facets]
    return np.asarray([[places[n][row[n]] for n in range(4)] for row in rows], np.int64)


def photo_facts(rows: list[RealPhoto], known: Vocabulary) -> Facts:
    place = {value: n for n, value in enumerate(known.kind.values)}
    facts = np.full((len(rows), 4), UNKNOWN, np.int64)
    facts[:, 0] = [place[row.name] for row in rows]
    return facts


def _chances(labels: list[str]) -> npt.NDArray[np.float64]:
    """Photos of rare labels are seen more often, but not as often as if all were alike."""
    _, which, count = np.unique(labels, return_inverse=True, return_counts=True)
    weight = 1 / np.sqrt(count[which]) if labels else np.zeros(0)
    return np.asarray(weight / max(weight.sum(), 1e-9))
