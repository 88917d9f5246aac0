"""A part of a photo: which, how large it comes, and what is refused."""

from __future__ import annotations

import pytest
from PIL import Image

from core.errors import ImageTooLarge
from core.photos.decode import open_photo, read_photo
from core.query import Crop
from tests.unit.photo_files import BLUE, FORMATS, GREEN, RED, WHITE, near, saved

LEFT, RIGHT = Crop(0, 0, 0.5, 1), Crop(0.5, 0, 0.5, 1)


def quarters(size: tuple[int, int]) -> Image.Image:
    """Red and green above, blue and white below."""
    image = Image.new("RGB", size, RED)
    width, height = size
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    image.paste(WHITE, (width // 2, height // 2, width, height))
    return image


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("size", [(64, 48), (641, 479), (3000, 2000)], ids=str)
def test_each_part_is_where_it_is_said_to_be(form: str, size: tuple[int, int]) -> None:
    data = saved(quarters(size), form)
    for x, y, colour in ((0, 0, RED), (0.5, 0, GREEN), (0, 0.5, BLUE), (0.5, 0.5, WHITE)):
        part = open_photo(data, 32, Crop(x, y, 0.5, 0.5))
        assert all(near(part, at, colour) for at in ((0.1, 0.1), (0.9, 0.1), (0.5, 0.9)))


def test_it_is_a_part_of_what_a_person_sees() -> None:
    """The camera lay on its side: what is stored at the left is seen above."""
    exif = Image.Exif()
    exif[0x0112] = 6
    data = saved(quarters((200, 100)), "JPEG", exif=exif)
    above = open_photo(data, 32, Crop(0, 0, 1, 0.5))
    assert above.size == (100, 100)
    assert near(above, (0.1, 0.5), BLUE) and near(above, (0.9, 0.5), RED)


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_a_small_part_of_a_large_photo_keeps_its_detail(form: str) -> None:
    data = saved(quarters((3000, 2000)), form)
    whole, part = open_photo(data, 224), open_photo(data, 224, Crop(0.4, 0.4, 0.15, 0.15))
    assert min(part.size) >= 224
    assert min(whole.size) < 2000


@pytest.mark.parametrize(
    ("crop", "size"),
    [
        (Crop(0, 0, 1, 1), (100, 50)),
        (Crop(0.9, 0.9, 1, 1), (10, 5)),
        (Crop(0.999, 0.999, 0.001, 0.001), (1, 1)),
        (Crop(0.25, 0, 0.001, 0.001), (1, 1)),
    ],
)
def test_there_is_always_something_of_it(crop: Crop, size: tuple[int, int]) -> None:
    assert read_photo(saved(Image.new("RGB", (100, 50)), "PNG"), 32, crop).size == size


def test_a_part_may_be_no_thinner_than_a_photo() -> None:
    data = saved(Image.new("RGB", (2000, 400)), "PNG")
    with pytest.raises(ImageTooLarge, match="100 times"):
        read_photo(data, 32, Crop(0, 0, 1, 0.01))
