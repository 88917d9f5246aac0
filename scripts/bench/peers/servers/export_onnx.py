"""A CLIP's towers as ONNX in fp32, the way such exports are published:

export_onnx SOURCE TEXT_FOLDER VISION_FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import torch
from transformers import CLIPModel  # type: ignore[import-not-found]

_OPSET = 18


class _Text(torch.nn.Module):
    def __init__(self, clip: Any) -> None:
        super().__init__()
        self.clip = clip

    def forward(self, input_ids: Any, attention_mask: Any) -> Any:
        return self.clip.get_text_features(input_ids, attention_mask).pooler_output


class _Vision(torch.nn.Module):
    def __init__(self, clip: Any) -> None:
        super().__init__()
        self.clip = clip

    def forward(self, pixel_values: Any) -> Any:
        return self.clip.get_image_features(pixel_values).pooler_output


def main() -> None:
    source, text, vision = map(Path, sys.argv[1:])
    clip = CLIPModel.from_pretrained(source, attn_implementation="eager").eval()
    batch, length = torch.export.Dim("batch"), torch.export.Dim("length", max=77)
    # Shapes that differ from one another and from 1, or the export takes them for fixed.
    ids = torch.randint(0, 49_000, (2, 9))
    words = (ids, torch.ones_like(ids))
    _export(_Text(clip), words, text, "text_embeds", [{0: batch, 1: length}] * 2)
    photos = (torch.randn(2, 3, 224, 224),)
    _export(_Vision(clip), photos, vision, "image_embeds", [{0: batch}])


def _export(tower: Any, inputs: Any, folder: Path, output: str, shapes: Any) -> None:
    names = tower.forward.__code__.co_varnames[1 : len(inputs) + 1]
    torch.onnx.export(
        tower,
        inputs,
        folder / "model.onnx",
        input_names=names,
        output_names=[output],
        dynamic_shapes=tuple(shapes),
        opset_version=_OPSET,
        dynamo=True,
        external_data=False,
    )


if __name__ == "__main__":
    main()
