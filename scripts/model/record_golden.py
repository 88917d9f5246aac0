"""What `transformers` makes of the rehearsal's weights, recorded for the tests:

    python -m scripts.model.record_golden tests/golden/clip

In an environment with torch and transformers, which the tests then don't need.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from transformers import (  # type: ignore[import-not-found]
    CLIPModel,
    DistilBertModel,
)

from scripts.model import rehearsal
from scripts.model.config import read_preprocessing
from scripts.model.tensors import Floats

MULTILINGUAL = "multilingual"


def main() -> None:
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    with torch.no_grad(), TemporaryDirectory() as made:
        for family, config in rehearsal.FAMILIES.items():
            folder = rehearsal.write_clip(Path(made) / family, config)
            side = config["vision_config"]["image_size"]
            image, text = _clip(folder, side)
            np.savez(out / f"{family}.npz", image=image, text=text)
        folder = rehearsal.write_multilingual(Path(made) / MULTILINGUAL)
        np.savez(out / f"{MULTILINGUAL}.npz", text=_multilingual(folder))


def _clip(folder: Path, side: int) -> tuple[Floats, Floats]:
    model: Any = CLIPModel.from_pretrained(folder).eval()
    photos = read_preprocessing(folder, side)
    scaled = (rehearsal.some_pixels(side) / 255 - photos.mean) / photos.std
    planes = torch.from_numpy(scaled.transpose(0, 3, 1, 2).astype(np.float32))
    seen = model.visual_projection(model.vision_model(planes).pooler_output)
    read = [
        model.text_projection(model.text_model(torch.tensor([ids])).pooler_output)[0]
        for ids in rehearsal.some_ids()
    ]
    return _unit(seen), _unit(torch.stack(read))


def _multilingual(folder: Path) -> Floats:
    model: Any = DistilBertModel.from_pretrained(folder).eval()
    _, dense = rehearsal.multilingual_weights(0)
    weight = torch.from_numpy(dense["linear.weight"])
    rows = [model(torch.tensor([ids])).last_hidden_state[0] for ids in rehearsal.some_ids()]
    return _unit(torch.stack([row.mean(dim=0) @ weight.T for row in rows]))


def _unit(vectors: Any) -> Floats:
    unit: Floats = torch.nn.functional.normalize(vectors, dim=1).numpy()
    return unit


if __name__ == "__main__":
    main()
