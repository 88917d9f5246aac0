"""Random weights for the folder whose config.json is there: `random_weights FOLDER`.

As transformers initialises a model before training, so that no layer drowns or is drowned; and
its biases, which begin as zeros, a little off zero: one that gets lost on the way must show.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPModel, DistilBertConfig, DistilBertModel  # type: ignore[import-not-found]

_SEED = 0
_DIMENSION = 512
_OFF = 0.05


def main() -> None:
    folder = Path(sys.argv[1])
    config: dict[str, Any] = json.loads((folder / "config.json").read_text())
    torch.manual_seed(_SEED)
    if config["model_type"] == "clip":
        _save(CLIPModel(CLIPConfig.from_dict(config)), folder)
        return
    _save(DistilBertModel(DistilBertConfig.from_dict(config)), folder)
    dense = folder / "2_Dense"
    dense.mkdir()
    width = config["dim"]
    projection = torch.randn(_DIMENSION, width) / width**0.5
    save_file({"linear.weight": projection}, dense / "model.safetensors")


def _save(model: Any, folder: Path) -> None:
    with torch.no_grad():
        for values in model.parameters():
            if values.dim() == 1:
                values.add_(torch.randn_like(values), alpha=_OFF)
    model.save_pretrained(folder, max_shard_size="20GB")


if __name__ == "__main__":
    main()
