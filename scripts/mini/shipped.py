"""The towers that ship, as trainable weights again: a training can go on from them.

A checkpoint is five times as large as what ships and is nobody's business but the one training's.
Rounding to int8 costs the weights little, and a few steps of training make that good.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from core.clip.embedder import SHIPPED
from core.clip.manifest import MANIFEST
from scripts.mini.towers import ImageTower, TextTower

Arrays = list[npt.NDArray[np.float32]]


def tokenizer() -> str:
    return (SHIPPED / "mini" / "tokenizer.json").read_text("utf-8")


def history() -> list[dict[str, Any]]:
    """One entry a training that the shipped towers have gone through."""
    kept = json.loads((SHIPPED / "mini" / MANIFEST).read_text("utf-8"))
    told: list[dict[str, Any]] = kept["evaluation"]["training"]
    return told


def restore(image: ImageTower, text: TextTower, seen: Tensor) -> None:
    """Fills both towers; `seen` are pictures as they come in training, [n, 3, side, side]."""
    with torch.no_grad():
        _restore_image(image, _Graph("image"), seen)
        _restore_text(text, _Graph("text"))


class _Graph:
    """The numbers of a shipped graph, node by node."""

    def __init__(self, tower: str) -> None:
        graph = onnx.load(SHIPPED / "mini" / f"{tower}.onnx").graph
        self._nodes = graph.node
        self._kept = {one.name: numpy_helper.to_array(one) for one in graph.initializer}

    def nodes(self, operator: str) -> Iterator[Arrays]:
        """What each node of a kind holds, in the order of its inputs."""
        for node in self._nodes:
            if node.op_type == operator:
                yield [
                    self._kept[name].astype(np.float32) for name in node.input if name in self._kept
                ]

    def convolutions(self) -> list[tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]]:
        """Weights and biases, in the order in which scripts/mini/graphs.py wrote them."""
        found = {}
        for node in self._nodes:
            if node.op_type == "QLinearConv":
                held = [np.asarray(self._kept[name], np.float32) for name in node.input[1:]]
                scale_in, _, weight, scale, _, _, _, bias = held
                by_channel = scale.reshape(-1, 1, 1, 1)
                found[_number(node.input[3])] = (weight * by_channel, bias * scale_in * scale)
        return [found[number] for number in sorted(found)]


def _number(weight: str) -> int:
    return int(weight.split("_")[1])


def _restore_image(tower: ImageTower, graph: _Graph, seen: Tensor) -> None:
    parts = [part for part in tower.modules() if _is_convolution(part)]
    for part, (weight, bias) in zip(parts, graph.convolutions(), strict=True):
        conv, norm = part
        conv.weight.copy_(torch.from_numpy(weight))
        norm.bias.copy_(torch.from_numpy(bias))
    (project,) = (m for (m,) in graph.nodes("MatMul") if m.shape[0] == tower.project.in_features)
    tower.project.weight.copy_(torch.from_numpy(project.T))
    norms = [part[1] for part in parts]
    hooks = [norm.register_forward_pre_hook(_settle) for norm in norms]
    tower.eval()(seen)
    tower.train()
    for hook in hooks:
        hook.remove()


def _is_convolution(part: nn.Module) -> bool:
    return isinstance(part, nn.Sequential) and isinstance(part[-1], nn.BatchNorm2d)


def _settle(norm: nn.Module, inputs: tuple[Tensor]) -> None:
    """Gives a normalisation that was folded away the means and spreads that make it do nothing."""
    assert isinstance(norm, nn.BatchNorm2d)
    assert norm.running_mean is not None
    assert norm.running_var is not None
    spread, mean = torch.var_mean(inputs[0], (0, 2, 3))
    norm.running_mean.copy_(mean)
    norm.running_var.copy_(spread)
    norm.weight.copy_((spread + norm.eps).sqrt())
    norm.bias.add_(mean)


def _restore_text(tower: TextTower, graph: _Graph) -> None:
    table = next(graph.nodes("Gather"))[0]
    scale, zero = next(graph.nodes("DequantizeLinear"))
    tower.tokens.weight.copy_(torch.from_numpy((table - zero) * scale))
    tower.places.copy_(torch.from_numpy(next(graph.nodes("Slice"))[0]))
    norms = [part for part in tower.modules() if isinstance(part, nn.LayerNorm)]
    for norm, (gain, bias) in zip(norms, graph.nodes("LayerNormalization"), strict=True):
        norm.weight.copy_(torch.from_numpy(gain))
        norm.bias.copy_(torch.from_numpy(bias))
    linears = [part for part in tower.modules() if isinstance(part, nn.Linear)]
    for linear, held in zip(linears, graph.nodes("DynamicQuantizeMatMul"), strict=True):
        linear.weight.copy_(torch.from_numpy((held[0] * held[1]).T))
        if linear.bias is not None:
            linear.bias.copy_(torch.from_numpy(held[-1]))
