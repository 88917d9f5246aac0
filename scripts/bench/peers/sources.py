"""Folders of random weights in the published layout, whole or not there at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from scripts.bench.peers import vocabulary
from scripts.bench.peers.places import Places
from scripts.bench.peers.running import StepFailed, run
from scripts.bench.peers.shapes import DENSE, MULTILINGUAL, PREPROCESSOR, SHAPES

_TORCH = "transformers"
"""The peer in whose environment weights are made and exported."""
_TOKENIZER = "tokenizer.json"
_LONGEST = 128


def make(shape: str, places: Places, tokenizer: Path | None = None) -> Path:
    """The folder of this shape's weights; `tokenizer` is the folder of a published CLIP's."""
    folder = places.source(shape)
    if folder.is_dir() and tokenizer is not None and not _same(folder, tokenizer):
        raise StepFailed(
            f"The weights in {folder} have another tokenizer, and so has what was made of them. "
            f"To make all of it again with the one from {tokenizer}, remove {places.made} first."
        )
    if not folder.is_dir():
        with being_made(folder) as half_made:
            _write_json(half_made / "config.json", SHAPES[shape])
            run(
                f"{shape}: random weights",
                inside(_TORCH, "random_weights", places, str(half_made)),
            )
            # Once more: transformers has written it in its own words beside the weights.
            _write_json(half_made / "config.json", SHAPES[shape])
            (_multilingual if shape == MULTILINGUAL else _clip)(half_made, tokenizer)
    return folder


def inside(peer: str, module: str, places: Places, *arguments: str) -> list[str]:
    """A module of `servers`, to be run in the environment of a peer."""
    return [str(places.python(peer)), "-m", f"scripts.bench.peers.servers.{module}", *arguments]


@contextmanager
def being_made(folder: Path) -> Iterator[Path]:
    """An empty folder that gets its name when everything went well."""
    half_made = folder.with_name(f"{folder.name}.half-made")
    shutil.rmtree(half_made, ignore_errors=True)
    half_made.mkdir(parents=True)
    yield half_made
    half_made.rename(folder)


def _same(folder: Path, other: Path) -> bool:
    return (folder / _TOKENIZER).read_bytes() == (other / _TOKENIZER).read_bytes()


def _clip(folder: Path, tokenizer: Path | None) -> None:
    _write_json(folder / "preprocessor_config.json", PREPROCESSOR)
    if tokenizer is None:
        vocabulary.clip().save(str(folder / _TOKENIZER), pretty=False)
    else:
        shutil.copyfile(tokenizer / _TOKENIZER, folder / _TOKENIZER)
    marks = {"bos_token": vocabulary.START, "eos_token": vocabulary.END}
    marks |= {"pad_token": vocabulary.END, "unk_token": vocabulary.END}
    _write_json(folder / "special_tokens_map.json", marks)
    about = {"tokenizer_class": "CLIPTokenizer", "model_max_length": 77}
    _write_json(folder / "tokenizer_config.json", marks | about)
    _write_files_of_old(folder)


def _write_files_of_old(folder: Path) -> None:
    """The vocabulary and merges by themselves, which some releases of transformers read instead."""
    model = json.loads((folder / _TOKENIZER).read_text(encoding="utf-8"))["model"]
    _write_json(folder / "vocab.json", model["vocab"])
    merges = "".join(
        f"{pair if isinstance(pair, str) else ' '.join(pair)}\n" for pair in model["merges"]
    )
    (folder / "merges.txt").write_text(f"#version: 0.2\n{merges}", encoding="utf-8")


def _multilingual(folder: Path, tokenizer: Path | None) -> None:  # noqa: ARG001
    made: Tokenizer = vocabulary.multilingual()
    made.save(str(folder / _TOKENIZER), pretty=False)
    _write_json(folder / "sentence_bert_config.json", {"max_seq_length": _LONGEST})
    _write_json(folder / "2_Dense" / "config.json", DENSE)


def _write_json(file: Path, content: dict[str, Any]) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
