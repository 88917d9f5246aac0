"""What people might write to find a thing: few words or many, in any order, shop's or their own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scripts.demo.catalogue import KINDS
from scripts.mini.words import UNKNOWN, Vocabulary

Facts = npt.NDArray[np.int64]
"""[n, 4] what images show, or which words captions use: kind, colour, pattern, material."""

_OPENINGS = ("", "", "", "a ", "a photo of a ", "the ", "a picture of a ", "photo of ", "new ")
_SAID_ALONE = ("{}", "something {}", "{} things", "anything {}")


@dataclass(frozen=True)
class Captions:
    texts: list[str]
    words: Facts


class Writer:
    """Writes captions of images whose facts are known; unknown facts stay unsaid."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._facets = vocabulary.facets
        self._tables = [facet.table() for facet in self._facets]
        self._row = [{word: n for n, word in enumerate(facet.words)} for facet in self._facets]

    def write(self, facts: Facts, rng: np.random.Generator) -> Captions:
        written = [self._one(row, rng) for row in facts]
        texts = [text for text, _ in written]
        return Captions(texts, np.asarray([words for _, words in written], np.int64))

    def fit(self, words: Facts, facts: Facts) -> npt.NDArray[np.int8]:
        """[captions, images]: is the caption right, wrong, or neither for the image?"""
        verdicts = [table[np.ix_(words[:, n], facts[:, n])] for n, table in enumerate(self._tables)]
        return np.asarray(np.min(verdicts, axis=0))

    def _one(self, facts: Facts, rng: np.random.Generator) -> tuple[str, list[int]]:
        said = self._chosen(facts, rng)
        words = [self._row[n].get(word, UNKNOWN) for n, word in enumerate(said)]
        noun, colour, pattern, material = said
        if not noun:
            alone = " ".join(word for word in (colour, pattern, material) if word)
            return str(rng.choice(_SAID_ALONE)).format(alone), words
        before = [word for word in (material, noun) if word and word not in noun] + [noun]
        after = ""
        if pattern.startswith("with "):
            after = f" {pattern}"
        elif pattern:
            before.insert(0, pattern)
        if colour and rng.random() < 0.15:
            after = f"{after} in {colour}" if rng.random() < 0.7 else f"{after}, {colour}"
        elif colour:
            # "red striped dress" and "striped red dress" are both said.
            before.insert(int(rng.integers(0, 2)) if len(before) > 1 else 0, colour)
        text = f"{rng.choice(_OPENINGS)}{' '.join(before)}{after}"
        if rng.random() < 0.06 and (kind := self._facets[0].values[facts[0]]) in KINDS:
            # As a product's name and description are put together.
            text = f"{text}. {KINDS[kind].use}."
        return text, words

    def _chosen(self, facts: Facts, rng: np.random.Generator) -> list[str]:
        """One word a facet, "" where nothing is said; always at least one word."""
        plain = facts[2] != UNKNOWN and self._facets[2].values[facts[2]] == "plain"
        chances = (0.88, 0.6, 0.1 if plain else 0.7, 0.45)
        dice = rng.random(4)
        said = [self._word(n, int(facts[n]), rng) if dice[n] < chances[n] else "" for n in range(4)]
        return said if any(said) else [self._word(0, int(facts[0]), rng), "", "", ""]

    def _word(self, facet: int, value: int, rng: np.random.Generator) -> str:
        words = self._facets[facet].right[self._facets[facet].values[value]] if value >= 0 else ()
        if not words:
            return ""
        # The first is the most usual word, so it is said as often as all the others.
        usual = rng.random() < 0.5
        return words[0] if usual else words[int(rng.integers(len(words)))]
