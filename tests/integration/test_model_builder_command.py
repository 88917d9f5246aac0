"""What a person types to build a model, and what they are told."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from core.clip.embedder import load
from scripts.model import origin, rehearsal
from scripts.model.__main__ import main
from scripts.model.fetch import Fetched
from scripts.model.patience import FetchFailed

NAME = "small"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published") / "vit-b-32"
    return rehearsal.write_clip(folder, rehearsal.FAMILIES["vit-b-32"])


def command(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["model", *map(str, arguments)])
    return main()


def test_the_command_says_what_it_did_and_what_was_wrong(
    tmp_path: Path,
    source: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = (NAME, "--source", source, "--out")
    assert command(monkeypatch, *given, tmp_path / "models", "--keep-fp32", "*.mlp.fc2") == 0
    told = capsys.readouterr().out
    for line in ("image tower: int8", "text tower: int8", "cosine with fp32: ", "zero-shot"):
        assert line in told
    assert f"built {tmp_path / 'models' / NAME}" in told

    assert command(monkeypatch, *given, tmp_path / "models", "--keep-fp32", "nothing") == 1
    assert "No layer is called 'nothing'" in capsys.readouterr().err

    (tmp_path / "file").touch()
    assert command(monkeypatch, *given, tmp_path / "file") == 1
    assert os.fspath(tmp_path / "file") in capsys.readouterr().err

    with pytest.raises(SystemExit):
        command(monkeypatch, NAME, "--text", tmp_path)


def test_another_architecture_is_refused_in_one_line(
    tmp_path: Path,
    source: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    other = shutil.copytree(source, tmp_path / "other")
    (other / "config.json").write_text('{"model_type": "siglip"}')
    assert command(monkeypatch, NAME, "--source", other, "--out", tmp_path / "models") == 1
    [line] = capsys.readouterr().err.strip().splitlines()
    assert line.startswith(f"{other / 'config.json'} is of a model of the kind 'siglip'")
    assert line.endswith("only CLIP models (ViT-B/32, B/16, L/14, H/14, bigG/14) can be built.")
    assert not (tmp_path / "models").exists()


def test_without_a_source_the_published_one_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fetched(model: str, into: Path) -> Fetched:
        if model == "unknown":
            raise FetchFailed("there is no such model")
        if "multilingual" in model:
            rehearsal.write_multilingual(into)
            return Fetched(into, "text/repo", "abc", "Apache-2.0", {}, ())
        rehearsal.write_clip(into, rehearsal.FAMILIES["vit-b-32"])
        return Fetched(into, "image/repo", "def", "MIT", {}, ("config.json",))

    monkeypatch.setattr(origin, "fetch", fetched)
    out = tmp_path / "models"
    assert command(monkeypatch, "clip-vit-b-32", "--out", out) == 0
    manifest = load("clip-vit-b-32", out).manifest
    assert manifest.source == "image/repo at def, without checksums for config.json"
    assert manifest.licence == "MIT"

    assert command(monkeypatch, "clip-vit-b-32-multilingual", "--out", out) == 0
    manifest = load("clip-vit-b-32-multilingual", out).manifest
    assert "text: text/repo at abc" in manifest.source
    assert manifest.licence == "MIT, Apache-2.0"
    assert manifest.text.context == 64

    assert command(monkeypatch, "unknown", "--out", out) == 1
    assert "there is no such model" in capsys.readouterr().err
