"""Everything that `make bench-peers` makes, one step after the other; what is there already stays.

Resumable: an environment or a folder gets its name or its stamp only when it is whole.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.bench.peers import environments, sources
from scripts.bench.peers.places import MODEL, ROOT, Places
from scripts.bench.peers.running import run
from scripts.bench.peers.shapes import MULTILINGUAL

_TOKENIZER = ("config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")
_VISION = ("config.json", "preprocessor_config.json")


def everything(places: Places, tokenizer: Path | None = None) -> None:
    for peer in environments.PEERS:
        environments.make(peer, places)
    source = sources.make(MODEL, places, tokenizer)
    _export(source, places)
    _quantise(source, places)
    ours(MODEL, places)


def ours(shape: str, places: Places) -> None:
    """Our own model of this shape's weights, as anybody would build it; again when the builder
    is another than it was, or the weights are."""
    stamp, made_of = places.models / f"{shape}.made_of", _made_of(places.source(shape))
    if (places.models / shape).is_dir() and stamp.is_file() and stamp.read_text() == made_of:
        return
    command = [sys.executable, "-m", "scripts.model", shape, "--out", str(places.models)]
    if shape == MULTILINGUAL:
        command += [
            "--source",
            str(sources.make(MODEL, places)),
            "--text",
            str(places.source(shape)),
        ]
    else:
        command += ["--source", str(places.source(shape))]
    run(f"likeness: {shape}", command)
    stamp.write_text(made_of)


@contextmanager
def alone(places: Places) -> Iterator[None]:
    """One at a time makes things here. The system lets go of the lock when we die."""
    places.made.mkdir(parents=True, exist_ok=True)
    with (places.made / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("another one is making the peers, waiting", file=sys.stderr, flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _made_of(source: Path) -> str:
    """Changes with the weights, and with the code that decides what a built model is."""
    code = hashlib.sha256((source / "model.safetensors").read_bytes())
    for folder in ("scripts/model", "core/clip"):
        for file in sorted((ROOT / folder).glob("*.py")):
            code.update(file.read_bytes())
    return code.hexdigest()


def _export(source: Path, places: Places) -> None:
    if places.exported.is_dir():
        return
    with sources.being_made(places.exported) as half_made:
        text, vision = half_made / "text", half_made / "vision"
        for folder, names in ((text, _TOKENIZER), (vision, _VISION)):
            folder.mkdir()
            for name in names:
                shutil.copyfile(source / name, folder / name)
        folders = (str(source), str(text), str(vision))
        run(
            "fastembed: the export", sources.inside("transformers", "export_onnx", places, *folders)
        )


def _quantise(source: Path, places: Places) -> None:
    if places.quantised.is_dir():
        return
    with sources.being_made(places.quantised) as half_made:
        shutil.copyfile(source / "tokenizer.json", half_made / "tokenizer.json")
        for tower in ("text", "vision"):
            exact, quantised = places.exported / tower / "model.onnx", half_made / f"{tower}.onnx"
            command = sources.inside("naive", "quantise", places, str(exact), str(quantised))
            run(f"naive: {tower} tower quantised", command, {"ORT_DISABLE_TELEMETRY": "1"})
