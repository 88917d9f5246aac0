"""Photos of every kind, broken by chance: a picture, or one of two errors."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import strategies as st
from PIL import Image

from core.errors import ImageTooLarge, ImageUnreadable
from core.photos.decode import read_photo
from core.query import Crop
from tests.fuzz.fuzzing import fuzz, mutated
from tests.odd_photos import odd_photos

_SEEDS = [data for _, data in odd_photos() if 0 < len(data) < 20_000]
_SHARE = st.floats(0.01, 1)
_CROPS = st.none() | st.builds(Crop, st.floats(0, 0.99), st.floats(0, 0.99), _SHARE, _SHARE)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL", "ignore::RuntimeWarning:PIL")
def test_photos(record_property: Callable[[str, object], None]) -> None:
    def check(data: bytes, crop: Crop | None) -> None:
        try:
            photo = read_photo(data, 32, crop)
        except (ImageUnreadable, ImageTooLarge) as error:
            assert error.detail.endswith(".")
        else:
            assert photo.upright().mode == "RGB"
            assert photo.resized((32, 32), Image.Resampling.BICUBIC).size == (32, 32)

    record_property("fuzzed photos", fuzz(check, mutated(_SEEDS), _CROPS))
