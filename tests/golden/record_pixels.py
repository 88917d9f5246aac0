"""What torchvision makes of the pictures by CLIP's published preprocessing, recorded:

    python -m tests.golden.record_pixels tests/golden/clip/pixels.npz

In an environment with torchvision, which the tests then don't need. Before the normalisation,
which is a part of our graphs: what a graph makes of pixels is recorded by
scripts/model/record_golden.py.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from torchvision import transforms as t  # type: ignore[import-not-found]

from tests.golden.pictures import SIDE, SIZES, name, picture


def main() -> None:
    filters = {
        "bicubic": t.InterpolationMode.BICUBIC,
        "bilinear": t.InterpolationMode.BILINEAR,
    }
    recorded: dict[str, Any] = {}
    for filter_, mode in filters.items():
        seen = t.Compose([t.Resize(SIDE, interpolation=mode), t.CenterCrop(SIDE)])
        for size in SIZES:
            recorded[name(size, filter_)] = np.asarray(seen(picture(*size)))
    np.savez_compressed(sys.argv[1], **recorded)


if __name__ == "__main__":
    main()
