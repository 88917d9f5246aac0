"""A large photo is made smaller while it is read; a model sees it as if it had been read whole.

How far a vector may drift is asked of towers in fp32. In int8 a tower rounds: half a shade in a
pixel can move its vector by 2e-4, whatever the photo, and by 7e-4 if every fifth is a shade off.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageOps

from core.clip.embedder import SHIPPED
from core.clip.manifest import ImageTower, read_manifest
from core.clip.pixels import pixels
from core.clip.towers import Tower
from scripts.demo.catalogue import products
from scripts.demo.render import render
from scripts.model import rehearsal
from scripts.model.config import read_clip, read_preprocessing
from scripts.model.linears import Plan
from scripts.model.tensors import Tensors
from scripts.model.towers import image_tower
from tests.shared import SHARED, needs
from tests.unit.photo_files import saved

Seen = npt.NDArray[np.uint8]

SAME = 0.9999
SAME_IN_INT8 = 0.9995
SHADES = 1.2
"""Of 256, on average over a photo: what a model's pixels may differ by. It was 6.4 once."""

MINI = read_manifest(SHIPPED / "mini", "mini").image
CROPPED = ImageTower(
    file="",
    side=224,
    fit="crop",
    interpolation="bicubic",
    mean=(0.48145466, 0.4578275, 0.40821073),
    std=(0.26862954, 0.26130258, 0.27577711),
    quantisation="none",
)
WAYS = {"squash": MINI, "crop": CROPPED}


@cache
def rendered(number: int, size: int) -> Image.Image:
    every = products()
    return render(every[number * 61 % len(every)].look, 9_200_000 + number, size)


