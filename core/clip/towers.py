"""One tower: a graph in onnxruntime that turns pixels or token ids into a unit vector."""

from __future__ import annotations

import logging
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from core.clip.manifest import Manifest, read_manifest, verify
from core.clip.runtime import ort
from core.errors import ModelRefused, ModelUnavailable
from core.product import Vector

log = logging.getLogger(__name__)

_SPIN_MICROSECONDS = "50"
_NUMPY_OF = {"tensor(uint8)": np.uint8, "tensor(int32)": np.int32, "tensor(int64)": np.int64}


class Tower:
    """May be called from several threads at once."""

    def __init__(self, file: Path, threads: int) -> None:
        self.file = file
        self.threads = threads
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Threads wait for their part of the next product by spinning, for about as long as it takes
        # to be put to sleep and woken, and never beyond the end of a run. Asleep at once, they made
        # words a third slower; spinning on, one photo in twenty took 20x longer on busy cores.
        options.add_session_config_entry("session.intra_op.spin_duration_us", _SPIN_MICROSECONDS)
        options.add_session_config_entry("session.force_spinning_stop", "1")
        # The graphs were optimised when the model was made; doing it again costs a slower start.
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
        try:
            self._session = ort.InferenceSession(
                file, sess_options=options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime's exceptions share no base of their own
            raise ModelRefused(
                f"{file} is no ONNX model that onnxruntime {ort.__version__} can load: "
                "get the model again, in the version made for this release."
            ) from error
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        one_each = len(inputs) == len(outputs) == 1
        if not one_each or inputs[0].type not in _NUMPY_OF or len(outputs[0].shape) != 2:
            raise ModelRefused(
                f"{file} is no tower, which takes pixels or ids and gives a vector: "
                "get the model again."
            )
        self._input = inputs[0].name
        self._kind = _NUMPY_OF[inputs[0].type]
        self.takes: list[Any] = inputs[0].shape
        self.gives: list[Any] = outputs[0].shape

    def __call__(self, values: npt.NDArray[Any]) -> Vector:
        """The unit vector of the one photo or text in `values` ([1, ...])."""
        # One a run: in a batch, what int8 rounds away would depend on a vector's batch-mates.
        feed = {self._input: np.ascontiguousarray(values, self._kind)}
        try:
            (vectors,) = self._session.run(None, feed)
        except Exception as error:  # as above
            log.exception("%s does not work", self.file)
            raise ModelUnavailable("The model does not work at the moment.") from error
        vector: Vector = vectors[0]
        return vector


class LateTower:
    """A tower on one thread, loaded when it is first needed. May be called from several at once."""

    threads = 1

    def __init__(self, file: Path, manifest: Manifest) -> None:
        self.file = file
        self._manifest = manifest
        self._lock = Lock()
        self._tower: Tower | None = None

    def __call__(self, values: npt.NDArray[Any]) -> Vector:
        with self._lock:
            if self._tower is None:
                self._tower = self._loaded()
        return self._tower(values)

    def _loaded(self) -> Tower:
        folder, name = self.file.parent, self._manifest.name
        try:
            # Long after the start, another model may lie there, whose vectors mean something else.
            if read_manifest(folder, name) != self._manifest:
                raise ModelRefused(f"{folder} has another model than at the start: start again.")
            verify(folder, self._manifest)
            return Tower(self.file, self.threads)
        except ModelRefused as error:
            log.error("%s: %s", error.code, error.detail)
            raise ModelUnavailable("The model can't be loaded to index with it.") from error
