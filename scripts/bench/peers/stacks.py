"""The peers that stand ready, and how each is started: what a measurement needs to know of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scripts.bench.peers import environments
from scripts.bench.peers.places import HERE, MODEL, ROOT, Places

_SERVERS = "scripts.bench.peers.servers"
_TO_THEMSELVES = {"HF_HUB_OFFLINE": "1", "ORT_DISABLE_TELEMETRY": "1"}
"""Nobody outside is asked or told anything, which would be measured as well."""


@dataclass(frozen=True)
class Stack:
    """A server to be started with `command` in `cwd`, with `env` on top of one's own."""

    name: str
    command: tuple[str, ...]
    env: dict[str, str]
    cwd: Path


def installed(port: int, places: Places = HERE) -> list[Stack]:
    """Those whose environment is whole and whose weights are made; none before the first
    `make bench-peers`."""
    needs = {
        "transformers": places.source(MODEL),
        "fastembed": places.exported,
        "naive": places.quantised,
    }
    return [
        stack(name, f"{name}_server", {"PEER_MODEL": str(folder)}, port, places)
        for name, folder in needs.items()
        if environments.finished(name, places) and folder.is_dir()
    ]


def weights(places: Places = HERE) -> Path:
    """The random ViT-B/32, as Hugging Face lays one out; ours is built from it too."""
    return places.source(MODEL)


def stack(peer: str, server: str, env: dict[str, str], port: int, places: Places) -> Stack:
    """A module of `servers` under uvicorn, in the environment of the peer."""
    run = (str(places.python(peer)), "-m", "uvicorn", f"{_SERVERS}.{server}:app")
    where = ("--host", "127.0.0.1", "--port", str(port), "--log-level", "warning")
    return Stack(peer, run + where, _TO_THEMSELVES | env, ROOT)
