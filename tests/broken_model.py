"""A model that loads and then does not work: `mini`, its towers after rows that are not there."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from core.clip.loading import SHIPPED


def broken_mini(models: Path) -> Path:
    """MODEL_DIR for a `mini` that is the one of the release by all that is looked at on loading."""
    folder = models / "mini"
    shutil.copytree(SHIPPED / "mini", folder)
    manifest = json.loads((folder / "model.json").read_text())
    for tower in ("text", "image"):
        file = folder / manifest[tower]["file"]
        _break(file, manifest["dimension"])
        content = file.read_bytes()
        manifest["files"][file.name] |= {
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
    (folder / "model.json").write_text(json.dumps(manifest))
    return models


def _break(file: Path, dimension: int) -> None:
    """The same input and output, with a table of one row in between: any other row fails."""
    [takes], [gives] = (lambda g: (g.input, g.output))(onnx.load(file).graph)
    nodes = [
        helper.make_node("Cast", [takes.name], ["whole"], to=TensorProto.INT64),
        helper.make_node("Reshape", ["whole", "flat"], ["rows"]),
        helper.make_node("Gather", ["table", "rows"], ["vectors"]),
        helper.make_node("ReduceMean", ["vectors"], [gives.name], axes=[1], keepdims=0),
    ]
    constants = [
        numpy_helper.from_array(np.array([1, -1]), "flat"),
        numpy_helper.from_array(np.zeros((1, dimension), np.float32), "table"),
    ]
    graph = helper.make_graph(nodes, "broken", [takes], [gives], constants)
    opsets = [helper.make_opsetid("", 13)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), file)
