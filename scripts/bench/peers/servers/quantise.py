"""onnxruntime's dynamic quantisation with its defaults: `quantise FP32.onnx INT8.onnx`."""

from __future__ import annotations

import sys

import onnx
from onnxruntime.quantization import QuantType, quantize_dynamic

# All that it offers but Conv, for whose int8 form onnxruntime has no kernel on CPUs.
_OPERATIONS = ["MatMul", "Gather"]


def main() -> None:
    exact, quantised = sys.argv[1:]
    model = onnx.load(exact)
    # The quantiser turns the projection's weights around and then finds that its shape is not
    # the one noted here.
    del model.graph.value_info[:]
    quantize_dynamic(
        model, quantised, op_types_to_quantize=_OPERATIONS, weight_type=QuantType.QInt8
    )


if __name__ == "__main__":
    main()
