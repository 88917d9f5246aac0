"""Thousands of files made to break decoders, where they are at hand."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from core.errors import ImageTooLarge, ImageUnreadable
from core.photos.decode import open_photo, read_photo
from tests.shared import SHARED, needs

HOSTILE = SHARED / "hostile"

pytestmark = [
    needs("hostile"),
    # Outside of tests the decoder itself silences what Pillow says of strangers' files.
    pytest.mark.filterwarnings("ignore::UserWarning:PIL", "ignore::RuntimeWarning:PIL"),
]


def test_every_file_is_a_picture_or_one_of_two_errors(
    record_property: Callable[[str, object], None],
) -> None:
    outcomes: Counter[str] = Counter()
    slowest = 0.0
    for file in sorted(HOSTILE.rglob("*")):
        if not file.is_file():
            continue
        data = file.read_bytes()
        began = time.perf_counter()
        try:
            photo = read_photo(data, 112).resized((112, 112), Image.Resampling.BICUBIC)
        except (ImageUnreadable, ImageTooLarge) as error:
            outcomes[type(error).__name__] += 1
            assert error.detail.endswith(".")
        else:
            outcomes["picture"] += 1
            assert (photo.mode, photo.size) == ("RGB", (112, 112)), file
        slowest = max(slowest, time.perf_counter() - began)
    assert slowest < 5
    assert outcomes["picture"] > 0
    record_property("hostile photos", f"{dict(outcomes)}, the slowest {slowest:.2f} s")


@pytest.mark.parametrize("name", ["Landscape", "Portrait"])
def test_photos_taken_in_every_position_come_out_alike(name: str) -> None:
    files = sorted((HOSTILE / "exif-orientation").glob(f"{name}_*.jpg"))
    assert files
    seen = []
    for file in files:
        photo = open_photo(file.read_bytes(), 64)
        assert (photo.width > photo.height) == (name == "Landscape"), file
        small = photo.resize((16, 16), Image.Resampling.BOX)
        seen.append(np.asarray(small, dtype=np.float32))
    for one, other in combinations(seen, 2):
        assert np.abs(one - other).mean() < 12
        for turned in (one[::-1], one[:, ::-1], np.rot90(one, 2)):
            assert np.abs(turned - other).mean() > 2 * np.abs(one - other).mean()
