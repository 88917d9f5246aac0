"""What is scored on: the demo shop's own photos, looks kept from training, and kept photos."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from scripts.demo.catalogue import Look, every_look, products
from scripts.demo.render import render
from scripts.demo.write import QUALITY, photo_seed
from scripts.mini.data.rendered import held_out
from scripts.progress import Bar

PHOTO_SIZE = 512


@dataclass(frozen=True)
class Shown:
    """Rendered photos, two of each look."""

    looks: list[Look]
    first: list[bytes]
    second: list[bytes]


@dataclass(frozen=True)
class Material:
    demo: Shown
    unseen: Shown
    """Looks whose pairing of colour and kind was never trained on."""
    photos: Path | None


def gather(photos: Path | None) -> Material:
    """Renders the demo shop's photos as the shop has them, and every third look held out."""
    unseen = [look for look in every_look() if held_out(look)][::3]
    seeded = [(product.look, photo_seed(product, 0)) for product in products()]
    demo_size = len(seeded)
    seeded += [(look, 9_000_000 + 2 * number) for number, look in enumerate(unseen)]
    first, second = [], []
    with Bar("Rendering what to score on") as bar:
        for done, (look, seed) in enumerate(seeded, start=1):
            first.append(_jpeg(look, seed))
            second.append(_jpeg(look, seed + 1))
            bar.show(done, len(seeded))
    looks = [look for look, _ in seeded]
    demo, rest = slice(demo_size), slice(demo_size, None)
    return Material(
        demo=Shown(looks[demo], first[demo], second[demo]),
        unseen=Shown(looks[rest], first[rest], second[rest]),
        photos=photos,
    )


def _jpeg(look: Look, seed: int) -> bytes:
    file = io.BytesIO()
    render(look, seed, PHOTO_SIZE).save(file, "JPEG", quality=QUALITY)
    return file.getvalue()
