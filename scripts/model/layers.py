"""What transformers are made of, as ONNX nodes around weights."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from scripts.model.config import TextConfig, VisionConfig
from scripts.model.graph import MICROSOFT, Graph
from scripts.model.linears import Linears, Plan
from scripts.model.tensors import Floats, Tensors

_STANDS_OUT = 2.0
"""Times the usual."""


class Names(NamedTuple):
    """What the parts of a block are called in the published weights."""

    query: str
    key: str
    value: str
    out: str
    up: str
    down: str
    packed: str
    """Ours, of query, key and value as one product."""

    def read_by(self, layer: str) -> tuple[str, ...]:
        return (self.query, self.key, self.value) if layer == self.packed else (layer,)


CLIP_NAMES = Names(
    query="self_attn.q_proj",
    key="self_attn.k_proj",
    value="self_attn.v_proj",
    out="self_attn.out_proj",
    up="mlp.fc1",
    down="mlp.fc2",
    packed="self_attn.qkv",
)


class Block:
    """The parts of one transformer block of `width`; the tower says in which order they come."""

    def __init__(
        self, tower: Tower, names: Names, prefix: str, heads: int, width: int, inner: int
    ) -> None:
        self._tower = tower
        self._names = names
        self._prefix = prefix
        self._heads = heads
        self._width = width
        self._inner = inner
        self._eased: dict[str, Floats] = {}

    def attention(self, x: str, *, causal: bool = False) -> str:
        names, width = self._names, self._width
        packed = self._linear(x, names.read_by(names.packed), names.packed)
        parts = self._split(packed, [width] * 3)
        return self._out(self._heard(parts, unidirectional=int(causal)))

    def last_attention(self, x: str, row: str) -> str:
        """Of one row (a part of x) to all rows: the others' answers would be thrown away."""
        names, width = self._names, self._width
        asked = self._linear(row, (names.query,), names.packed)
        offered = self._linear(x, (names.key, names.value), names.packed)
        return self._out(self._heard([asked, *self._split(offered, [width] * 2)]))

    def feed_forward(self, x: str, activation: str) -> str:
        names, graph = self._names, self._tower.graph
        up = self._linear(x, (names.up,), names.up)
        if activation == "quick_gelu":
            bent = graph.add("QuickGelu", up, domain=MICROSOFT, alpha=1.702)
        else:
            bent = graph.add("Gelu", up)
        return self._tower.linear(bent, self._prefix + names.down, self._inner, self._width)

    def norm(self, x: str, name: str, epsilon: float, before: str = "") -> str:
        """`before` names the layer that alone reads it, which can then take over some of its work:
        a number that is large in all photos is made small here, and its weights large there."""
        gain, bias = self._tower.norm_parts(self._prefix + name, self._width)
        plan, layer = self._tower.plan, self._prefix + before
        if layer in plan.sizes:
            weight, _ = self._parts(self._names.read_by(before))
            ease = easing(plan.sizes[layer], np.abs(weight).max(axis=1))
            if (ease > 1).any():
                plan.eased.append(layer)
                self._eased[before] = ease
                gain, bias = gain / ease, bias / ease
        return self._tower.norm(x, gain, bias, epsilon)

    def _heard(self, parts: list[str], **attributes: int) -> str:
        return self._tower.graph.add(
            "MultiHeadAttention", *parts, domain=MICROSOFT, num_heads=self._heads, **attributes
        )

    def _out(self, x: str) -> str:
        return self._tower.linear(x, self._prefix + self._names.out, self._width, self._width)

    def _linear(self, x: str, parts: tuple[str, ...], layer: str) -> str:
        """Several products of the same x as one."""
        weight, bias = self._parts(parts)
        if layer in self._eased:
            weight = weight * self._eased[layer][:, None]
        return self._tower.linears(x, weight, bias, self._prefix + layer)

    def _parts(self, parts: tuple[str, ...]) -> tuple[Floats, Floats]:
        outer = self._inner if parts == (self._names.up,) else self._width
        pairs = [self._tower.pair(self._prefix + part, self._width, outer) for part in parts]
        weight = np.concatenate([weight for weight, _ in pairs], axis=1)
        return weight, np.concatenate([bias for _, bias in pairs])

    def _split(self, packed: str, widths: list[int]) -> list[str]:
        graph = self._tower.graph
        sizes = graph.whole(*widths)
        return graph.add_many("Split", len(widths), packed, sizes, axis=-1)


