from __future__ import annotations

import pytest

from core.product import Product
from core.words import clean, in_common, of_product, of_query, stems


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("T-Shirts", "tshirt"),
        ("dresses", "Dress"),
        ("watches", "watch"),
        ("berries", "berry"),
        ("Café crème", "cafe creme"),
        ("BOOTS", "boot"),
        ("Straße", "strasse"),
    ],
)
def test_forms_of_a_word_meet(one: str, other: str) -> None:
    assert stems(one) == stems(other)


@pytest.mark.parametrize("word", ["glass", "bus", "tennis", "gas"])
def test_words_that_only_look_plural_are_left_alone(word: str) -> None:
    assert stems(word) == [word]


def test_fillers_carry_nothing() -> None:
    assert stems("a dress for the summer with some dots") == ["dress", "summer", "dot"]
    assert not of_query("for the")


def test_a_word_weighs_as_much_as_the_best_place_it_stands_in() -> None:
    product = Product(id="1", name="Mug", description="A mug of clay", attributes={"colour": "red"})
    vector = of_product(product)
    weight = dict(zip(vector.indices, vector.values, strict=True))
    [mug], [clay], [red] = (of_query(w).indices for w in ("mug", "clay", "red"))
    assert weight[mug] > weight[red] > weight[clay]
    assert list(vector.indices) == sorted(set(vector.indices))


def test_clean_drops_what_nobody_sees_and_bounds_the_rest() -> None:
    assert clean("  red\x00\x1b[31m\n mug\u200b ") == "red [31m mug"
    assert clean("x" * 5000) == "x" * 2000
    assert clean("👗 Kleid für 夏") == "👗 Kleid für 夏"


def test_words_in_common_are_a_cosine() -> None:
    mug = of_product(Product(id="a", name="Red mug"))
    assert in_common(of_query("red mugs"), mug) == pytest.approx(1)
    assert in_common(of_query("red chair"), mug) == pytest.approx(0.5)
    assert in_common(of_query("sofa"), mug) == in_common(of_query(""), mug) == 0
