"""What the small model is trained on: right captions, fair batches, nothing it is scored on."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from scripts.demo.catalogue import KINDS, Look, every_look, products
from scripts.demo.write import photo_seed
from scripts.mini.batches import Batches, look_facts, photo_facts
from scripts.mini.captions import Writer
from scripts.mini.data import colours, photos, rendered, views
from scripts.mini.data.photos import RealPhoto
from scripts.mini.words import RIGHT, UNKNOWN, UNSURE, WRONG, vocabulary

PHOTOS = [
    RealPhoto("a.jpg", "train", "clothing", "shoes", "shoes"),
    RealPhoto("b.jpg", "train", "clothing", "t-shirt", "t-shirt"),
    RealPhoto("c.jpg", "train", "grocery", "Granny-Smith", "Granny Smith", "Apple"),
    RealPhoto("d.jpg", "validation", "clothing", "dress", "dress"),
]
KNOWN = vocabulary(PHOTOS)
WRITER = Writer(KNOWN)

RED_DRESS = Look("dress", "red", "plain", "cotton")
NAVY_DRESS = Look("dress", "navy", "striped", "cotton")
SNEAKERS = Look("sneakers", "white", "plain", "canvas")
APPLE = Look("apple", "green", "plain", "skin")


def said(kind: str = "", colour: str = "", pattern: str = "", material: str = "") -> list[int]:
    words = (kind, colour, pattern, material)
    return [
        facet.words.index(word) if word else UNKNOWN
        for facet, word in zip(KNOWN.facets, words, strict=True)
    ]


@pytest.mark.parametrize(
    ("words", "verdicts"),
    [
        (said("dress"), (RIGHT, RIGHT, WRONG, WRONG)),
        (said("dress", "red"), (RIGHT, WRONG, WRONG, WRONG)),
        (said(colour="blue"), (WRONG, UNSURE, WRONG, WRONG)),
        (said("frock", pattern="with stripes"), (WRONG, RIGHT, WRONG, WRONG)),
        (said("shoes"), (WRONG, WRONG, RIGHT, WRONG)),
        (said("fruit"), (WRONG, WRONG, WRONG, RIGHT)),
        (said("granny smith"), (WRONG, WRONG, WRONG, UNSURE)),
    ],
)
def test_a_caption_is_right_wrong_or_neither(words: list[int], verdicts: tuple[int, ...]) -> None:
    facts = look_facts([RED_DRESS, NAVY_DRESS, SNEAKERS, APPLE], KNOWN)
    assert tuple(WRITER.fit(np.asarray([words]), facts)[0]) == verdicts


@pytest.mark.parametrize(
    ("words", "verdicts"),
    [
        (said("sneakers"), (UNSURE, WRONG, WRONG)),
        (said("shoes", "red"), (UNSURE, WRONG, WRONG)),
        (said("apple"), (WRONG, WRONG, RIGHT)),
        (said("tee"), (WRONG, RIGHT, WRONG)),
    ],
)
def test_of_a_photo_only_its_label_is_known(words: list[int], verdicts: tuple[int, ...]) -> None:
    facts = photo_facts(PHOTOS[:3], [""] * 3, KNOWN)
    assert tuple(WRITER.fit(np.asarray([words]), facts)[0]) == verdicts


def test_every_look_and_photo_is_rightly_captioned_in_many_ways() -> None:
    facts = np.concatenate(
        [look_facts(every_look(), KNOWN), photo_facts(PHOTOS, ["red"] * len(PHOTOS), KNOWN)]
    )
    captions = WRITER.write(facts, np.random.default_rng(1))
    assert (np.diag(WRITER.fit(captions.words, facts)) == RIGHT).all()
    assert all(text.strip() for text in captions.texts)
    assert len(set(captions.texts)) > len(facts) / 2


def test_what_is_held_out_is_never_trained_on() -> None:
    trained = rendered.training_looks()
    held = {(look.colour, look.kind) for look in every_look() if rendered.held_out(look)}
    assert 30 < len(held) < 80
    assert held.isdisjoint((look.colour, look.kind) for look in trained)
    assert {look.kind for look in trained} == set(KINDS)


def test_the_demo_shops_own_photos_are_never_trained_on() -> None:
    counts = rendered.views_of_each(rendered.training_looks())
    assert max(counts) < 1000, "each look has a thousand seeds of its own"
    demo = {photo_seed(product, number) for product in products() for number in (0, 1)}
    assert demo == rendered.DEMO_SEEDS


def test_a_colour_is_guessed_only_where_the_middle_is_of_one_colour(tmp_path: Path) -> None:
    shown = [[(190, 30, 40)] * 2, [(42, 100, 208)] * 2, [(200, 28, 36), (248, 204, 40)]]
    pixels = views.create(tmp_path, [1] * 3, "")
    for number, (left, right) in enumerate(shown):
        pixels[number, :, :64], pixels[number, :, 64:] = left, right
    views.teach(tmp_path, np.zeros((3, 0), np.float16))
    assert colours.guessed(views.read(tmp_path)) == ["red", "blue", ""]


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """Stores as the views step makes them, but black save for one pixel that tells views apart."""
    rng = np.random.default_rng(5)
    stores = {"rendered": [2] * len(rendered.training_looks()), "photos": [6] * 70}
    for name, counts in stores.items():
        pixels = views.create(tmp_path / name, counts, rendered.recipe())
        pixels[:, 0, 0] = rng.integers(0, 255, (sum(counts), 3))
        views.teach(tmp_path / name, rng.normal(size=(sum(counts), 5)).astype(np.float16))
        views.finish(tmp_path / name)
    (tmp_path / "photos" / photos.LISTING).write_bytes(msgspec.json.encode(PHOTOS[:1] * 70))
    return tmp_path


def test_a_batch_depends_on_its_seed_and_step_alone(work: Path) -> None:
    first, again, other = (Batches(work, True, seed) for seed in (1, 1, 2))
    first.batch(0)
    one, same, differs = first.batch(7), again.batch(7), other.batch(7)
    assert np.array_equal(one.pixels, same.pixels)
    assert one.captions.texts == same.captions.texts
    assert one.captions.texts != differs.captions.texts


def test_a_batch_shows_everything_twice_and_its_captions_fit(work: Path) -> None:
    batch = Batches(work, True, 1).batch(3)
    _, counts = np.unique(batch.subjects, return_counts=True)
    assert (counts == 2).all()
    assert len(batch.pixels) == len(batch.subjects) == batch.fit.shape[1]
    assert batch.taught.shape == (len(batch.pixels), 5)
    rendered_views = len(batch.pixels) - 2 * 70
    assert 96 < rendered_views <= 144
    assert batch.photos == slice(rendered_views, len(batch.pixels))
    assert (batch.fit == RIGHT).any(axis=1).all(), "each caption is right for something"


def test_views_of_another_catalogue_are_not_trained_on(work: Path) -> None:
    views.create(work / "rendered", [1], "another")
    views.finish(work / "rendered")
    with pytest.raises(FileNotFoundError, match="run `views` first"):
        Batches(work, False, 1)


def test_without_photos_a_batch_is_rendered_products_alone(work: Path) -> None:
    batch = Batches(work, False, 1).batch(0)
    assert 96 < len(batch.pixels) <= 144
    assert batch.photos == slice(len(batch.pixels), len(batch.pixels))


def test_views_of_two_teachers_are_not_mixed(work: Path) -> None:
    views.teach(work / "rendered", np.zeros((1, 0), np.float16))
    with pytest.raises(ValueError, match="run `views` again"):
        Batches(work, True, 1)


def test_a_store_is_made_anew_when_it_was_left_half_made_or_its_recipe_changed(
    tmp_path: Path,
) -> None:
    assert not views.is_made(tmp_path, "this")
    views.create(tmp_path, [1, 2], "this")
    assert not views.is_made(tmp_path, "this")
    views.finish(tmp_path)
    assert views.is_made(tmp_path, "this")
    assert not views.is_made(tmp_path, "that")


def test_photos_are_cut_into_views_of_their_training_split_alone(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for number, row in enumerate(PHOTOS):
        Image.new("RGB", (90, 60), (60 * number, 40, 200)).save(source / row.file)
    lines = b"\n".join(msgspec.json.encode(row) for row in PHOTOS)
    (source / "photos.jsonl").write_bytes(lines + b"\n")
    made = photos.make(source, tmp_path / "cut", None, 1)
    assert made == PHOTOS[:3] == photos.listed_made(tmp_path / "cut")
    store = views.read(tmp_path / "cut")
    each = photos.VIEWS_A_PHOTO
    assert store.pixels.shape == (3 * each, views.SIDE, views.SIDE, 3)
    for number in range(3):
        ours = store.pixels[number * each : number * each + each]
        cuts, cutouts = np.split(ours, [1 + photos.CUTS_A_PHOTO])
        assert abs(cuts.reshape(-1, 3).mean(axis=0) - (60 * number, 40, 200)).max() < 6
        assert abs(cutouts[:, 60:68, 60:68] - np.asarray((60 * number, 40, 200.0))).max() < 6
        assert (cutouts[:, 0, 0] > 215).all(), "on a light ground"
