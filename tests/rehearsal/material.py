"""What the images are made of: a copy of what the Dockerfile may see, and a ViT-B/32's weights."""

from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path

from scripts.bench.peers import vocabulary
from scripts.bench.peers.running import run
from scripts.bench.peers.shapes import SHAPES
from scripts.model.rehearsal import write_clip
from tests.e2e.running import ROOT
from tests.rehearsal.workshop import FOLDER

VIT = "clip-vit-b-32"
_SEEN = ("core", "handlers", "scripts/image", "scripts/__init__.py", "requirements-cloud.txt")
_RULES = ("Dockerfile", ".dockerignore")
_BUILDER = ("scripts/model", "core/clip")


def context(model: Path | None = None) -> Path:
    """The image's context in a folder of its own, so that a model can lie in it. Files keep their
    times, or podman would take them for others."""
    folder = FOLDER / "context"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in (*_SEEN, *_RULES):
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)
    if model is not None:
        shutil.copytree(model, folder / "models" / model.name)
    return folder


def random_vit() -> Path:
    """A ViT-B/32 of random weights with a tokenizer of CLIP's size, built as anybody would build
    it; again when the builder is another than it was."""
    models = FOLDER / "models" / _builder()
    if not (models / VIT).is_dir():
        shutil.rmtree(models.parent, ignore_errors=True)
        source = write_clip(models / "source", SHAPES[VIT])
        vocabulary.clip().save(str(source / "tokenizer.json"), pretty=False)
        command = [sys.executable, "-m", "scripts.model", VIT]
        run(f"{VIT} of random weights", [*command, "--source", str(source), "--out", str(models)])
        shutil.rmtree(source)
    return models / VIT


def _builder() -> str:
    code = hashlib.sha256()
    for folder in _BUILDER:
        for file in sorted((ROOT / folder).glob("*.py")):
            code.update(file.read_bytes())
    return code.hexdigest()[:12]
