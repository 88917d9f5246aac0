"""A tokenizer written for a shop reads every text as the published one does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers

from scripts.model.tokenizer import write_tokenizer

LETTERS = ["m", "u", "g", "s", " ", "mu", "ug", "mug", "mugs", "s ", "s m"]
MERGES = [("m", "u"), ("u", "g"), ("mu", "g"), ("mug", "s")]


def bpe(merges: list[tuple[str, str]]) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE({token: n for n, token in enumerate(LETTERS)}, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(",", "removed")
    return tokenizer


def written(published: Path) -> Path:
    file = published.with_name("written.json")
    write_tokenizer(published, file)
    return file


def merges_in(file: Path) -> list[Any]:
    return list(json.loads(file.read_text("utf-8"))["model"]["merges"])


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    bpe(MERGES).save(str(file))
    assert merges_in(file) == [list(pair) for pair in MERGES]
    return file


def test_pairs_become_strings_and_stay_the_same_tokenizer(pairs: Path) -> None:
    file = written(pairs)
    assert merges_in(file) == ["m u", "u g", "mu g", "mug s"]
    same = Tokenizer.from_file(str(file))
    assert same.to_str() == Tokenizer.from_file(str(pairs)).to_str()
    assert same.encode("mugs,gums").tokens == ["mugs", "g", "u", "m", "s"]


@given(text=st.text("mugs ,é"))
def test_every_text_becomes_the_same_ids(pairs: Path, text: str) -> None:
    before, after = (Tokenizer.from_file(str(file)) for file in (pairs, written(pairs)))
    assert after.encode(text).ids == before.encode(text).ids


def test_a_token_with_a_space_in_it_keeps_its_pair(tmp_path: Path) -> None:
    published = tmp_path / "tokenizer.json"
    bpe([*MERGES, ("s", " "), ("s ", "m")]).save(str(published))
    assert written(published).read_bytes() == published.read_bytes()
    assert Tokenizer.from_file(str(published)).encode("s m").tokens == ["s m"]


@pytest.mark.parametrize(
    "model",
    [
        models.BPE({"m": 0}, []),
        models.WordPiece({"[UNK]": 0, "mug": 1}),
        models.WordLevel({"mug": 0}),
    ],
)
def test_what_has_no_merges_is_left_alone(tmp_path: Path, model: models.Model) -> None:
    published = tmp_path / "tokenizer.json"
    Tokenizer(model).save(str(published))
    assert written(published).read_bytes() == published.read_bytes()