def easing(sizes: Floats, weights: Floats) -> Floats:
    """By how much to make each input smaller and its weights larger, so that both stand out alike.

    Only what stands out is touched, and by powers of two: that way nothing is lost in rounding, and
    machines whose last digits differ still build the same model.
    """
    useful = (sizes > 0) & (weights > 0)
    if not useful.any():
        return np.ones_like(sizes)
    apart = np.sqrt(np.where(useful, sizes, 1) / np.where(useful, weights, 1))
    apart /= np.median(apart[useful])
    power = np.rint(np.log2(apart))
    return np.where(useful & (apart > _STANDS_OUT), np.exp2(power), 1).astype(np.float32)


class Tower:
    """A graph in the making, with the weights it is made from."""

    def __init__(self, graph: Graph, tensors: Tensors, plan: Plan) -> None:
        self.graph = graph
        self.tensors = tensors
        self.plan = plan
        self.linears = Linears(graph, plan)

    def pair(self, name: str, inner: int, outer: int) -> tuple[Floats, Floats]:
        """Weight and bias of a product, the weight as [in, out]."""
        weight = self.tensors.read(f"{name}.weight", outer, inner)
        return weight.T, self.tensors.read(f"{name}.bias", outer)

    def linear(self, x: str, name: str, inner: int, outer: int) -> str:
        return self.linears(x, *self.pair(name, inner, outer), name)

    def norm_parts(self, name: str, width: int) -> tuple[Floats, Floats]:
        tensors = self.tensors
        return tensors.read(f"{name}.weight", width), tensors.read(f"{name}.bias", width)

    def norm(self, x: str, gain: Floats, bias: Floats, epsilon: float) -> str:
        parts = self.graph.weight(gain), self.graph.weight(bias)
        return self.graph.add("LayerNormalization", x, *parts, axis=-1, epsilon=epsilon)

    def row(self, x: str, number: int) -> str:
        """[1, n, width] to one of its rows, [1, 1, width]."""
        return self.graph.add("Gather", x, self.graph.whole(number), axis=1)

    def unit(self, x: str) -> str:
        """[1, 1, n] to [1, n] of unit length."""
        flat = self.graph.add("Squeeze", x, self.graph.whole(1))
        return self.graph.add("LpNormalization", flat, axis=-1, p=2)

    def clip_encoder(
        self, x: str, prefix: str, config: TextConfig | VisionConfig, row: int, *, causal: bool
    ) -> str:
        """The blocks of a CLIP tower; of the last one only what becomes of one row."""
        graph, epsilon = self.graph, config.layer_norm_eps
        for number in range(config.num_hidden_layers):
            block = Block(
                self,
                CLIP_NAMES,
                f"{prefix}.encoder.layers.{number}.",
                config.num_attention_heads,
                config.hidden_size,
                config.intermediate_size,
            )
            normed = block.norm(x, "layer_norm1", epsilon, CLIP_NAMES.packed)
            if number < config.num_hidden_layers - 1:
                x = graph.add("Add", x, block.attention(normed, causal=causal))
            else:
                attended = block.last_attention(normed, self.row(normed, row))
                x = graph.add("Add", self.row(x, row), attended)
            normed = block.norm(x, "layer_norm2", epsilon, CLIP_NAMES.up)
            x = graph.add("Add", x, block.feed_forward(normed, config.hidden_act))
        return x

    def project(self, x: str, name: str, inner: int, outer: int) -> str:
        """Onto the space that both towers share. Never rounded: it is small and comes last."""
        weight = self.tensors.read(name, outer, inner)
        return self.graph.add("MatMul", x, self.graph.weight(weight.T))
