"""The shapes that random weights are made in: `config.json` as the published models have it."""

from __future__ import annotations

from typing import Any

from scripts.bench.peers.places import MODEL

MULTILINGUAL = "multilingual"


def _clip(
    act: str, dimension: int, vision: tuple[int, ...], text: tuple[int, ...]
) -> dict[str, Any]:
    *seen, patch = vision
    # 49407 is the end mark of the newer configurations; the older say 2, and mean the same token.
    words = {"vocab_size": 49408, "max_position_embeddings": 77, "eos_token_id": 49407}
    words |= {"bos_token_id": 49406, "pad_token_id": 49407}
    return {
        "architectures": ["CLIPModel"],
        "model_type": "clip",
        "projection_dim": dimension,
        "text_config": {"model_type": "clip_text_model", **words, **_sizes(act, *text)},
        "vision_config": {
            "model_type": "clip_vision_model",
            "image_size": 224,
            "patch_size": patch,
            **_sizes(act, *seen),
        },
    }


def _sizes(act: str, width: int, inner: int, layers: int, heads: int) -> dict[str, Any]:
    return {
        "hidden_act": act,
        "hidden_size": width,
        "intermediate_size": inner,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
    }


SHAPES: dict[str, dict[str, Any]] = {
    MODEL: _clip("quick_gelu", 512, (768, 3072, 12, 12, 32), (512, 2048, 12, 8)),
    "clip-vit-l-14": _clip("quick_gelu", 768, (1024, 4096, 24, 16, 14), (768, 3072, 12, 12)),
    # A quarter of ViT-bigG/14 with its proportions: heads of 104 numbers, 4.92 times the width
    # inside the image tower, text and space equally wide. The true one has 10 GB.
    "bigg-small": _clip("gelu", 640, (832, 4096, 8, 8, 14), (640, 2560, 8, 10)),
    # The text tower alone; its image tower is that of ViT-B/32.
    MULTILINGUAL: {
        "architectures": ["DistilBertModel"],
        "model_type": "distilbert",
        "activation": "gelu",
        "dim": 768,
        "hidden_dim": 3072,
        "n_layers": 6,
        "n_heads": 12,
        "vocab_size": 119_547,
        "max_position_embeddings": 512,
        "pad_token_id": 0,
    },
}

PREPROCESSOR: dict[str, Any] = {
    "crop_size": {"height": 224, "width": 224},
    "do_center_crop": True,
    "do_convert_rgb": True,
    "do_normalize": True,
    "do_rescale": True,
    "do_resize": True,
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "image_processor_type": "CLIPImageProcessor",
    "image_std": [0.26862954, 0.26130258, 0.27577711],
    "resample": 3,
    "rescale_factor": 1 / 255,
    "size": {"shortest_edge": 224},
}

DENSE: dict[str, Any] = {
    "in_features": 768,
    "out_features": 512,
    "bias": False,
    "activation_function": "torch.nn.modules.linear.Identity",
}
