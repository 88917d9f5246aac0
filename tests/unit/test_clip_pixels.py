"""A photo reaches the tower as the manifest says, and in no other way."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
import pytest
from PIL import Image

from core.clip.embedder import SHIPPED
from core.clip.manifest import ImageTower, read_manifest
from core.clip.pixels import pixels
from tests.golden.pictures import SIDE, SIZES, name, picture
from tests.shared import SHARED, needs

RECORDED = Path(__file__).parents[1] / "golden" / "clip" / "pixels.npz"
TOWER = read_manifest(SHIPPED / "mini", "mini").image


def tower(fit: Literal["squash", "crop"], side: int = 32) -> ImageTower:
    return msgspec.structs.replace(TOWER, fit=fit, side=side)


def striped(width: int, height: int) -> Image.Image:
    """Red, green and blue thirds along the longer side."""
    image = Image.new("RGB", (width, height))
    for third, colour in enumerate([(255, 0, 0), (0, 255, 0), (0, 0, 255)]):
        if width >= height:
            box = (width * third // 3, 0, width * (third + 1) // 3, height)
        else:
            box = (0, height * third // 3, width, height * (third + 1) // 3)
        image.paste(colour, box)
    return image


def png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("fit", ["squash", "crop"])
@pytest.mark.parametrize("size", [(96, 32), (32, 96), (90, 90), (1, 1), (500, 301), (1000, 33)])
def test_any_photo_becomes_the_square(
    fit: Literal["squash", "crop"], size: tuple[int, int]
) -> None:
    seen = pixels(png(striped(*size)), tower(fit))
    assert seen.shape == (1, 32, 32, 3)
    assert seen.dtype == np.uint8


@pytest.mark.parametrize("size", [(96, 32), (32, 96)])
def test_squash_shows_all_of_it_and_crop_its_middle(size: tuple[int, int]) -> None:
    [whole] = pixels(png(striped(*size)), tower("squash"))
    [middle] = pixels(png(striped(*size)), tower("crop"))
    ends = (whole[16, 1], whole[16, -2]) if size[0] > size[1] else (whole[1, 16], whole[-2, 16])
    assert tuple(ends[0]) == (255, 0, 0)
    assert tuple(ends[1]) == (0, 0, 255)
    assert (middle == (0, 255, 0)).all()


def test_crop_takes_as_much_from_either_end() -> None:
    ramp = Image.fromarray(np.tile(np.arange(101, dtype=np.uint8), (32, 1))).convert("RGB")
    [seen] = pixels(png(ramp), tower("crop"))
    assert seen[0, 0, 0] == 34
    assert seen[0, -1, 0] == 65


def test_a_see_through_photo_is_seen_on_white() -> None:
    seen = pixels(png(Image.new("RGBA", (64, 64), (0, 0, 0, 0))), tower("squash"))
    assert (seen == 255).all()


@pytest.mark.parametrize("interpolation", ["bicubic", "bilinear"])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_crop_is_the_published_preprocessing_to_the_last_shade(
    size: tuple[int, int], interpolation: Literal["bicubic", "bilinear"]
) -> None:
    """As torchvision does it, recorded by tests/golden/record_pixels.py."""
    cropping = msgspec.structs.replace(tower("crop", SIDE), interpolation=interpolation)
    with np.load(RECORDED) as recorded:
        expected = recorded[name(size, interpolation)]
    assert np.array_equal(pixels(png(picture(*size)), cropping)[0], expected)


@needs("clip/preprocess-golden")
def test_a_real_photo_becomes_the_tensor_of_the_reference() -> None:
    folder = SHARED / "clip" / "preprocess-golden"
    published = msgspec.structs.replace(
        tower("crop", 224),
        mean=(0.48145466, 0.4578275, 0.40821073),
        std=(0.26862954, 0.26130258, 0.27577711),
    )
    [seen] = pixels((folder / "franz-kafka.jpg").read_bytes(), published)
    # In the order of the planes, and normalised as our graphs do it.
    tensor = ((seen / 255 - published.mean) / published.std).transpose(2, 0, 1)
    expected = np.load(folder / "expected_preprocessed_image.npy").reshape(tensor.shape)
    assert np.abs(tensor - expected).max() <= 1e-5
