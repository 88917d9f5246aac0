"""Batches: rendered looks in pairs of views, real photos in pairs of views, and their captions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scripts.demo.catalogue import Look
from scripts.mini.captions import Captions, Facts, Writer
from scripts.mini.data import colours, photos, rendered, views
from scripts.mini.data.photos import RealPhoto
from scripts.mini.words import UNKNOWN, Vocabulary, vocabulary


@dataclass(frozen=True)
class Batch:
    pixels: views.Pixels
    subjects: npt.NDArray[np.int64]
    captions: Captions
    fit: npt.NDArray[np.int8]
    taught: npt.NDArray[np.float16]
    """The teacher's features of every image, or of no width."""
    photos: slice
    """Which of the images are of real photos."""
    labels: npt.NDArray[np.int64]
    """What each of these photos is labelled, as a place in `Batches.label_names`."""


@dataclass(frozen=True)
class TaughtPhotos:
    """Real photos by nothing but what a teacher sees in them."""

    taught: npt.NDArray[np.float16]
    subjects: npt.NDArray[np.int64]
    labels: npt.NDArray[np.int64]


KINDS_AND_LOOKS = ((18, 4), (8, 9))
"""Batches take turns: many kinds with some looks of each, then few kinds with many looks. The first
tell kinds apart, the second siblings, which differ in nothing but pattern, material or shade."""
PHOTOS_A_BATCH = 80
LABELS_A_BATCH = 8
"""Photos take turns too: of any label, then of a few, which has to be told from its like."""


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
        if self._photos and self._photos.taught.shape[1] != self.teacher_features:
            raise ValueError(f"Not all views in {work} have one teacher: run `views` again.")
        guesses = colours.guessed(self._photos) if self._photos else []
        self._photo_facts = photo_facts(rows, guesses, self.vocabulary)
        self._chances = _chances([row.label for row in rows])
        names, self._label = np.unique([row.name for row in rows], return_inverse=True)
        self.label_names = [str(name) for name in names]
        self._product = len(self._look_facts) + _products(rows)

    @property
    def teacher_features(self) -> int:
        return int(self._looks.taught.shape[1])

    def batch(self, step: int) -> Batch:
        """The batch of this step, the same whatever went before."""
        rng = np.random.default_rng([self._seed, step])
        looks = self._some_looks(rng, *KINDS_AND_LOOKS[step % len(KINDS_AND_LOOKS)])
        which = self._looks.which(looks, 2, rng)
        pixels, taught = [self._looks.pixels[which]], [self._looks.taught[which]]
        facts = self._look_facts[looks]
        seen = [np.tile(facts, (2, 1))]
        subjects = [np.tile(looks, 2)]
        told = [facts, facts]
        some = np.zeros(0, np.int64)
        if self._photos:
            some = self._some_photos(rng, step)
            which = self._photos.which(some, 2, rng)
            pixels.append(self._photos.pixels[which])
            taught.append(self._photos.taught[which])
            told += [self._photo_facts[some], self._photo_facts[some]]
            seen.append(np.tile(told[-1], (2, 1)))
            subjects.append(np.tile(self._product[some], 2))
        shown = np.concatenate(seen)
        captions = self.writer.write(np.concatenate(told), rng)
        return Batch(
            pixels=np.concatenate(pixels),
            subjects=np.concatenate(subjects),
            captions=captions,
            fit=self.writer.fit(captions.words, shown),
            taught=np.concatenate(taught),
            photos=slice(len(pixels[0]), len(shown)),
            labels=np.tile(self._label[some], 2),
        )

    def taught_photos(self, step: int, photos: int) -> TaughtPhotos:
        """Two views each of some photos, for learning from the teacher alone."""
        rng = np.random.default_rng([self._seed, 1 << 30, step])
        assert self._photos is not None
        some = rng.choice(len(self._chances), photos, False, self._chances)
        which = self._photos.which(some, 2, rng)
        taught = self._photos.taught[which]
        return TaughtPhotos(taught, np.tile(self._product[some], 2), np.tile(self._label[some], 2))

    def _some_photos(self, rng: np.random.Generator, step: int) -> npt.NDArray[np.int64]:
        chances = self._chances
        if step % 2:
            labels = rng.permutation(self._label.max() + 1)[:LABELS_A_BATCH]
            chances = chances * np.isin(self._label, labels)
        n = min(PHOTOS_A_BATCH, int((chances > 0).sum()))
        return rng.choice(len(chances), n, False, chances / chances.sum())

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


def photo_facts(rows: list[RealPhoto], guesses: list[str], known: Vocabulary) -> Facts:
    """What photos show as far as it is known; `guesses` are their colours, "" for no guess."""
    kinds, colour = ({value: n for n, value in enumerate(f.values)} for f in known.facets[:2])
    facts = np.full((len(rows), 4), UNKNOWN, np.int64)
    facts[:, 0] = [kinds[row.name] for row in rows]
    facts[:, 1] = [colour.get(guess, UNKNOWN) for guess in guesses]
    return facts


def _products(rows: list[RealPhoto]) -> npt.NDArray[np.int64]:
    """Which product each photo shows: groceries of one label are one, garments are each their own,
    by the number of the first photo that shows it."""
    first: dict[str, int] = {}
    return np.asarray(
        [
            first.setdefault(row.label, n) if row.set == "grocery" else n
            for n, row in enumerate(rows)
        ],
        np.int64,
    )


def _chances(labels: list[str]) -> npt.NDArray[np.float64]:
    """Photos of rare labels are seen more often, but not as often as if all were alike."""
    _, which, count = np.unique(labels, return_inverse=True, return_counts=True)
    weight = 1 / np.sqrt(count[which]) if labels else np.zeros(0)
    return np.asarray(weight / max(weight.sum(), 1e-9))
