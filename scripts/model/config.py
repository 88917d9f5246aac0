"""What `config.json` and `preprocessor_config.json` say, as far as a tower depends on it.

A value that is absent has the default of CLIP ViT-B/32, as everywhere in this format.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta

from core.errors import ModelRefused

CONFIG = "config.json"
PREPROCESSOR = "preprocessor_config.json"

Positive = Annotated[int, Meta(ge=1)]
Activation = Literal["quick_gelu", "gelu"]
Three = tuple[float, float, float]
_T = TypeVar("_T")


class TextConfig(msgspec.Struct, frozen=True):
    hidden_size: Positive = 512
    intermediate_size: Positive = 2048
    num_hidden_layers: Positive = 12
    num_attention_heads: Positive = 8
    hidden_act: Activation = "quick_gelu"
    layer_norm_eps: float = 1e-5
    vocab_size: Positive = 49408
    max_position_embeddings: Positive = 77
    eos_token_id: int = 49407


class VisionConfig(msgspec.Struct, frozen=True):
    hidden_size: Positive = 768
    intermediate_size: Positive = 3072
    num_hidden_layers: Positive = 12
    num_attention_heads: Positive = 12
    hidden_act: Activation = "quick_gelu"
    layer_norm_eps: float = 1e-5
    image_size: Positive = 224
    patch_size: Positive = 32
    num_channels: Literal[3] = 3


class ClipConfig(msgspec.Struct, frozen=True):
    text: TextConfig
    vision: VisionConfig
    dimension: Positive


class _Clip(msgspec.Struct):
    """The `_dict` twins are of an older format; where they are, they hold."""

    projection_dim: Positive = 512
    text_config: TextConfig = TextConfig()
    vision_config: VisionConfig = VisionConfig()
    text_config_dict: TextConfig | None = None
    vision_config_dict: VisionConfig | None = None


class _Size(msgspec.Struct):
    shortest_edge: Positive | None = None
    height: Positive | None = None
    width: Positive | None = None


class _Preprocessor(msgspec.Struct):
    image_mean: Three
    image_std: Three
    size: Positive | _Size
    crop_size: Positive | _Size | None = None
    do_center_crop: bool = True
    resample: Literal[2, 3] = 3


class Preprocessing(msgspec.Struct, frozen=True):
    side: int
    fit: Literal["squash", "crop"]
    interpolation: Literal["bicubic", "bilinear"]
    mean: Three
    std: Three


def read_clip(folder: Path) -> ClipConfig:
    raw = read_kind(folder, "clip", "CLIP models (ViT-B/32, B/16, L/14, H/14, bigG/14)")
    config = convert(raw, _Clip, folder / CONFIG)
    text = config.text_config_dict or config.text_config
    vision = config.vision_config_dict or config.vision_config
    for part in (text, vision):
        check_heads(part.hidden_size, part.num_attention_heads, folder / CONFIG)
    if vision.image_size % vision.patch_size:
        raise ModelRefused(
            f"{folder / CONFIG}: a square of {vision.image_size} pixels can't be cut into patches "
            f"of {vision.patch_size}."
        )
    return ClipConfig(text, vision, config.projection_dim)


def read_preprocessing(folder: Path, side: int) -> Preprocessing:
    """How photos become the tower's input, which must be squares of `side` pixels."""
    path = folder / PREPROCESSOR
    config = convert(read_json(path), _Preprocessor, path)
    edges = _edges(config.size)
    if config.do_center_crop and config.crop_size is not None:
        fit: Literal["squash", "crop"] = "crop"
        right = len(edges) == 1 and {*edges, *_edges(config.crop_size)} == {side}
    else:
        fit = "squash"
        right = len(edges) == 2 and set(edges) == {side}
    if not right:
        raise ModelRefused(
            f"{path}: photos must come as squares of {side} pixels, by their short side and a crop "
            "or squashed; size and crop_size say otherwise."
        )
    return Preprocessing(
        side=side,
        fit=fit,
        interpolation="bicubic" if config.resample == 3 else "bilinear",
        mean=config.image_mean,
        std=config.image_std,
    )


def read_kind(folder: Path, kind: str, supported: str) -> Any:
    """config.json, if it is of a model of this kind."""
    raw = read_json(folder / CONFIG)
    found = raw.get("model_type")
    if found != kind:
        raise ModelRefused(
            f"{folder / CONFIG} is of a model of the kind {found!r}; here only {supported} "
            "can be built."
        )
    return raw


def read_json(path: Path) -> dict[str, Any]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except FileNotFoundError as error:
        raise ModelRefused(f"{path} is missing.") from error
    except OSError as error:
        raise ModelRefused(f"{path} can't be read ({error.strerror}).") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ModelRefused(f"{path} is no JSON object ({error}).") from error


def convert(raw: Any, kind: type[_T], path: Path) -> _T:
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        raise ModelRefused(f"{path} is of a model that can't be built here: {error}.") from error


def check_heads(width: int, heads: int, path: Path) -> None:
    if width % heads:
        raise ModelRefused(f"{path}: {width} numbers can't be shared among {heads} heads.")


def _edges(size: int | _Size) -> list[int]:
    """One edge: the short side. Two: both."""
    if isinstance(size, int):
        return [size]
    given = (size.shortest_edge, size.height, size.width)
    return [edge for edge in given if edge is not None]
