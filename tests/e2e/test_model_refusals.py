"""A model that is not whole is not used: one line says which file, and what to do."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.clip.embedder import SHIPPED, load
from core.errors import ModelRefused
from core.stores.qdrant_embedded import EmbeddedIndex
from tests.clips import NAME
from tests.e2e.running import ROOT, eventually, free_port, running_shop
from tests.photos import jpeg

FILES = ["image.onnx", "image.weights", "text.onnx", "text.weights", "tokenizer.json"]
MANIFEST = "model.json"
TO_DO = {
    "mini": "restore core/clip/mini from the release this installation came from.",
    NAME: f"build the model '{NAME}' again, or set MODEL_DIR to the folder that has it.",
}
AGAIN = "get the model again"
Damage = Callable[[Path], None]


def cut_off(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def add_to(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"x")


def empty(file: Path) -> None:
    file.write_bytes(b"")


def turn_a_bit(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def make_a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


DAMAGES: dict[str, tuple[Damage, str]] = {
    "missing": (Path.unlink, r"is missing"),
    "empty": (empty, r"has 0 bytes instead of \d+"),
    "cut off": (cut_off, r"has \d+ bytes instead of \d+"),
    "longer": (add_to, r"has \d+ bytes instead of \d+"),
    "another": (turn_a_bit, r"is not the file it should be"),
    "a folder": (make_a_folder, r"has \d+ bytes instead of \d+"),
}


def copy_of(model: Path, models: Path) -> Path:
    return Path(shutil.copytree(model, models / model.name))


def refusal(folder: Path) -> str:
    with pytest.raises(ModelRefused) as refused:
        load(folder.name, folder.parent)
    return refused.value.detail


def start(models: Path, model: str, data: Path) -> str:
    """What `python -m handlers.server` says when it does not start: one line and no more."""
    env = {"MODEL": model, "MODEL_DIR": str(models), "DATA_DIR": str(data)}
    ended = subprocess.run(
        [sys.executable, "-m", "handlers.server"],
        cwd=ROOT,
        env=os.environ | env | {"PORT": str(free_port())},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 1
    assert ended.stdout == ""
    [line] = ended.stderr.splitlines()
    return line


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("damage", DAMAGES)
def test_every_file_of_a_built_model_is_looked_at(
    small_clip: Path, tmp_path: Path, file: str, damage: str
) -> None:
    folder = copy_of(small_clip, tmp_path)
    inflict, said = DAMAGES[damage]
    inflict(folder / file)
    told = rf"{re.escape(str(folder / file))} {said}: {re.escape(TO_DO[NAME])}"
    assert re.fullmatch(told, refusal(folder))


def test_there_are_no_other_files(small_clip: Path) -> None:
    assert sorted(path.name for path in small_clip.iterdir()) == sorted([*FILES, MANIFEST])
    shipped = sorted(path.name for path in (SHIPPED / "mini").iterdir() if path.is_file())
    assert shipped == sorted(file for file in [*FILES, MANIFEST] if "weights" not in file)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("image.onnx", "is no ONNX model that onnxruntime"),
        ("image.weights", "is no ONNX model that onnxruntime"),
        ("text.onnx", "is no ONNX model that onnxruntime"),
        ("text.weights", "is no ONNX model that onnxruntime"),
        ("tokenizer.json", "is no tokenizer"),
    ],
)
def test_a_broken_file_that_the_manifest_vouches_for_is_found_by_loading_it(
    small_clip: Path, tmp_path: Path, broken: str, said: str
) -> None:
    folder = copy_of(small_clip, tmp_path)
    cut_off(folder / broken)
    content = (folder / broken).read_bytes()
    facts = json.loads((folder / MANIFEST).read_text())
    facts["files"][broken] = {
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    (folder / MANIFEST).write_text(json.dumps(facts))
    told = refusal(folder)
    assert f"{folder / broken.replace('.weights', '.onnx')} {said}" in told
    assert AGAIN in told


# Through the door that a shop is started by


@pytest.mark.parametrize("model", ["mini", NAME])
def test_the_server_says_it_in_one_line_and_opens_without_it(
    small_clip: Path, tmp_path: Path, model: str
) -> None:
    whole = SHIPPED / "mini" if model == "mini" else small_clip
    files = sorted(file for file in FILES if (whole / file).is_file())
    damages = list(DAMAGES.values())

    def damaged(number: int) -> None:
        folder = copy_of(whole, tmp_path / str(number))
        inflict, said = damages[number % len(damages)]
        inflict(folder / files[number])
        about = {"MODEL": model, "MODEL_DIR": str(folder.parent)}
        with running_shop(tmp_path / f"data-{number}", **about) as shop:
            assert shop.client.get("/health").json()["status"] == "degraded"
            [line] = [one for one in shop.log.read_text().splitlines() if "model_refused" in one]
        told = rf"model_refused: {re.escape(str(folder / files[number]))} {said}: "
        assert re.search(told + re.escape(TO_DO[model]), line), line
        assert "words alone are matched" in line

    with ThreadPoolExecutor(2) as at_once:
        list(at_once.map(damaged, range(len(files))))


def test_a_shop_without_its_model_matches_words_and_is_well_at_its_next_start(
    tmp_path: Path,
) -> None:
    with running_shop(tmp_path) as shop:
        shop.client.put("/products/mug", json={"name": "Red mug"}).raise_for_status()
        model = shop.client.get("/health").json()["model"]
    folder = copy_of(SHIPPED / "mini", tmp_path / "models")
    cut_off(folder / "image.onnx")
    with running_shop(tmp_path, MODEL_DIR=str(folder.parent)) as shop:
        assert shop.client.get("/health").json() == {"status": "degraded", "model": model}
        told = shop.client.get("/health/detailed").raise_for_status().json()
        assert (told["status"], told["parts"]["model"]["status"]) == ("degraded", "unhealthy")
        found = shop.client.post("/search", json={"text_query": "mug"}).raise_for_status().json()
        assert (found["degraded"], found["results"][0]["product_id"]) == (True, "mug")
        photo = shop.client.post("/search/by-image", files={"file": jpeg(1)})
        assert (photo.status_code, photo.json()["code"]) == (503, "model_unavailable")
        assert photo.headers["retry-after"]
        assert str(tmp_path) not in photo.text
        (shop.images / "cup.jpg").write_bytes(jpeg(1))
    with running_shop(tmp_path) as shop:
        assert shop.client.get("/health").json()["status"] == "healthy"
        eventually(lambda: shop.product("cup") is not None, 30)
        assert shop.search_photo(jpeg(1))[0]["product_id"] == "cup"


@pytest.mark.parametrize("damage", ["missing", "empty", "cut off", "longer", "a folder"])
def test_a_model_that_is_not_known_is_refused(tmp_path: Path, damage: str) -> None:
    folder = copy_of(SHIPPED / "mini", tmp_path)
    inflict, _ = DAMAGES[damage]
    inflict(folder / MANIFEST)
    line = start(tmp_path, "mini", tmp_path / "data")
    assert line.startswith(f"model_refused: {folder / MANIFEST} "), line
    assert line.endswith(TO_DO["mini"]) or "may read" in line, line


def test_the_server_refuses_an_index_of_another_dimension(tmp_path: Path) -> None:
    """As one of the same model and another size would be, were there such a thing."""
    identity = load("mini", None).model
    EmbeddedIndex.open(tmp_path / "index", "products", identity, 384).close()
    line = start(SHIPPED, "mini", tmp_path)
    assert line.startswith(f"index_mismatch: The collection in {tmp_path / 'index' / 'products'} ")
    assert "384 dimensions" in line
    assert "512 dimensions" in line
    assert "python -m scripts.reindex" in line


def test_the_server_refuses_an_index_of_another_model(small_clip: Path, tmp_path: Path) -> None:
    built = load(NAME, small_clip.parent)
    EmbeddedIndex.open(tmp_path / "index", "products", built.model, built.dimension).close()
    line = start(SHIPPED, "mini", tmp_path)
    assert line.startswith("index_mismatch: ")
    assert repr(built.model) in line
    assert "Set MODEL back" in line
