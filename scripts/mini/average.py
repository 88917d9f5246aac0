"""The mean of two trainings, the second of which went on from the first.

Between the ends of two such trainings lies a model that is better than either at what it has not
seen, and costs nothing but this sum.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor


def average(first: Path, second: Path, checkpoint: Path) -> None:
    one, other = (torch.load(path, map_location="cpu") for path in (first, second))
    if one["tokenizer"] != other["tokenizer"]:
        raise ValueError(f"{first} and {second} don't read alike: neither went on from the other.")
    model = {name: _mean(values, other["model"][name]) for name, values in one["model"].items()}
    told: dict[str, Any] = {"mean of the ends of the last": 2}
    torch.save(other | {"model": model, "history": [*other["history"], told]}, checkpoint)


def _mean(one: Tensor, other: Tensor) -> Tensor:
    return (one + other) / 2 if one.is_floating_point() else other
