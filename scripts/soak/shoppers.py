"""What shoppers ask: few things often and many seldom, with words mostly and now and then with a
photo, as it comes from a phone or small as a page makes it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random

from scripts.bench.asking import post
from scripts.bench.questions import SMALL, photos

PHONE = (4032, 3024)

_QUESTIONS = 20_000
_WITH_A_PHOTO, _STRAIGHT_FROM_THE_PHONE = 0.10, 0.2
_WITH_A_FILTER = 0.2
_COLOURS = ("red", "blue", "green", "black", "white", "yellow", "grey", "brown")
_ENDS = b"\xff\xd9"


@dataclass(frozen=True)
class Shoppers:
    """By Zipf's law: the second most frequent question is asked half as often as the first, the
    third a third. The same number always is the same question."""

    small: list[bytes]
    large: list[bytes]
    _heights: list[float] = field(
        default_factory=lambda: list(accumulate(1 / rank for rank in range(1, _QUESTIONS + 1)))
    )

    @classmethod
    def with_photos(cls, small: int = 20, large: int = 3) -> Shoppers:
        return cls(photos(SMALL, small), photos(PHONE, large))

    def __call__(self, number: int) -> bytes:
        chance = Random(number)  # noqa: S311
        if chance.random() < _WITH_A_PHOTO:
            phone = chance.random() < _STRAIGHT_FROM_THE_PHONE
            photo = chance.choice(self.large if phone else self.small)
            # Nobody takes the same photo twice.
            return post("/search/by-image", photo + number.to_bytes(8) + _ENDS, "image/jpeg")
        asked = question(self.rank(chance))
        return post("/search", json.dumps(asked).encode(), "application/json")

    def rank(self, chance: Random) -> int:
        [rank] = chance.choices(range(_QUESTIONS), cum_weights=self._heights)
        return rank


def question(rank: int) -> dict[str, object]:
    chance = Random(rank)  # noqa: S311
    words = f"{chance.choice(_COLOURS)} thing{chance.randrange(400)}"
    asked: dict[str, object] = {"text_query": f"{words} model{rank % 5000}" if rank % 2 else words}
    if chance.random() < _WITH_A_FILTER:
        asked["price_max"] = chance.choice((20, 50, 100))
    return asked