def collage(pictures: list[Image.Image], size: tuple[int, int], cell: int) -> Image.Image:
    """A picture full of small things, which is where reading it smaller shows first."""
    whole = Image.new("RGB", size)
    row = -(-size[0] // cell)
    for at in range(row * -(-size[1] // cell)):
        piece = ImageOps.fit(pictures[at % len(pictures)], (cell, cell))
        whole.paste(piece, (at % row * cell, at // row * cell))
    return whole


@cache
def shelf(size: tuple[int, int]) -> Image.Image:
    return collage([rendered(number, 224) for number in range(7)], size, 224)


def upright_and_whole(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as image:
        return ImageOps.exif_transpose(image).convert("RGB")


def seen_whole(data: bytes, tower: ImageTower) -> Seen:
    """What `pixels` gives if nothing is made smaller on the way, in as few words as can be."""
    image = upright_and_whole(data)
    size = (tower.side, tower.side)
    if tower.fit == "squash":
        return np.asarray(image.resize(size, Image.Resampling.BICUBIC))[None]
    short = min(image.size)
    width, height = (int(tower.side * length / short) for length in image.size)
    left, top = round((width - tower.side) / 2), round((height - tower.side) / 2)
    image = image.resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(image.crop((left, top, left + tower.side, top + tower.side)))[None]


def shades(data: bytes, tower: ImageTower) -> float:
    whole = seen_whole(data, tower).astype(np.int16)
    return float(np.abs(pixels(data, tower) - whole).mean())


def cosine(see: Tower, data: bytes, tower: ImageTower) -> float:
    return float(see(pixels(data, tower)) @ see(seen_whole(data, tower)))


@pytest.fixture(scope="module")
def towers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Tower]:
    """A CLIP of random weights, in fp32, for photos of either way."""
    folder = tmp_path_factory.mktemp("towers")
    built = {}
    for way, tower in WAYS.items():
        family = rehearsal.FAMILIES["vit-b-32"]
        vision = {**family["vision_config"], "image_size": tower.side, "patch_size": 16}
        source = rehearsal.write_clip(folder / way, {**family, "vision_config": vision})
        photos, file = read_preprocessing(source, tower.side), folder / f"{way}.onnx"
        image_tower(Tensors(source), read_clip(source), photos)(file, Plan("fp32"))
        built[way] = Tower(file, 1)
    return built


SIZES = [(896, 896), (897, 897), (900, 1300), (1397, 1457), (1793, 1792), (1500, 2250)]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_whatever_its_size_a_photo_is_seen_as_if_read_whole(
    towers: dict[str, Tower], way: str, size: tuple[int, int]
) -> None:
    """Most of these sizes do not divide by what they are made smaller by."""
    data = saved(shelf(size), "JPEG", quality=88)
    assert shades(data, WAYS[way]) <= SHADES
    assert cosine(towers[way], data, WAYS[way]) >= SAME


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "options",
    [
        *[{"quality": 98, "subsampling": 0}, {"quality": 75, "subsampling": 1}],
        *[{"quality": 20, "subsampling": 2}, {"quality": 85, "progressive": True}],
    ],
    ids=str,
)
def test_however_it_was_compressed(
    towers: dict[str, Tower], way: str, options: dict[str, object]
) -> None:
    data = saved(shelf((1501, 1125)), "JPEG", **options)
    assert shades(data, WAYS[way]) <= SHADES
    assert cosine(towers[way], data, WAYS[way]) >= SAME


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("form", "mode"),
    [("PNG", "RGB"), ("PNG", "L"), ("WEBP", "RGB"), ("GIF", "P"), ("JPEG", "L"), ("JPEG", "CMYK")],
)
def test_other_formats_and_colours_are_no_different(way: str, form: str, mode: str) -> None:
    assert shades(saved(shelf((901, 1501)).convert(mode), form), WAYS[way]) <= SHADES


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("orientation", range(2, 9))
def test_whichever_way_the_camera_was_held(way: str, orientation: int) -> None:
    """What is left of the last row and column lies at another side once the photo is upright."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(shelf((1345, 901)), "JPEG", exif=exif, quality=88)
    assert shades(data, WAYS[way]) <= SHADES


def check(
    photos: list[bytes], towers: dict[str, Tower], what: str, record: Callable[[str, object], None]
) -> None:
    for way, tower in WAYS.items():
        assert max(shades(data, tower) for data in photos) <= SHADES
        cosines = [cosine(towers[way], data, tower) for data in photos]
        assert min(cosines) >= SAME
        record(f"{what} against whole, {way}", told(cosines))
    see = Tower(SHIPPED / "mini" / MINI.file, 1)
    cosines = [cosine(see, data, MINI) for data in photos]
    assert min(cosines) >= SAME_IN_INT8
    record(f"{what} against whole, mini", told(cosines))


def told(cosines: list[float]) -> str:
    return f"cosine {np.mean(cosines):.6f}, least {min(cosines):.6f}, of {len(cosines)} photos"


def test_products_as_large_as_a_camera_takes_them(
    towers: dict[str, Tower], record_property: Callable[[str, object], None]
) -> None:
    pictures = [rendered(1, 2048), *(rendered(number, 1024) for number in range(3))]
    photos = [saved(picture, "JPEG", quality=88) for picture in pictures]
    check(photos, towers, "rendered photos", record_property)


def real_photos() -> list[bytes]:
    """Collages of photos as large as a camera's, and photos that people took."""
    files = sorted((SHARED / "photos").rglob("*.jpg"))
    several = [Image.open(file).convert("RGB") for file in files[:: len(files) // 60]]
    data = []
    for at, (quality, subsampling) in enumerate([(88, 2), (50, 2), (95, 0)]):
        size = [(2016, 1568), (1501, 2003), (1568, 1401)][at]
        made = collage(several[at * 15 :], size, (224, 500)[at % 2])
        data.append(saved(made, "JPEG", quality=quality, subsampling=subsampling))
    taken = [*SHARED.glob("hostile/exif-orientation/*_[16].jpg"), *SHARED.glob("clip/*/*.jpg")]
    return data + [file.read_bytes() for file in sorted(taken)]


@needs("photos", "hostile/exif-orientation", "clip/preprocess-golden")
def test_real_photos(
    towers: dict[str, Tower], record_property: Callable[[str, object], None]
) -> None:
    photos = real_photos()
    assert len(photos) >= 8
    check(photos, towers, "real photos", record_property)
