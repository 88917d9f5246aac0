"""A build from a published folder to a model that serves: whole, or not at all."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from core.clip.embedder import ClipEmbedder, load
from core.errors import ModelRefused
from scripts.model import rehearsal, rounding
from scripts.model.build import Order, build
from tests.photos import jpeg

NAME = "small"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published") / "vit-b-32"
    return rehearsal.write_clip(folder, rehearsal.FAMILIES["vit-b-32"])


def refusal(order: Order) -> str:
    with pytest.raises(ModelRefused) as refused:
        build(order)
    return refused.value.detail


def check_serves(embedder: ClipEmbedder, dimension: int) -> None:
    assert embedder.dimension == dimension
    for vector in (embedder.words("a red mug").vector, embedder.photo(jpeg(1, (300, 200)))):
        assert vector.shape == (dimension,)
        assert np.isclose(np.linalg.norm(vector), 1, atol=1e-5)
    assert embedder.words("mug " * 100).truncated


@pytest.mark.parametrize("family", ["vit-b-32", "vit-l-14", "vit-bigg-14"])
def test_a_built_model_serves_and_says_what_it_is(tmp_path: Path, family: str) -> None:
    config = rehearsal.FAMILIES[family]
    folder = rehearsal.write_clip(tmp_path / "source", config)
    out = tmp_path / "models"
    assert build(Order(NAME, folder, out)) == out / NAME
    embedder = load(NAME, out)
    check_serves(embedder, config["projection_dim"])
    manifest = embedder.manifest
    assert manifest.image.fit == "crop"
    assert manifest.image.side == config["vision_config"]["image_size"]
    assert manifest.text.context == 77
    assert manifest.text.quantisation == "dynamic int8"
    assert "not pinned" in manifest.source
    assert manifest.evaluation["cosine with fp32"]["image"]["least"] >= rounding.LEAST
    assert sorted(manifest.files) == sorted(
        path.name for path in (out / NAME).iterdir() if path.name != "model.json"
    )
    assert [path.name for path in out.iterdir()] == [NAME]


def test_a_multilingual_text_tower_takes_the_place_of_clips_own(
    tmp_path: Path, source: Path
) -> None:
    text = rehearsal.write_multilingual(tmp_path / "multilingual")
    build(Order(NAME, source, tmp_path / "models", text_source=text))
    embedder = load(NAME, tmp_path / "models")
    check_serves(embedder, rehearsal.DENSE_TO)
    assert embedder.manifest.text.context == 64
    assert "50" in embedder.manifest.text.languages


def test_every_precision_serves_and_they_agree(tmp_path: Path, source: Path) -> None:
    out = tmp_path / "models"
    build(Order("fp32", source, out, quantise="fp32"))
    build(Order("block8", source, out, quantise="block8"))
    build(Order("mixed", source, out, keep_fp32=("vision_model.*",)))
    exact, block8, mixed = (load(name, out) for name in ("fp32", "block8", "mixed"))
    assert exact.manifest.image.quantisation == "none"
    assert exact.manifest.evaluation["cosine with fp32"]["image"] == {"mean": 1.0, "least": 1.0}
    photo, words = jpeg(3), "striped dress"
    assert block8.photo(photo) @ exact.photo(photo) > rounding.LEAST
    assert block8.words(words).vector @ exact.words(words).vector > rounding.LEAST
    assert np.allclose(mixed.photo(photo), exact.photo(photo), atol=1e-6)
    assert mixed.words(words).vector @ exact.words(words).vector > rounding.LEAST


def test_another_build_takes_the_place_of_the_first(tmp_path: Path, source: Path) -> None:
    out = tmp_path / "models"
    revisions = []
    for seed in (0, 0, 1):
        folder = rehearsal.write_clip(
            tmp_path / str(seed), rehearsal.FAMILIES["vit-b-32"], seed=seed
        )
        build(Order(NAME, folder, out))
        revisions.append(load(NAME, out).manifest.revision)
    assert revisions[0] == revisions[1]
    assert revisions[1] != revisions[2]
    assert [path.name for path in out.iterdir()] == [NAME]


@pytest.mark.parametrize(
    ("part", "family", "larger", "relief"),
    [
        ("layer_norm2", "vit-b-32", 300, "evened out"),
        ("mlp.fc1", "vit-bigg-14", 60, "by block: text_model.encoder.layers.0.mlp.fc2"),
        ("mlp.fc1", "vit-b-32", 300, "in fp32: vision_model.encoder.layers.0.mlp.fc2"),
    ],
)
def test_what_int8_does_not_suit_is_found_and_relieved(
    tmp_path: Path, part: str, family: str, larger: int, relief: str
) -> None:
    """Published models have channels whose numbers are many times larger than others'."""
    config = rehearsal.FAMILIES[family]
    folder = rehearsal.write_clip(tmp_path / "source", config)
    weights = rehearsal.clip_weights(config, seed=0)
    reader = {"layer_norm2": "mlp.fc1", "mlp.fc1": "mlp.fc2"}[part]
    for tower in ("vision_model", "text_model"):
        layer = f"{tower}.encoder.layers.0"
        weights[f"{layer}.{part}.weight"][0] *= larger
        weights[f"{layer}.{part}.bias"][0] *= larger
        weights[f"{layer}.{reader}.weight"][:, 0] /= larger
    rehearsal.write_tensors(folder / "model.safetensors", weights)
    out = tmp_path / "models"
    with pytest.raises(ModelRefused, match="tower loses too much"):
        build(Order(NAME, folder, out, quantise="int8"))

    build(Order(NAME, folder, out))
    built = load(NAME, out).manifest
    assert relief in built.image.quantisation + built.text.quantisation
    for drift in built.evaluation["cosine with fp32"].values():
        assert drift["least"] >= rounding.LEAST


def test_a_killed_build_leaves_nothing_that_looks_finished(tmp_path: Path, source: Path) -> None:
    out = tmp_path / "models"
    arguments = [NAME, "--source", str(source), "--out", str(out)]
    for reached in ("image.onnx", "tokenizer.json", "model.json"):
        with subprocess.Popen(
            [sys.executable, "-m", "scripts.model", *arguments], stdout=subprocess.DEVNULL
        ) as child:
            wait_for(out, f".unfinished-*/{NAME}/{reached}", child)
            child.send_signal(signal.SIGKILL)
        assert child.returncode == -signal.SIGKILL
        assert not (out / NAME).exists()
        assert any(out.glob(".unfinished-*"))
        with pytest.raises(ModelRefused):
            load(NAME, out)
    build(Order(NAME, source, out))
    check_serves(load(NAME, out), 32)
    assert [path.name for path in out.iterdir()] == [NAME]


def wait_for(out: Path, pattern: str, child: subprocess.Popen[bytes]) -> None:
    while not any(out.glob(pattern)):
        assert child.poll() is None, "the build was over before it could be killed"
        time.sleep(0.001)


def test_two_builds_at_once_take_turns(tmp_path: Path, source: Path) -> None:
    out = tmp_path / "models"
    command = [sys.executable, "-m", "scripts.model", NAME, "--source", str(source)]
    both = [
        subprocess.Popen([*command, "--out", str(out)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    told = [child.communicate()[0] for child in both]
    assert [child.returncode for child in both] == [0, 0]
    assert sum("waiting" in words for words in told) == 1
    check_serves(load(NAME, out), 32)
    assert [path.name for path in out.iterdir()] == [NAME]
