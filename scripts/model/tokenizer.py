"""The tokenizer of a model, written in the form that is loaded fastest."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import msgspec


def write_tokenizer(published: Path, file: Path) -> None:
    """The published one as it is, but for merges that were written as pairs.

    Each as one string, they take a quarter less time and a third less memory to load. That form
    can't tell a token that has a space in it from two, so where there is one the pairs stay.
    """
    tokenizer: dict[str, Any] = msgspec.json.decode(published.read_bytes())
    merges = tokenizer["model"].get("merges", [])
    if not merges or not all(_is_pair_without_spaces(merge) for merge in merges):
        shutil.copyfile(published, file)
        return
    tokenizer["model"]["merges"] = [" ".join(pair) for pair in merges]
    file.write_bytes(msgspec.json.encode(tokenizer))


def _is_pair_without_spaces(merge: str | list[str]) -> bool:
    return isinstance(merge, list) and not any(" " in part for part in merge)
