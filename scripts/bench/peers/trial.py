"""What both sides are asked to embed: photos of many sizes and ratios, texts of many kinds."""

from __future__ import annotations

import io
from collections.abc import Iterator

from PIL import Image

from scripts.bench.peers.shapes import MULTILINGUAL
from scripts.demo.catalogue import products
from scripts.demo.render import render

COUNT = 50
_SEED = 9_500_000
"""Photos of these seeds are in no catalogue and in no training."""
_RENDERED = 800
_SHORT_SIDES = (64, 150, 224, 225, 300, 448, 640, 800, 1200, 1900)
_RATIOS = (1.0, 4 / 3, 3 / 4, 16 / 9, 2 / 3, 3.0, 0.4)
_QUALITIES = (60, 80, 92)

_ODD = [
    "?",
    "A",
    "T-SHIRT!!!  (new)   -50%",
    "it's   the kids' cup, isn't it?\n\ttwo lines",
    "naïve café crème, 3½ × 4″ — “quoted” … £12.99",
    "İstanbul ÅNGSTRÖM ﬁne Straße",
    "e\u0301 composed and é, zero\u200bwidth, soft\u00adhyphen",
    "red 👟 running 👩‍👩‍👧 shoes 🇫🇷",
    "红色的连衣裙 dress",
    "красное платье",
    "<|endoftext|> is only a text",
    "#1 in mugs & cups / 100% cotton + wool @ home; 1234567890",
    "a" * 90,
    "very " * 70 + "long",
    "a striped red mug, " * 25,
]

_LANGUAGES = [
    *("ein roter Becher mit Streifen", "une robe d'été bleue à pois", "un bolso de cuero negro"),
    *("una tazza gialla, per favore!", "duże żółte pudełko", "en grön tröja från Malmö"),
    *("красное платье в горошек", "μια κόκκινη κούπα", "حقيبة حمراء من الجلد", "लाल जूता"),
    *("กระเป๋าสีแดง", "红色的连衣裙", "青いドレス", "빨간 가방", "תיק אדום", "piros bögre"),
]


def texts(shape: str) -> list[str]:
    every = products()
    odd = [*_LANGUAGES, *_ODD] if shape == MULTILINGUAL else _ODD
    plain = []
    for number in range(COUNT - len(odd)):
        product = every[len(every) * number // COUNT]
        plain.append(
            (product.name, f"a photo of a {product.name}", product.description)[number % 3]
        )
    return odd + plain


def photos() -> Iterator[bytes]:
    every = products()
    for number in range(COUNT):
        look = every[len(every) * number // COUNT].look
        photo = _cut(render(look, _SEED + number, _RENDERED), _RATIOS[number % len(_RATIOS)])
        short = _SHORT_SIDES[number % len(_SHORT_SIDES)]
        size = [round(side * short / min(photo.size)) for side in photo.size]
        file = io.BytesIO()
        photo.resize((size[0], size[1]), Image.Resampling.LANCZOS).save(
            file, "JPEG", quality=_QUALITIES[number % len(_QUALITIES)]
        )
        yield file.getvalue()


def _cut(photo: Image.Image, ratio: float) -> Image.Image:
    """The middle of the square, `ratio` times as wide as it is high."""
    width = photo.width if ratio > 1 else round(photo.width * ratio)
    height = photo.height if ratio < 1 else round(photo.height / ratio)
    left, top = (photo.width - width) // 2, (photo.height - height) // 2
    return photo.crop((left, top, left + width, top + height))
