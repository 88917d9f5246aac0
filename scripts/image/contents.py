"""What of the pinned requirements goes into the image, and what stays out."""

from __future__ import annotations

import os
import re

EMBEDDED = {"qdrant-edge-py": "qdrant_edge", "watchfiles": "watchfiles"}
"""The engine in the process and the watch of a folder, with the modules they are: asked for by
EMBEDDED=1. A cloud has a managed Qdrant and a bucket."""

LEFT_OUT = (
    # tokenizers asks for these to download tokenizers; ours are files beside the weights.
    *("huggingface-hub", "filelock", "fsspec", "hf-xet", "httpx2", "httpcore2", "pyyaml", "tqdm"),
    "truststore",
    # onnxruntime asks for these to make and convert models; ours are made elsewhere.
    *("flatbuffers", "packaging", "protobuf"),
    # uvicorn asks for it to read HTTP, which httptools does.
    "h11",
)
"""Packages that others ask for and no door imports."""

PRUNED = (
    "**/tests",
    "**/*.pyi",
    "**/*.px[di]",
    "**/*.pyx",
    "drf_spectacular_sidecar/**/*.map",
    "drf_spectacular_sidecar/**/oauth2-redirect.*",
    "drf_spectacular_sidecar/**/swagger-ui-standalone-preset.js",
    "numpy/distutils",
    "numpy/f2py",
    # A second copy of the runtime, for programs written in C; Python has it in its own module.
    "onnxruntime/capi/libonnxruntime.so*",
    "onnxruntime/backend",
    "onnxruntime/datasets",
    "onnxruntime/quantization",
    "onnxruntime/tools",
    "onnxruntime/transformers",
)
"""Files that are for people at work on code, as patterns below the folder of packages."""

SERVICES = ("dynamodb", "s3", "secretsmanager", "sqs", "ssm", "sts")
"""The services of AWS that are spoken to. botocore describes some four hundred."""

DOORS = ("core", "handlers")
"""Our own code."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def asked_for_embedded() -> bool:
    return os.environ.get("EMBEDDED", "") not in ("", "0")


def chosen(requirements: str, embedded: bool) -> str:
    """The requirements of the image, each with its hashes, in the words of the lock."""
    out = set(LEFT_OUT) | (set() if embedded else set(EMBEDDED))
    kept, keep = [], True
    for line in requirements.splitlines():
        if name := _NAME.match(line):
            keep = name[0] not in out
        if keep:
            kept.append(line)
    return "\n".join(kept) + "\n"
