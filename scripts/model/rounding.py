"""One tower in as few bits as it bears: written, tried beside itself in fp32, and only then taken.

Published models have layers in which a few numbers are far larger than all others. In int8 those
numbers set the step, and the others drown in it. `auto` first evens such numbers out, where a
layer's weights can take over what its inputs give away; the tower as a whole stays the same. If
that is not enough, it measures how much each layer loses in int8 and with steps by block, and gives
each the fastest form that loses little; how little, is made stricter until the tower is near enough
to what it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from core.clip.runtime import ort
from core.clip.towers import Tower
from core.errors import ModelRefused
from core.processors import cpus
from scripts.model.linears import Plan
from scripts.model.tensors import Floats
from scripts.model.towers import Writer

Quantise = Literal["auto", "int8", "block8", "fp32"]
QUANTISE: tuple[Quantise, ...] = get_args(Quantise)

LEAST, MEAN = 0.995, 0.999
"""How near, as cosines, the vectors of a tower in few bits must be to those of the same tower in
fp32: the farthest one, and all of them on average. Nearer, a search can't tell them apart."""

_WEIGHED_ON = 8
_LOSSES = (1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 0.0)
"""What `auto` lets a layer lose, from lax to strict: squared differences as a share of squares."""

Inputs = Sequence[npt.NDArray[Any]]


@dataclass(frozen=True)
class Drift:
    mean: float
    least: float

    @property
    def bearable(self) -> bool:
        return self.mean >= MEAN and self.least >= LEAST

    def __str__(self) -> str:
        return f"{self.mean:.5f} on average, {self.least:.5f} at the least"


@dataclass(frozen=True)
class Made:
    plan: Plan
    vectors: Floats
    exact: Floats
    drift: Drift


class Weighed(NamedTuple):
    sizes: dict[str, Floats]
    """How large each number gets that a layer reads."""
    losses: dict[str, tuple[float, float]]
    """What a layer loses in int8 and by block."""


@dataclass(frozen=True)
class TowerOrder:
    name: str
    write: Writer
    file: Path
    inputs: Inputs
    quantise: Quantise
    keep_fp32: tuple[str, ...]

    def make(self, work: Path) -> Made:
        """Leaves the tower in its file. Raises ModelRefused if it does not bear what is asked."""
        with step(f"{self.name} tower in fp32"):
            exact = self._elsewhere(Plan("fp32"), work)
        for plan in self._plans(work):
            with step(f"{self.name} tower: {_briefly(plan)}"):
                self.write(self.file, plan)
                vectors = _run(self.file, self.inputs)
            drift = _drift(vectors, exact)
            print(f"    cosine with fp32: {drift}")
            if drift.bearable:
                return Made(plan, vectors, exact, drift)
        raise ModelRefused(self._too_much(plan, drift))

    def _plans(self, work: Path) -> Iterator[Plan]:
        """What to try, one after the other."""
        if self.quantise != "auto":
            yield Plan(self.quantise, self.keep_fp32)
            return
        with step(f"{self.name} tower: what is large in each layer"):
            sizes = self._weighed({}, work).sizes
        yield Plan("int8", self.keep_fp32, sizes=sizes)
        with step(f"{self.name} tower: what each layer loses"):
            losses = self._weighed(sizes, work).losses
        for loss in _LOSSES:
            poor = [layer for layer, (by_column, _) in losses.items() if by_column > loss]
            exact = [layer for layer in poor if losses[layer][1] > loss]
            if poor:
                yield Plan("int8", (*self.keep_fp32, *exact), tuple(poor), sizes)

    def _elsewhere(self, plan: Plan, work: Path) -> Floats:
        with TemporaryDirectory(dir=work) as folder:
            file = Path(folder) / self.file.name
            self.write(file, plan)
            return _run(file, self.inputs)

    def _weighed(self, sizes: Mapping[str, Floats], work: Path) -> Weighed:
        """The layers, without those that are to be left in fp32 anyway."""
        with TemporaryDirectory(dir=work) as folder:
            file = Path(folder) / self.file.name
            self.write(file, Plan("fp32", self.keep_fp32, sizes=sizes, weigh=True))
            return _weighed(file, self.inputs[:_WEIGHED_ON])

    def _too_much(self, plan: Plan, drift: Drift) -> str:
        other = "auto" if self.quantise == "int8" else "fp32"
        layers = re.sub(r"\.\d+\.", ".*.", plan.layers[-1])
        return (
            f"With --quantise {self.quantise} the {self.name} tower loses too much: its cosines "
            f"with fp32 are {drift}; {MEAN} and {LEAST} are asked for. Nothing was built. Try "
            f"--quantise {other}, or leave layers in fp32, for instance --keep-fp32 '{layers}'."
        )


@contextmanager
def step(what: str) -> Iterator[None]:
    began = monotonic()
    print(f"  {what} ... ", end="", flush=True)
    yield
    print(f"{monotonic() - began:.1f} s", flush=True)


def _briefly(plan: Plan) -> str:
    """Before it is carried out, so that one knows what takes so long."""
    exact = sum(plan.keeps(layer) for layer in plan.in_blocks)
    told = [str(plan.precision)]
    if len(plan.in_blocks) > exact:
        told.append(f"{len(plan.in_blocks) - exact} by block")
    if exact:
        told.append(f"{exact} in fp32")
    return ", ".join(told)


def _run(file: Path, inputs: Inputs) -> Floats:
    tower = Tower(file, cpus())
    return np.stack([tower(values) for values in inputs])


def _weighed(file: Path, inputs: Inputs) -> Weighed:
    """What a graph that weighs tells of its layers; of all that it tells of one the largest."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = cpus()
    session = ort.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()][1:]
    (takes,) = session.get_inputs()
    told: dict[str, dict[str, Floats]] = {"size": {}, "int8": {}, "block8": {}}
    for values in inputs if names else ():
        for name, numbers in zip(names, session.run(names, {takes.name: values}), strict=True):
            layer, what, _ = name.split("/")
            told[what][layer] = np.maximum(told[what].get(layer, numbers), numbers)
    losses = {
        layer: (float(by_column), float(told["block8"][layer]))
        for layer, by_column in told["int8"].items()
    }
    return Weighed(told["size"], losses)


def _drift(vectors: Floats, exact: Floats) -> Drift:
    cosines = (vectors * exact).sum(axis=1)
    return Drift(round(float(cosines.mean()), 5), round(float(cosines.min()), 5))
