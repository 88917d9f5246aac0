"""Everything that a build takes from its source folders, checked before anything is written."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from core.clip.tokens import TokenIds, Tokens
from core.errors import ModelRefused
from scripts.model.config import CONFIG, Preprocessing, TextConfig, read_clip, read_preprocessing
from scripts.model.multilingual import Multilingual
from scripts.model.tensors import Tensors
from scripts.model.towers import ARGMAX_AS_OF_OLD, Writer, image_tower, text_tower

TOKENIZER = "tokenizer.json"


@dataclass(frozen=True)
class Source:
    image: Writer
    text: Writer
    photos: Preprocessing
    dimension: int
    context: int
    tokenizer: Path
    languages: str
    weights: list[Path]


def read_source(folder: Path, text_folder: Path | None = None) -> Source:
    """A CLIP model, with another text tower if its folder is given."""
    config = read_clip(folder)
    photos = read_preprocessing(folder, config.vision.image_size)
    tensors = Tensors(folder)
    image = image_tower(tensors, config, photos)
    if text_folder is None:
        context = config.text.max_position_embeddings
        tokenizer = _tokenizer(folder, context, config.text.vocab_size, config.text)
        text, weights, languages = text_tower(tensors, config), tensors.files, "English"
    else:
        tower = Multilingual(text_folder)
        if tower.dimension != config.dimension:
            raise ModelRefused(
                f"{text_folder} gives vectors of {tower.dimension} numbers and {folder} of "
                f"{config.dimension}: they were not trained for each other."
            )
        context = tower.context
        tokenizer = _tokenizer(text_folder, context, tower.vocabulary, None)
        text, weights = tower.write, [*tensors.files, *tower.files]
        languages = "more than 50, as its source lists them"
    return Source(
        image=image,
        text=text,
        photos=photos,
        dimension=config.dimension,
        context=context,
        tokenizer=tokenizer,
        languages=languages,
        weights=weights,
    )


def fingerprint(files: list[Path]) -> str:
    """What tells these weights from others that came in a folder of the same name."""
    whole = hashlib.sha256()
    for file in files:
        with file.open("rb") as opened:
            whole.update(hashlib.file_digest(opened, "sha256").digest())
    return whole.hexdigest()[:16]


def _tokenizer(folder: Path, context: int, vocabulary: int, clip: TextConfig | None) -> Path:
    path = folder / TOKENIZER
    if not path.is_file():
        raise ModelRefused(f"{path} is missing.")
    ids, _ = Tokens(path, context).read("a mug")
    known = Tokenizer.from_file(str(path)).get_vocab(with_added_tokens=True)
    if max(known.values(), default=0) >= vocabulary:
        raise ModelRefused(
            f"{path} knows more tokens than the {vocabulary} of {folder / CONFIG}: "
            "it belongs to another model."
        )
    if clip is not None and not _ends_with_mark(ids, clip.eos_token_id):
        raise ModelRefused(
            f"{path} does not end a text with the end mark of {folder / CONFIG}: "
            "it belongs to another model."
        )
    return path


def _ends_with_mark(ids: TokenIds, end: int) -> bool:
    if end == ARGMAX_AS_OF_OLD:
        return int(np.argmax(ids)) == ids.size - 1
    return int(ids[0, -1]) == end
