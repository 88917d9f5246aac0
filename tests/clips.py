"""A CLIP of random weights, small enough to be built for a test, with all that a large one has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scripts.model import rehearsal
from scripts.model.build import Order, build

NAME = "small"


def build_small(folder: Path) -> Path:
    """The folder of the built model, in int8, with its weights in files beside the graphs."""
    vision = {"image_size": 224, "hidden_size": 192, "intermediate_size": 768}
    source = rehearsal.write_clip(folder / "source", _with(vision))
    return build(Order(NAME, source, folder / "models"))


def _with(vision: dict[str, int]) -> dict[str, Any]:
    family = rehearsal.FAMILIES["vit-b-32"]
    return {**family, "vision_config": {**family["vision_config"], **vision}}
