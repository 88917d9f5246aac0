"""A checkpoint to the model that ships: two int8 graphs, the tokenizer, and the manifest."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from PIL import Image
from tokenizers import Tokenizer

from core.clip.embedder import SHIPPED, load
from core.clip.manifest import MANIFEST, ImageTower, Manifest, ModelFile, TextTower
from core.clip.tokens import Tokens
from core.clip.towers import Tower
from scripts.mini import graphs, layout, quantise
from scripts.mini.batches import look_facts, photo_facts
from scripts.mini.captions import Writer
from scripts.mini.data import photos, rendered, views
from scripts.mini.evaluate import evaluate, table
from scripts.mini.score.material import gather
from scripts.mini.towers import CONTEXT, DIMENSION, LEARNT, MEAN, SIDE, STD, unit
from scripts.mini.train import Model
from scripts.mini.words import vocabulary

IMAGE, TEXT, TOKENIZER = "image.onnx", "text.onnx", "tokenizer.json"
CALIBRATED_ON = 320
COMPARED_ON = 200


def export(work: Path, checkpoint: Path, folder_of_photos: Path | None) -> None:
    trained = torch.load(checkpoint, map_location="cpu")
    model = _model(trained["model"])
    full, shipped = work / "full" / "mini", SHIPPED / "mini"
    seen, texts = _samples(work, folder_of_photos is not None)
    for folder in (full, shipped):
        folder.mkdir(parents=True, exist_ok=True)
        _write_tokenizer(trained["tokenizer"], folder / TOKENIZER)
    graphs.image_graph(model.image, full / IMAGE)
    graphs.text_graph(model.text, full / TEXT)
    quantise.image_int8(model.image, shipped / IMAGE, seen[:CALIBRATED_ON])
    quantise.text_int8(full / TEXT, shipped / TEXT)

    material = gather(folder_of_photos)
    measured: dict[str, Any] = {"training": trained["history"]}
    columns: dict[str, dict[str, float]] = {}
    for name, folder in (("fp32", full), ("int8", shipped)):
        _write_manifest(folder, name, measured)
        columns[name] = evaluate(load("mini", folder.parent, threads=1), material)
        measured[f"{name} against training"] = _drift(folder, model, seen[-COMPARED_ON:], texts)
    rounded = {name: {row: round(v, 4) for row, v in of.items()} for name, of in columns.items()}
    measured["scores"] = rounded
    _write_manifest(shipped, "int8", measured)
    print(table(columns))
    print(json.dumps({key: value for key, value in measured.items() if key != "scores"}, indent=1))


def _model(state: dict[str, Any]) -> Model:
    head = state.get("head.layers.0.weight")
    model = Model(len(state["text.tokens.weight"]), 0 if head is None else head.shape[1])
    model.load_state_dict(state)
    model.eval()
    return model


def _samples(work: Path, has_photos: bool) -> tuple[views.Pixels, list[str]]:
    """Views and captions of everything that was trained on, mixed."""
    rng = np.random.default_rng(3)
    rows = photos.listed_made(work / "photos") if has_photos else []
    stores = [views.read(work / name) for name in ("rendered", "photos")[: 1 + has_photos]]
    each = (CALIBRATED_ON + COMPARED_ON) // len(stores)
    picked = np.concatenate(
        [store.pixels[np.sort(rng.integers(0, len(store.pixels), each))] for store in stores]
    )
    small = [np.asarray(views.squashed(Image.fromarray(view), SIDE)) for view in picked]
    known = vocabulary(rows)
    facts = np.concatenate(
        [look_facts(rendered.training_looks(), known), photo_facts(rows, [""] * len(rows), known)]
    )
    some = facts[rng.integers(0, len(facts), COMPARED_ON)]
    return rng.permutation(np.stack(small)), Writer(known).write(some, rng).texts


def _write_tokenizer(trained: str, file: Path) -> None:
    tokenizer = Tokenizer.from_str(trained)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.save(str(file), pretty=False)


def _drift(folder: Path, model: Model, seen: views.Pixels, texts: list[str]) -> dict[str, Any]:
    """Cosines between the graphs in `folder` and the towers as they were trained."""
    image, text = Tower(folder / IMAGE, 1), Tower(folder / TEXT, 1)
    tokens = Tokens(folder / TOKENIZER, CONTEXT)
    cosines: dict[str, list[float]] = {"image": [], "text": []}
    with torch.no_grad():
        for pixels in seen:
            planes = (torch.from_numpy(pixels).permute(2, 0, 1)[None].float() - 128) / 64
            exact = layout.appended(unit(model.image(planes)).numpy(), pixels[None])[0]
            cosines["image"].append(float(image(pixels[None]) @ exact))
        for said in texts:
            ids, _ = tokens.read(said)
            end = torch.tensor([ids.shape[1] - 1])
            exact = unit(model.text(torch.from_numpy(ids), end))[0].numpy()
            cosines["text"].append(float(text(ids)[:LEARNT] @ exact))
    return {
        f"{tower} {name}": round(float(measure(values)), 5)
        for tower, values in cosines.items()
        for name, measure in (("mean cosine", np.mean), ("least cosine", np.min))
    }


def _write_manifest(folder: Path, precision: str, measured: dict[str, Any]) -> None:
    held = sorted(file for file in folder.iterdir() if file.name != MANIFEST)
    files = {file.name: _described(file) for file in held}
    sums = "".join(file.sha256 for file in files.values())
    manifest = Manifest(
        name="mini",
        revision=hashlib.sha256(sums.encode()).hexdigest()[:10],
        source="trained by scripts/mini on rendered products"
        + (" and photos" if any(stage.get("photos") for stage in measured["training"]) else ""),
        licence="MIT",
        dimension=DIMENSION,
        image=ImageTower(
            file=IMAGE,
            side=SIDE,
            fit="squash",
            interpolation="bicubic",
            mean=(MEAN, MEAN, MEAN),
            std=(STD, STD, STD),
            quantisation="static int8, weights by channel in 7 bits"
            if precision == "int8"
            else "none",
        ),
        text=TextTower(
            file=TEXT,
            tokenizer=TOKENIZER,
            context=CONTEXT,
            languages="English: the words of scripts/mini/words.py",
            quantisation="dynamic int8, weights in 7 bits" if precision == "int8" else "none",
        ),
        files=files,
        evaluation=measured,
    )
    encoded = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
    (folder / MANIFEST).write_bytes(encoded + b"\n")


def _described(file: Path) -> ModelFile:
    content = file.read_bytes()
    return ModelFile(size=len(content), sha256=hashlib.sha256(content).hexdigest())
