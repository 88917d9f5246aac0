"""Other ids with the same weights are other words: those of mini are recorded here, and those of
CLIP's own vocabulary follow from the algorithm that was published with it."""

from __future__ import annotations

import gzip
import re
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from core.clip.embedder import SHIPPED
from core.clip.tokens import Tokens
from scripts.demo.catalogue import products
from tests.shared import SHARED, needs

CONTEXT = 64


@pytest.fixture(scope="module")
def tokens() -> Tokens:
    return Tokens(SHIPPED / "mini" / "tokenizer.json", CONTEXT)


RECORDED = {
    "red t-shirt": [0, 380, 261, 14, 302, 1],
    "a photo of a striped dress": [0, 258, 269, 263, 258, 408, 321, 1],
    "polka dot mug": [0, 464, 442, 620, 1],
    "crème brûlée": [0, 278, 83, 129, 103, 784, 676, 129, 121, 77, 129, 104, 70, 1],
    "👟": [0, 222, 174, 255, 241, 255, 1],
}


@pytest.mark.parametrize("text", RECORDED)
def test_texts_have_the_ids_that_were_trained(tokens: Tokens, text: str) -> None:
    ids, truncated = tokens.read(text)
    assert ids.tolist() == [RECORDED[text]]
    assert ids.dtype == np.int64
    assert not truncated


def test_case_and_width_make_no_difference(tokens: Tokens) -> None:
    plain = tokens.read("red t-shirt")[0].tolist()
    assert tokens.read("Red T-SHIRT")[0].tolist() == plain
    assert tokens.read("ｒｅｄ t-shirt")[0].tolist() == plain


def test_a_text_is_as_long_as_it_is(tokens: Tokens) -> None:
    assert tokens.read("")[0].shape[1] < tokens.read("mug")[0].shape[1] + 1
    assert tokens.read("mug")[0].shape[1] < tokens.read("a blue mug with stripes")[0].shape[1]


def test_a_long_text_is_cut_and_keeps_its_end_mark(tokens: Tokens) -> None:
    ids, truncated = tokens.read("blue " * 500)
    assert truncated
    assert ids.shape == (1, CONTEXT)
    assert ids[0, 0] == 0
    assert ids[0, -1] == 1


def test_what_just_fits_is_not_truncated(tokens: Tokens) -> None:
    fits = "blue " * (CONTEXT - 2)
    assert tokens.read(fits.strip())[1] is False
    assert tokens.read(fits + "blue")[1] is True


# CLIP's own vocabulary, where it is at hand

CLIP = SHARED / "clip" / "tokenizer"
clips = needs("clip/tokenizer")


@pytest.fixture(scope="module")
def clip() -> Tokens:
    return Tokens(CLIP / "tokenizer.json", 77)


@cache
def ranks() -> dict[tuple[str, str], int]:
    with gzip.open(CLIP / "bpe_simple_vocab_16e6.txt.gz", "rt", encoding="utf-8") as lines:
        merges = lines.read().split("\n")[1 : 49152 - 256 - 2 + 1]
    return {(first, second): rank for rank, (first, second) in enumerate(map(str.split, merges))}


@cache
def numbers() -> dict[str, int]:
    """Bytes, bytes that end a word, what merges make of them, and the two marks."""
    letters = list(letter_of().values())
    words = [*letters, *(letter + "</w>" for letter in letters), *map("".join, ranks())]
    return {word: number for number, word in enumerate([*words, "<start>", "<end>"])}


@cache
def letter_of() -> dict[int, str]:
    """A letter one can see for each byte, the visible ones first."""
    seen = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in seen]
    return dict(zip([*seen, *hidden], map(chr, [*seen, *range(256, 256 + 68)]), strict=True))


def published_ids(text: str) -> list[int]:
    """The algorithm of openai/CLIP, in as few words as can be."""
    found = []
    for word in re.findall(r"'s|'t|'re|'ve|'m|'ll|'d|[^\W\d_]+|\d|[^\s\w]+", text.lower()):
        parts = [letter_of()[byte] for byte in word.encode()]
        parts[-1] += "</w>"
        while any(pair in ranks() for pair in pairwise(parts)):
            pairs = list(pairwise(parts))
            at = pairs.index(min(pairs, key=lambda pair: ranks().get(pair, len(ranks()))))
            parts[at : at + 2] = ["".join(parts[at : at + 2])]
        found += [numbers()[part] for part in parts]
    return [numbers()["<start>"], *found, numbers()["<end>"]]


@clips
def test_clips_own_ids(clip: Tokens) -> None:
    ids, truncated = clip.read("a photo of a dog")
    assert ids.tolist() == [[49406, 320, 1125, 539, 320, 1929, 49407]]
    assert not truncated


@clips
def test_every_product_has_the_ids_of_the_published_algorithm(clip: Tokens) -> None:
    texts = [f"{product.name}. {product.description}" for product in products()[::4]]
    texts += [
        "",
        " ",
        "Crème Brûlée",
        "it's 3.5 x 40cm!!",
        "кружка",
        "青いマグ",
        "T-SHIRT\n  x",
        "ß",
    ]
    for text in texts:
        expected = published_ids(text)
        ids, truncated = clip.read(text)
        if truncated:
            assert ids.tolist() == [[*expected[:76], 49407]]
        else:
            assert ids.tolist() == [expected], text
        assert truncated == (len(expected) > 77)


@clips
def test_clips_long_texts_end_with_their_mark(clip: Tokens) -> None:
    ids, truncated = clip.read("dog " * 76)
    assert truncated
    assert ids.tolist() == [[49406, *[1929] * 75, 49407]]
    assert clip.read("dog " * 75)[1] is False
