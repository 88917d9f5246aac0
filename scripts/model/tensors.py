"""Weights in the safetensors format, read where they lie: a tensor is in memory while it is used.

The format is a length, a JSON table of names, kinds, shapes and places, and then the numbers
(https://github.com/huggingface/safetensors#format).
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from core.errors import ModelRefused

Floats = npt.NDArray[np.float32]

WHOLE = "model.safetensors"
SHARDS = "model.safetensors.index.json"
_PICKLED = "pytorch_model.bin"
_LONGEST_HEADER = 100_000_000
_BFLOAT = "BF16"
_KINDS = {"F64": np.float64, "F32": np.float32, "F16": np.float16, _BFLOAT: np.uint16}
_Whole = Annotated[int, Meta(ge=0)]


class _Entry(msgspec.Struct):
    dtype: str
    shape: list[_Whole]
    data_offsets: tuple[_Whole, _Whole]


class _Index(msgspec.Struct):
    weight_map: dict[str, str]


class _Place(NamedTuple):
    file: Path
    entry: _Entry
    start: int


class Tensors:
    """What a folder's weights are called and where they are; `read` gets one."""

    def __init__(self, folder: Path) -> None:
        self.files = _files(folder)
        self._told = self.files[0] if len(self.files) == 1 else folder / SHARDS
        self._places = {name: place for file in self.files for name, place in _table(file)}

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def read(self, name: str, *shape: int) -> Floats:
        """The tensor in float32; it must have the shape that config.json makes us expect."""
        if name not in self._places:
            raise ModelRefused(
                f"{self._told} has no tensor {name}: it is not the kind of model that "
                "config.json says, or not all of it."
            )
        file, entry, start = self._places[name]
        if tuple(entry.shape) != shape:
            raise ModelRefused(
                f"{file}: the tensor {name} has the shape {entry.shape}, "
                f"but by config.json it must be {list(shape)}."
            )
        if entry.dtype not in _KINDS:
            raise ModelRefused(
                f"{file}: the tensor {name} has numbers of the kind {entry.dtype}; "
                f"{', '.join(sorted(_KINDS))} can be read."
            )
        stored = np.memmap(file, _KINDS[entry.dtype], "r", start, shape)
        values = _widened(stored) if entry.dtype == _BFLOAT else stored.astype(np.float32)
        if not np.isfinite(values).all():
            raise ModelRefused(f"{file}: the tensor {name} has numbers that are not finite.")
        return values


def _widened(stored: npt.NDArray[np.uint16]) -> Floats:
    """bfloat16 is the upper half of a float32."""
    return (stored.astype(np.uint32) << 16).view(np.float32)


def _files(folder: Path) -> list[Path]:
    if (folder / WHOLE).is_file():
        return [folder / WHOLE]
    index = folder / SHARDS
    if not index.is_file():
        raise ModelRefused(f"{folder / WHOLE} is missing{_hint(folder)}.")
    try:
        names = msgspec.json.decode(index.read_bytes(), type=_Index).weight_map.values()
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ModelRefused(f"{index} is no index of shards ({error}).") from error
    files = [folder / name for name in sorted(set(names))]
    for file in files:
        if file.parent != folder or not file.is_file():
            raise ModelRefused(f"{file} is missing; {index} names it.")
    if not files:
        raise ModelRefused(f"{index} names no files.")
    return files


def _hint(folder: Path) -> str:
    if not folder.is_dir():
        return f": there is no folder {folder}"
    if (folder / _PICKLED).is_file():
        return f" ({_PICKLED} is not read: such files can run code)"
    return f", and there is no {SHARDS} either"


def _table(file: Path) -> list[tuple[str, _Place]]:
    size = file.stat().st_size
    with file.open("rb") as opened:
        length = int.from_bytes(opened.read(8), "little")
        if size < 8 or length > min(size - 8, _LONGEST_HEADER):
            raise ModelRefused(f"{file} is no safetensors file, or only the beginning of one.")
        header = opened.read(length)
    try:
        raw = msgspec.json.decode(header, type=dict[str, msgspec.Raw])
        raw.pop("__metadata__", None)
        entries = {name: msgspec.json.decode(row, type=_Entry) for name, row in raw.items()}
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ModelRefused(f"{file} is no safetensors file ({error}).") from error
    begin = 8 + length
    whole = begin + max((entry.data_offsets[1] for entry in entries.values()), default=0)
    if size < whole:
        raise ModelRefused(
            f"{file} is cut off: it has {size} of {whole} bytes. Get it again, whole."
        )
    for name, entry in entries.items():
        first, last = entry.data_offsets
        kind = _KINDS.get(entry.dtype)
        if kind and last - first != math.prod(entry.shape) * np.dtype(kind).itemsize:
            raise ModelRefused(f"{file} is damaged: the tensor {name} has not the bytes it needs.")
    return [
        (name, _Place(file, entry, begin + entry.data_offsets[0]))
        for name, entry in entries.items()
    ]
