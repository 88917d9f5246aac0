"""Token ids of the shipped tokenizer, recorded: other ids with the same weights are other words."""

from __future__ import annotations

import numpy as np
import pytest

from core.clip.embedder import SHIPPED
from core.clip.tokens import Tokens

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
