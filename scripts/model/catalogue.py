"""The published models that can be fetched by a short name: where they are and what they must be.

A row's revision is a commit, so its files never change, and the checksums are what the fetch
insists on. Where a checksum was not known when the row was written there is none: such a file is
fetched all the same, and the fetch says that it took it on trust.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PUBLIC_HUB = "https://huggingface.co"

CONFIG = "config.json"
WHOLE = "model.safetensors"
SHARDS = "model.safetensors.index.json"
_TOKENIZER = "tokenizer.json"
_PREPROCESSOR = "preprocessor_config.json"
CLIP_FILES = (CONFIG, _PREPROCESSOR, _TOKENIZER)
"""What a CLIP has besides its weights."""


@dataclass(frozen=True, slots=True)
class Published:
    repo: str
    revision: str
    licence: str
    files: tuple[str, ...]
    """What to fetch; where SHARDS is among them, the files it lists as well."""
    sha256: Mapping[str, str]
    """Of the files whose checksum is known; it may name shards too."""


_PREPROCESSOR_OPENAI = "910e70b3956ac9879ebc90b22fb3bc8a75b6a0677814500101a4c072bd7857bd"
"""OpenAI's three models come with the same file."""

PUBLISHED: Mapping[str, Published] = {
    # The main branches of the two smaller OpenAI models have no safetensors. These commits are
    # the hub's own conversions, made on top of them.
    "clip-vit-b-32": Published(
        "openai/clip-vit-base-patch32",
        "b33cedfd0df4e43b8238760678fcc89e1a0d38b3",
        "MIT",
        (*CLIP_FILES, WHOLE),
        {
            CONFIG: "b575ef3c36f2a057fa19e221650105052d61cc9c1a972ec15019c6261ec98770",
            _PREPROCESSOR: _PREPROCESSOR_OPENAI,
            _TOKENIZER: "b556ac8c99757ffb677208af34bc8c6721572114111a6e0aaf5fa69ff0b8d842",
            WHOLE: "99d28a652e6ec46629ab7047a0ac82c69b1fe11e0ce672c43af65d3a9a3fc05d",
        },
    ),
    "clip-vit-b-16": Published(
        "openai/clip-vit-base-patch16",
        "5ef227a78de3f75873f373246dac80def63b0003",
        "MIT",
        (*CLIP_FILES, WHOLE),
        {
            CONFIG: "eaf1c9089a8553c913d27ea66407f8bfc2be9989c80c9f331ddb3d63d4c5e8ad",
            _PREPROCESSOR: _PREPROCESSOR_OPENAI,
            _TOKENIZER: "a83e0809aa4c3af7208b2df632a7a69668c6d48775b3c3fe4e1b1199d1f8b8f4",
        },
    ),
    "clip-vit-l-14": Published(
        "openai/clip-vit-large-patch14",
        "32bd64288804d66eefd0ccbe215aa642df71cc41",
        "MIT",
        (*CLIP_FILES, WHOLE),
        {
            CONFIG: "8a09b467700c58138c29d53c605b34ebc69beaadd13274a8a2af8ad2c2f4032a",
            _PREPROCESSOR: _PREPROCESSOR_OPENAI,
            _TOKENIZER: "a83e0809aa4c3af7208b2df632a7a69668c6d48775b3c3fe4e1b1199d1f8b8f4",
            WHOLE: "a2bf730a0c7debf160f7a6b50b3aaf3703e7e88ac73de7a314903141db026dcb",
        },
    ),
    "laion-b-32": Published(
        "laion/CLIP-ViT-B-32-laion2B-s34B-b79K",
        "08f73555f1b2fb7c82058aebbd492887a94968ef",
        "MIT",
        (*CLIP_FILES, WHOLE),
        {WHOLE: "74813fbcdc750f235c9784c367ca1394d2a5c25eb0aac92761752ac239db7cff"},
    ),
    "laion-h-14": Published(
        "laion/CLIP-ViT-H-14-laion2B-s32B-b79K",
        "1c2b8495b28150b8a4922ee1c8edee224c284c0c",
        "MIT",
        (*CLIP_FILES, WHOLE),
        {WHOLE: "036e6e2bd49697511f4f8b8cb5ee465f93025f7a69a145eadeb9a881ace9b18d"},
    ),
    "laion-bigg-14": Published(
        "laion/CLIP-ViT-bigG-14-laion2B-39B-b160k",
        "bc7788f151930d91b58474715fdce5524ad9a189",
        "MIT",
        (*CLIP_FILES, SHARDS),
        {
            "pytorch_model-00002-of-00002.safetensors": (
                "36dc9b676755ac8048a09ec994a47ad359361eab01dfa6dc2cdf5decaae28e17"
            )
        },
    ),
    # A text tower alone, for the image tower of clip-vit-b-32.
    "clip-vit-b-32-multilingual": Published(
        "sentence-transformers/clip-ViT-B-32-multilingual-v1",
        "58edf8cada9e398793dca955574a48cbb7f18be2",
        "Apache-2.0",
        (
            CONFIG,
            _TOKENIZER,
            WHOLE,
            "modules.json",
            "sentence_bert_config.json",
            "1_Pooling/config.json",
            "2_Dense/config.json",
            "2_Dense/model.safetensors",
        ),
        {
            _TOKENIZER: "5b4e1a8171c81dfd666ae40265b9530c6e0b3d53923fe8ac493dcc84229adf81",
            WHOLE: "7b968c09938603158413ea2c91af82e82158ebb6db901a6cf97c28ce7d7ebc6d",
            "2_Dense/model.safetensors": (
                "d12568dc7300970a4d3dbb49068ad16cd89b99840b74b026f8e48071e9414f74"
            ),
        },
    ),
}
