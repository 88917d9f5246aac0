"""Do /embed and /embed-image agree with transformers? Two servers on the same random weights, ours
built as anybody would build it, asked the same over HTTP."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import httpx
import numpy as np
import numpy.typing as npt

from scripts.bench.peers import environments, make, sources, trial
from scripts.bench.peers.places import MODEL, ROOT, Places
from scripts.bench.peers.running import StepFailed
from scripts.bench.peers.shapes import MULTILINGUAL
from scripts.bench.peers.stacks import Stack, stack
from scripts.bench.peers.started import started
from scripts.progress import Bar

LEAST = 0.995
"""The cosine that any vector of ours must have with transformers'."""
_REFERENCE = "transformers"

Vectors = npt.NDArray[np.float64]
_Asked = TypeVar("_Asked", str, bytes)


def agree(shape: str, places: Places) -> int:
    """The exit status: 1 when a vector is farther from transformers' than that."""
    with make.alone(places):
        environments.make(_REFERENCE, places)
        sources.make(shape, places)
        make.ours(shape, places)
    with (
        tempfile.TemporaryDirectory(prefix="likeness-agree-") as data,
        started(partial(_reference, shape, places)) as theirs,
        started(partial(_ours, shape, places, Path(data))) as ours,
    ):
        servers = (ours, theirs)
        words = compare(f"{shape}: texts", trial.texts(shape), _embed_text, servers)
        seen = compare(f"{shape}: photos", list(trial.photos()), _embed_photo, servers)
    if min(words, seen) >= LEAST:
        return 0
    print(f"{shape} does not agree with transformers: {LEAST} is asked for", file=sys.stderr)
    return 1


def _reference(shape: str, places: Places, port: int) -> Stack:
    source = str(places.source(shape))
    if shape != MULTILINGUAL:
        return stack(_REFERENCE, "transformers_server", {"PEER_MODEL": source}, port, places)
    env = {"PEER_MODEL": str(places.source(MODEL)), "PEER_TEXT": source}
    return stack(_REFERENCE, "multilingual_server", env, port, places)


def _ours(shape: str, places: Places, data: Path, port: int) -> Stack:
    env = {"MODEL": shape, "MODEL_DIR": str(places.models), "DATA_DIR": str(data)}
    return Stack(
        name="likeness",
        command=(sys.executable, "-m", "handlers.server"),
        env={**env, "PORT": str(port), "HOST": "127.0.0.1"},
        cwd=ROOT,
    )


def compare(
    title: str,
    asked: Sequence[_Asked],
    embed: Callable[[httpx.Client, _Asked], list[float]],
    servers: tuple[httpx.Client, httpx.Client],
) -> float:
    """The least cosine between the two answers to the same question."""
    answers: list[list[list[float]]] = []
    with Bar(title) as bar:
        for number, one in enumerate(asked, start=1):
            answers.append([embed(server, one) for server in servers])
            bar.show(number, len(asked))
    ours, theirs = (np.array(vectors) for vectors in zip(*answers, strict=True))
    cosines = (ours * theirs).sum(axis=1)
    print(
        f"{title}: cosine with transformers {cosines.mean():.5f} on average, {cosines.min():.5f} "
        f"at the least; two different ones have {_between(theirs):.2f}",
        flush=True,
    )
    return float(cosines.min())


def _between(vectors: Vectors) -> float:
    """The mean cosine of different vectors: near 1, agreement would say little."""
    every = vectors @ vectors.T
    return float(every[~np.eye(len(vectors), dtype=bool)].mean())


def _embed_text(server: httpx.Client, text: str) -> list[float]:
    return _embedding(server.post("/embed", json={"text": text}))


def _embed_photo(server: httpx.Client, photo: bytes) -> list[float]:
    return _embedding(server.post("/embed-image", files={"file": ("photo.jpg", photo)}))


def _embedding(response: httpx.Response) -> list[float]:
    if response.status_code != httpx.codes.OK:
        raise StepFailed(f"{response.url} answers {response.status_code}: {response.text[:500]}")
    embedding: list[float] = response.json()["embedding"]
    return embedding
