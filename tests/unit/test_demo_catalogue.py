"""The demo shop: a catalogue worth searching, and photos that come out the same every time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scripts.demo.catalogue import (
    COLOURS,
    KINDS,
    Look,
    every_look,
    looks_of,
    products,
    words_for,
)
from scripts.demo.render import render
from scripts.demo.write import photo_seed, write_products

SHOP = products()
STRIPED = Look("t-shirt", "red", "striped", "cotton")


def _difference(one: Image.Image, other: Image.Image) -> float:
    return float(np.abs(np.asarray(one, np.float64) - np.asarray(other, np.float64)).mean())


def _files(folder: Path) -> dict[str, bytes]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def _quiet(_done: int, _total: int) -> None:
    pass


def test_the_shop_is_large_and_varied() -> None:
    assert len(SHOP) >= 240
    assert len({product.category for product in SHOP}) >= 14
    assert {product.look.kind for product in SHOP} == set(KINDS)
    assert {product.look.colour for product in SHOP} == set(COLOURS)


def test_ids_names_and_looks_are_unique() -> None:
    assert len({product.id for product in SHOP}) == len(SHOP)
    assert len({product.name for product in SHOP}) == len(SHOP)
    assert len({product.look for product in SHOP}) == len(SHOP)


def test_the_catalogue_is_the_same_every_time() -> None:
    assert products() == SHOP


def test_ids_are_slugs() -> None:
    assert all(product.id.replace("-", "").isalnum() for product in SHOP)
    assert all(product.id == product.id.lower() and len(product.id) <= 128 for product in SHOP)


def test_names_say_colour_pattern_and_kind() -> None:
    for product in SHOP:
        look, name = product.look, product.name.lower()
        assert name.startswith(look.colour)
        assert words_for(look).kind[0] in name or look.kind in name
        assert look.pattern == "plain" or look.pattern in name


def test_facts_are_what_a_shop_would_say() -> None:
    for product in SHOP:
        assert product.price > 0
        assert product.price == round(product.price, 2)
        assert product.currency == "EUR"
        assert product.description.endswith(".")
        assert product.attributes["colour"] == product.look.colour
    missing = [product for product in SHOP if not product.in_stock]
    assert 0 < len(missing) < len(SHOP) / 5


def test_a_third_to_a_half_have_a_second_photo() -> None:
    second = sum(product.photos == 2 for product in SHOP)
    assert len(SHOP) / 3 <= second <= len(SHOP) / 2
    assert {product.photos for product in SHOP} == {1, 2}


def test_words_begin_with_the_shops_own() -> None:
    words = words_for(STRIPED)
    assert (words.kind[0], words.colour[0], words.pattern[0]) == ("t-shirt", "red", "striped")
    assert "with stripes" in words.with_pattern
    assert words_for(Look("mug", "blue", "plain", "ceramic")).with_pattern == ()


def test_every_look_is_possible_for_its_kind() -> None:
    looks = every_look()
    assert len(set(looks)) == len(looks)
    assert {product.look for product in SHOP} <= set(looks)


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_can_be_photographed(kind: str) -> None:
    look = looks_of(kind)[0]
    front, close = render(look, 2, 64), render(look, 7, 64)
    assert front.mode == "RGB"
    assert front.size == (64, 64)
    assert all(np.ptp(channel) > 30 for channel in np.asarray(front).transpose(2, 0, 1))
    assert _difference(front, close) > 3


def test_the_same_seed_gives_the_same_photo() -> None:
    assert render(STRIPED, 4, 96).tobytes() == render(STRIPED, 4, 96).tobytes()


def test_another_seed_gives_another_photo() -> None:
    assert _difference(render(STRIPED, 4, 96), render(STRIPED, 6, 96)) > 3


@pytest.mark.parametrize(
    "other",
    [
        Look("t-shirt", "navy", "striped", "cotton"),
        Look("t-shirt", "red", "plain", "cotton"),
        Look("shirt", "red", "striped", "cotton"),
    ],
)
def test_another_look_gives_another_photo(other: Look) -> None:
    assert _difference(render(STRIPED, 4, 96), render(other, 4, 96)) > 3


def test_colours_stay_nameable_under_the_lamps() -> None:
    red, green, blue = _middle("red")
    assert red > 2.5 * green
    assert red > 2.5 * blue
    red, green, blue = _middle("blue")
    assert blue > 1.4 * green
    assert blue > 2 * red


def _middle(colour: str) -> Sequence[float]:
    photo = render(Look("cushion", colour, "plain", "cotton"), 8, 96).crop((40, 40, 56, 56))
    mean: list[float] = np.asarray(photo, np.float64).mean(axis=(0, 1)).tolist()
    return mean


@pytest.mark.parametrize("size", [33, 144, 300])
def test_sizes_are_respected(size: int) -> None:
    assert render(STRIPED, 5, size).size == (size, size)


def test_writing_puts_photos_and_facts_where_the_shop_looks(tmp_path: Path) -> None:
    single = next(product for product in SHOP if product.photos == 1)
    double = next(product for product in SHOP if product.photos == 2)
    seen: list[tuple[int, int]] = []
    count = write_products(
        [single, double], tmp_path, 48, 1, lambda done, total: seen.append((done, total))
    )
    assert count == 3
    assert seen == [(1, 2), (2, 2)]
    files = _files(tmp_path)
    assert sorted(files) == sorted(
        [
            f"images/{single.id}.jpg",
            f"images/{single.id}.json",
            f"images/{double.id}/front.jpg",
            f"images/{double.id}/product.json",
            f"images/{double.id}/second.jpg",
        ]
    )
    facts = json.loads(files[f"images/{double.id}/product.json"])
    assert facts["name"] == double.name
    assert facts["attributes"] == double.attributes
    with Image.open(tmp_path / "images" / f"{single.id}.jpg") as photo:
        assert photo.size == (48, 48)
    assert not (tmp_path / ".demo-tmp").exists()


def test_writing_again_changes_nothing_however_many_do_it(tmp_path: Path) -> None:
    few = SHOP[::60]
    write_products(few, tmp_path / "one", 48, 1, _quiet)
    first = _files(tmp_path / "one")
    write_products(few, tmp_path / "one", 48, 1, _quiet)
    write_products(few, tmp_path / "two", 48, 2, _quiet)
    assert _files(tmp_path / "one") == first
    assert _files(tmp_path / "two") == first


def test_the_two_photos_of_a_product_have_their_own_seeds() -> None:
    seeds = [photo_seed(product, number) for product in SHOP for number in (0, 1)]
    assert len(set(seeds)) == len(seeds)
